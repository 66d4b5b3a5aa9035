"""An exponential moving average of the weights, validated and kept.

The optimizer keeps it, on every backend and inside its compiled step: Keras'
`use_ema`. (Polyak and Juditsky, "Acceleration of Stochastic Approximation by
Averaging", 1992.)
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.backends import keras


def make_adam(rate: Any, average: float) -> "keras.optimizers.Adam":
    """Makes Keras' Adam, optionally with a moving average of the weights.

    Args:
        rate: the learning rate, or a schedule.
        average: the momentum of the average, 0 to below 1; 0 for none.

    Returns:
        The optimizer, always of the same name: TensorFlow keeps 35 KiB for each
        new name of a variable.
    """
    if not average:
        return keras.optimizers.Adam(rate, name="adam")
    adam: Any = keras.optimizers.Adam(
        rate, use_ema=True, ema_momentum=average, name="adam"
    )
    # `fit` is called for one epoch at a time, and Keras would begin the next
    # one from the average. Overridden on the object, since files that Keras'
    # ModelCheckpoint writes could not be loaded with a class of our own.
    adam.finalize_variable_values = lambda var_list: None
    return adam


def take_average(model: "keras.Model") -> None:
    """Replaces the weights by their average; does nothing without one.

    Args:
        model: compiled by an optimizer of `make_adam`, which is built.

    Example:
        >>> from mnistcnn import TrainConfig, build_model
        >>> from mnistcnn.training.fitting import compile_model
        >>> model = build_model()
        >>> compile_model(model, TrainConfig(ema_momentum=0.9), num_images=100)
        >>> take_average(model)  # of no step yet: all 0
        >>> float(abs(model.get_weights()[0]).max())
        0.0
    """
    for weight, average in _pair(model):
        weight.assign(_copy(average))


@contextlib.contextmanager
def averaged(model: "keras.Model") -> Iterator[None]:
    """Context manager in which the model's weights are the average.

    Weights that a callback sets there, as early stopping does, become the
    average.

    Args:
        model: as for `take_average`.
    """
    kept = [_copy(weight) for weight, _ in _pair(model)]
    take_average(model)
    try:
        yield
    finally:
        for (weight, average), array in zip(_pair(model), kept, strict=True):
            average.assign(_copy(weight))
            weight.assign(array)


def _pair(model: "keras.Model") -> list[tuple[Any, Any]]:
    """Each weight with its average; empty if no average is kept."""
    optimizer: Any = model.optimizer
    if not optimizer.use_ema:
        return []
    averages = optimizer._model_variables_moving_average
    return list(zip(optimizer._trainable_variables, averages, strict=True))


def _copy(variable: Any) -> npt.NDArray[Any]:
    # On two backends the array shares the variable's memory, and JAX' steps
    # reuse (donate) the memory of their arguments.
    return np.array(keras.ops.convert_to_numpy(variable.value))
