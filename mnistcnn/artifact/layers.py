"""A network as data: the layers that a file may contain, and their shapes.

The shapes of a layer's output and weights are inferred from its options and its
input's shape, before Keras or a framework is imported.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

NUMBER = (int, float)
ACTIVATIONS = ("linear", "relu", "gelu", "silu", "elu", "tanh", "softmax")


Shape = tuple[int, ...]
Options = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class LayerSpec:
    """One layer, checked.

    Args:
        kind: the class's name in `keras.layers`.
        name: the layer's name.
        options: the arguments that matter, plain values.
        output_shape: without the batch.
        weight_shapes: in the order in which Keras keeps them.
    """

    kind: str
    name: str
    options: Options
    output_shape: Shape
    weight_shapes: tuple[Shape, ...]

    @property
    def parameters(self) -> int:
        """Counts the layer's parameters."""
        return sum(math.prod(shape) for shape in self.weight_shapes)

    @property
    def multiplications(self) -> int:
        """Counts multiplications for one image: a window for each output."""
        window = self.options.get("pool_size", ())
        if self.weight_shapes:
            window = self.weight_shapes[0][:-1]
        return math.prod(window) * math.prod(self.output_shape)


@dataclasses.dataclass(frozen=True)
class LayerRule:
    """The allowed options of a class of layers, and its shape inference.

    Args:
        checks: for each option that we use, whether a value is allowed.
        infer: `(options, input_shape)` to `(output_shape, weight_shapes)`.
        rank: the input's number of dimensions without the batch, or `None`
            for any.
    """

    checks: dict[str, Callable[[Any], bool]]
    infer: Callable[[Options, Shape], tuple[Shape, Sequence[Shape]]]
    rank: int | None = None


# === Layers ===


def _whole(low: int, high: float) -> Callable[[Any], bool]:
    return lambda v: type(v) is int and low <= v <= high


# Upper limits are checked by the budget, not here.
_COUNT = _whole(1, math.inf)


def _pair_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, list) and len(v) == 2 and all(map(check, v))


_pair = _pair_of(_whole(1, 28))
# Rows above and below, columns left and right.
_margins = _pair_of(_pair_of(_whole(0, 28)))


def _number(low: float, high: float) -> Callable[[Any], bool]:
    return lambda v: type(v) in NUMBER and low <= v <= high


def _one_of(*values: str) -> Callable[[Any], bool]:
    return lambda v: type(v) is str and v in values


def _flag(v: Any) -> bool:
    return type(v) is bool


_PADDING = _one_of("valid", "same")
_ACTIVATION = _one_of(*ACTIVATIONS)


def _slide(
    shape: Shape, window: Shape, options: Options, channels: int
) -> Shape:
    sizes: list[int] = []
    for size, width, stride in zip(
        shape[:2], window, options["strides"], strict=True
    ):
        if options["padding"] == "valid":
            size = size - width + 1
        sizes.append(-(-size // stride))
    return (*sizes, channels)


def _conv(options: Options, shape: Shape) -> tuple[Shape, list[Shape]]:
    kernel = (*options["kernel_size"], shape[-1], options["filters"])
    bias = [(options["filters"],)] if options["use_bias"] else []
    out = _slide(shape, options["kernel_size"], options, options["filters"])
    return out, [kernel, *bias]


def _pool(options: Options, shape: Shape) -> tuple[Shape, list[Shape]]:
    return _slide(shape, options["pool_size"], options, shape[-1]), []


def _dense(options: Options, shape: Shape) -> tuple[Shape, list[Shape]]:
    units = options["units"]
    bias = [(units,)] if options["use_bias"] else []
    return (*shape[:-1], units), [(shape[-1], units), *bias]


def _normalize(options: Options, shape: Shape) -> tuple[Shape, list[Shape]]:
    count = 2 + options["center"] + options["scale"]
    return shape, [(shape[-1],)] * count


def _same(options: Options, shape: Shape) -> tuple[Shape, list[Shape]]:
    return shape, []


def _pad(options: Options, shape: Shape) -> tuple[Shape, list[Shape]]:
    (top, bottom), (left, right) = options["padding"]
    height, width, channels = shape
    return (height + top + bottom, width + left + right, channels), []


def _across(options: Options, shape: Shape) -> tuple[Shape, list[Shape]]:
    return shape[-1:], []


def _flatten(options: Options, shape: Shape) -> tuple[Shape, list[Shape]]:
    return (math.prod(shape),), []


_POOLING = {"pool_size": _pair, "strides": _pair, "padding": _PADDING}
LAYERS: dict[str, LayerRule] = {
    "Rescaling": LayerRule(
        {"scale": _number(-1e6, 1e6), "offset": _number(-1e6, 1e6)}, _same
    ),
    "Conv2D": LayerRule(
        {
            "filters": _COUNT,
            "kernel_size": _pair,
            "strides": _pair,
            "padding": _PADDING,
            "activation": _ACTIVATION,
            "use_bias": _flag,
        },
        _conv,
        3,
    ),
    "MaxPooling2D": LayerRule(_POOLING, _pool, 3),
    "AveragePooling2D": LayerRule(_POOLING, _pool, 3),
    "GlobalAveragePooling2D": LayerRule({}, _across, 3),
    "GlobalMaxPooling2D": LayerRule({}, _across, 3),
    "ZeroPadding2D": LayerRule({"padding": _margins}, _pad, 3),
    "BatchNormalization": LayerRule(
        {
            "axis": lambda v: type(v) is int and v in (-1, 3),
            "momentum": _number(0, 1),
            "epsilon": _number(0, 1),
            "center": _flag,
            "scale": _flag,
        },
        _normalize,
        3,
    ),
    "Activation": LayerRule({"activation": _ACTIVATION}, _same),
    "Flatten": LayerRule({}, _flatten),
    "Dropout": LayerRule({"rate": _number(0, 0.999)}, _same),
    "Dense": LayerRule(
        {
            "units": _COUNT,
            "activation": _ACTIVATION,
            "use_bias": _flag,
        },
        _dense,
        1,
    ),
}
