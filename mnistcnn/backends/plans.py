"""Plans: an epoch's computation for a model, backend-free.

A plan is a short list of operations, with two exact rewrites that Keras does
not make:

- *Crop.* A pooling that leaves a row or column over never looks at it; so
  the convolution before it need not compute it, nor read the pixels under
  it. For the two 3x3 convolutions and 2x2 poolings on 28x28 pixels that is
  17 % of all multiplications.
- *Pool first.* Where the activation never decreases, the maximum of
  activated values is the activated maximum: a quarter of the biases and
  activations are left for a 2x2 pooling.

Outputs and gradients equal those of the original layers, up to rounding.
"""

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

# Monotone, so that they commute with a maximum.
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
        crop: `(rows, columns)` of the input that are used.
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
    """Zeroes a share `rate` of the values and scales up the others.

    Args:
        rate: from 0 to below 1.
        values: number of values per image at this operation.
    """

    rate: float
    values: int = 0


@dataclasses.dataclass(frozen=True)
class Dense:
    """`x @ kernel + bias`, activated; the last one gives logits."""

    kernel: int
    bias: int
    activation: str


Operation = Scale | Convolve | Flatten | Dropout | Dense


@dataclasses.dataclass(frozen=True)
class Plan:
    """A step's computation: operations from raw pixels to logits.

    Args:
        operations: in order.
        precision: `"float32"`, or `"bfloat16"` for the convolution blocks;
            weights, gradients, dense layers and loss are float32 in both.
        shares: index of a kernel that probabilities are multiplied by, which
            spreads a rejection class; for inference, not for training.
    """

    operations: tuple[Operation, ...]
    precision: str = "float32"
    shares: int | None = None

    @property
    def exact(self) -> "Plan":
        """Makes the same plan in float32, as an artifact computes."""
        return dataclasses.replace(self, precision="float32")


def list_weights(model: "keras.Model") -> list[Any]:
    """Lists the variables that a plan's indices refer to, frozen or not."""
    return [weight for layer in model.layers for weight in layer.weights]
