"""The plan of a model's training, read from its layers, backend-free.

A plan is what an epoch computes, as a short list of operations, with two
exact rewrites that Keras does not make:

- *Crop.* A pooling that leaves a row or column over never looks at it; so
  the convolution before it need not compute it, nor read the pixels under
  it. For the two 3x3 convolutions and 2x2 poolings on 28x28 pixels that is
  17 % of all multiplications.
- *Pool first.* Where the activation never decreases, the maximum of
  activated values is the activated maximum: a quarter of the biases and
  activations are left for a 2x2 pooling.

Outputs and gradients are those of the layers as they stand, up to rounding.
"""

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mnistcnn.errors import PlanError

if TYPE_CHECKING:
    import keras

# Never decreasing, so that they commute with a maximum.
MONOTONE = ("linear", "relu", "sigmoid", "tanh")


@dataclasses.dataclass(frozen=True)
class Scale:
    """`x * scale + offset`."""

    scale: float
    offset: float


@dataclasses.dataclass(frozen=True)
class Convolve:
    """Crop, convolve (valid, stride 1), pool by maximum, add, activate.

    Args:
        crop: `(rows, columns)` of the input that matter.
        kernel: index of the `(k, k, in, out)` kernel in `list_weights`.
        bias: index of the `(out,)` bias.
        size: k.
        pool: the pooling's window and stride; 1 for none.
        activation: the name of a function in `MONOTONE`.
    """

    crop: tuple[int, int]
    kernel: int
    bias: int
    size: int
    pool: int
    activation: str


@dataclasses.dataclass(frozen=True)
class Flatten:
    """Rows, columns and channels to one axis, in that order."""


@dataclasses.dataclass(frozen=True)
class Dropout:
    """Zeroes a part `rate` of the values and scales up the others."""

    rate: float


@dataclasses.dataclass(frozen=True)
class Dense:
    """`x @ kernel + bias`, activated; the last one gives logits."""

    kernel: int
    bias: int
    activation: str


Operation = Scale | Convolve | Flatten | Dropout | Dense


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a step computes: operations from raw pixels to logits.

    Args:
        operations: in order.
        precision: `"float32"`, or `"bfloat16"` for the convolution blocks;
            weights, gradients, dense layers and loss are float32 in both.
    """

    operations: tuple[Operation, ...]
    precision: str = "float32"

    @property
    def exact(self) -> "Plan":
        """Makes the same plan in float32: what an artifact computes."""
        return dataclasses.replace(self, precision="float32")


def make_plan(model: "keras.Model", *, precision: str = "float32") -> Plan:
    """Plans the training of a Keras model.

    Args:
        model: a `keras.Sequential` of Rescaling, Conv2D (square, valid,
            stride 1), MaxPooling2D (square, valid), Flatten, Dropout and
            Dense layers with biases, ending in a softmax; frozen or not.
        precision: of the convolution blocks.

    Returns:
        A `Plan`.

    Raises:
        PlanError: a layer is another; `fit` has to train this model.

    Example:
        >>> from mnistcnn import build_model
        >>> plan = make_plan(build_model())
        >>> [type(operation).__name__ for operation in plan.operations]
        ['Scale', 'Convolve', 'Convolve', 'Flatten', 'Dropout', 'Dense']
        >>> plan.operations[1].crop, plan.operations[2].crop
        ((26, 26), (12, 12))
    """
    layers: list[Any] = list(model.layers)
    operations: list[Operation] = []
    variables = iter(range(len(list_weights(model))))
    while layers:
        layer = layers.pop(0)
        kind = type(layer).__name__
        if kind == "Rescaling":
            operations.append(Scale(float(layer.scale), float(layer.offset)))
        elif kind == "Conv2D":
            pool = 1
            if layers and type(layers[0]).__name__ == "MaxPooling2D":
                pool = _read_pool(layers.pop(0))
            operations.append(_read_conv(layer, pool, variables))
        elif kind == "Flatten":
            operations.append(Flatten())
        elif kind == "Dropout":
            operations.append(Dropout(float(layer.rate)))
        elif kind == "Dense":
            operations.append(_read_dense(layer, variables, not layers))
        else:
            raise PlanError(f"it knows no {kind} ({layer.name!r})")
    if not operations or not isinstance(operations[-1], Dense):
        raise PlanError("the model does not end in a Dense layer")
    cropped = _crop(operations, tuple(model.input_shape[1:]))
    return Plan(cropped, precision)


def list_weights(model: "keras.Model") -> list[Any]:
    """Lists the variables that a plan's indices are of, frozen or not."""
    return [weight for layer in model.layers for weight in layer.weights]


def find_plan(model: "keras.Model") -> Plan | None:
    """Plans a model, or returns `None` where it has another kind of layer."""
    try:
        return make_plan(model)
    except PlanError:
        return None


def _read_conv(layer: Any, pool: int, variables: Iterator[int]) -> Convolve:
    height, width = layer.kernel_size
    activation = layer.activation.__name__
    found = (layer.padding, layer.strides, layer.dilation_rate, layer.groups)
    plain = found == ("valid", (1, 1), (1, 1), 1) and height == width
    exact = layer.use_bias and layer.dtype_policy.name == "float32"
    if not (plain and exact and activation in MONOTONE):
        raise PlanError(f"Conv2D {layer.name!r} is not a plain one")
    kernel, bias = next(variables), next(variables)
    return Convolve((0, 0), kernel, bias, height, pool, activation)


def _read_pool(layer: Any) -> int:
    height, width = layer.pool_size
    if height != width or layer.padding != "valid":
        raise PlanError(f"MaxPooling2D {layer.name!r} is not a plain one")
    if tuple(layer.strides) != (height, width):
        raise PlanError(f"MaxPooling2D {layer.name!r} has windows that overlap")
    return height


def _read_dense(layer: Any, variables: Iterator[int], last: bool) -> Dense:
    activation = layer.activation.__name__
    allowed = ("softmax",) if last else MONOTONE
    if not layer.use_bias or activation not in allowed:
        raise PlanError(
            f"Dense {layer.name!r} has no bias, or is activated by {activation}"
        )
    return Dense(next(variables), next(variables), activation)


def _crop(
    operations: list[Operation], shape: tuple[int, ...]
) -> tuple[Operation, ...]:
    """Fills in how much of its input each convolution has to read."""
    rows, columns = shape[:2]
    for operation in operations:
        if isinstance(operation, Convolve):
            rows = (rows - operation.size + 1) // operation.pool
            columns = (columns - operation.size + 1) // operation.pool
    # From the last convolution to the first: what the next one reads is all
    # that this one has to make.
    cropped: list[Operation] = []
    for operation in reversed(operations):
        if isinstance(operation, Convolve):
            rows = rows * operation.pool + operation.size - 1
            columns = columns * operation.pool + operation.size - 1
            operation = dataclasses.replace(operation, crop=(rows, columns))
        cropped.append(operation)
    return tuple(reversed(cropped))
