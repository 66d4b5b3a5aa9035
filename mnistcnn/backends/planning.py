"""Makes plans from a model's layers, backend-free."""

import dataclasses
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mnistcnn.backends.plans import (
    MONOTONE,
    Convolve,
    Dense,
    Dropout,
    Flatten,
    Operation,
    Plan,
    Scale,
    list_weights,
)
from mnistcnn.backends.stock import is_plain, is_stock, name_activation
from mnistcnn.errors import PlanError
from mnistcnn.units import take_number

if TYPE_CHECKING:
    import keras


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
        PlanError: a layer is not supported; `fit` has to train this model.

    Example:
        >>> from mnistcnn import build_model
        >>> plan = make_plan(build_model())
        >>> [type(operation).__name__ for operation in plan.operations]
        ['Scale', 'Convolve', 'Convolve', 'Flatten', 'Dropout', 'Dense']
        >>> plan.operations[1].crop, plan.operations[2].crop
        ((26, 26), (12, 12))
    """
    plan = _read_layers(model, precision)
    if plan.shares is not None:
        raise PlanError("there is a layer after its softmax")
    return plan


def find_plan(model: "keras.Model") -> Plan | None:
    """Plans a model for inference; `None` if that is not possible.

    Args:
        model: as of `make_plan`; after the softmax there may be one linear
            Dense layer without a bias, which spreads a rejection class.
    """
    try:
        return _read_layers(model, "float32")
    except PlanError:
        return None


def _read_layers(model: "keras.Model", precision: str) -> Plan:
    layers: list[Any] = list(model.layers)
    for part in (model, *layers):
        if not is_stock(part):
            raise PlanError(f"{type(part).__name__} is not a class of Keras'")
    for layer in layers:
        if not is_plain(layer):
            kind = f"{type(layer).__name__} {layer.name!r}"
            raise PlanError(f"{kind} is not a plain one, in float32")
    operations: list[Operation] = []
    variables = iter(range(len(list_weights(model))))
    while layers:
        layer = layers.pop(0)
        kind = type(layer).__name__
        if kind == "Rescaling":
            operations.append(_read_scale(layer))
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
            ends = not layers or name_activation(layer) == "softmax"
            operations.append(_read_dense(layer, variables, ends))
            if ends:
                break
        else:
            raise PlanError(f"the engine knows no {kind} ({layer.name!r})")
    if not operations or not isinstance(operations[-1], Dense):
        raise PlanError("the model does not end in a Dense layer")
    cropped = _crop(operations, tuple(model.input_shape[1:]))
    return Plan(
        tuple(_measure(cropped, model)),
        precision,
        _read_shares(layers, variables),
    )


def _read_scale(layer: Any) -> Scale:
    scale, offset = take_number(layer.scale), take_number(layer.offset)
    # Keras takes lists as well, of a number for each channel.
    if scale is None or offset is None:
        raise PlanError(f"Rescaling {layer.name!r} is not by single numbers")
    return Scale(float(scale), float(offset))


def _read_conv(layer: Any, pool: int, variables: Iterator[int]) -> Convolve:
    height, width = layer.kernel_size
    activation = name_activation(layer)
    found = (layer.padding, layer.strides, layer.dilation_rate, layer.groups)
    plain = found == ("valid", (1, 1), (1, 1), 1) and height == width
    if not (plain and layer.use_bias and activation in MONOTONE):
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
    activation = name_activation(layer)
    allowed = ("softmax",) if last else MONOTONE
    if not layer.use_bias or activation not in allowed:
        raise PlanError(
            f"Dense {layer.name!r} has no bias, or is activated by {activation}"
        )
    return Dense(next(variables), next(variables), activation)


def _read_shares(layers: list[Any], variables: Iterator[int]) -> int | None:
    """Reads the layer after the softmax, if any: one product."""
    if not layers:
        return None
    layer = layers[0]
    plain = len(layers) == 1 and type(layer).__name__ == "Dense"
    if not plain or layer.use_bias or name_activation(layer) != "linear":
        raise PlanError("there is more than a plain product after its softmax")
    return next(variables)


def _crop(
    operations: list[Operation], shape: tuple[int, ...]
) -> list[Operation]:
    """Fills in how much of its input each convolution has to read."""
    rows, columns = shape[:2]
    for operation in operations:
        if isinstance(operation, Convolve):
            rows = (rows - operation.size + 1) // operation.pool
            columns = (columns - operation.size + 1) // operation.pool
    # From the last convolution to the first: each has to compute only what the
    # next one reads.
    cropped: list[Operation] = []
    for operation in reversed(operations):
        if isinstance(operation, Convolve):
            rows = rows * operation.pool + operation.size - 1
            columns = columns * operation.pool + operation.size - 1
            operation = dataclasses.replace(operation, crop=(rows, columns))
        cropped.append(operation)
    return cropped[::-1]


def _measure(
    operations: list[Operation], model: "keras.Model"
) -> Iterator[Operation]:
    """Fills in the number of values per image for each dropout."""
    units = [weight.shape[-1] for weight in list_weights(model)]
    shape = tuple(model.input_shape[1:])
    for operation in operations:
        match operation:
            case Convolve():
                sides = [n - operation.size + 1 for n in operation.crop]
                sides = [n // operation.pool for n in sides]
                shape = (*sides, units[operation.kernel])
            case Dense():
                shape = (*shape[:-1], units[operation.kernel])
            case Flatten():
                shape = (math.prod(shape),)
            case Dropout():
                values = math.prod(shape)
                operation = dataclasses.replace(operation, values=values)
        yield operation
