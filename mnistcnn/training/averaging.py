"""A moving average of the weights: what is validated, kept and shipped.

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
    """Keras' Adam, with a moving average of the weights where one is asked for.

    Args:
        rate: the learning rate, or a schedule.
        average: how much of the average stays at each step, 0 to below 1;
            0 for none.

    Returns:
        It, always of one name: TensorFlow keeps 35 KiB for each new name of a
        variable.
    """
    if not average:
        return keras.optimizers.Adam(rate, name="adam")
    adam: Any = keras.optimizers.Adam(
        rate, use_ema=True, ema_momentum=average, name="adam"
    )
    # `fit` is called for one epoch at a time, and Keras would begin the next
    # one from the average. Of the object and not of a class of our own, which
    # nobody could load who opens what Keras' ModelCheckpoint wrote.
    adam.finalize_variable_values = lambda var_list: None
    return adam


def take_average(model: "keras.Model") -> None:
    """Puts the average in the weights' place; does nothing without one.

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
    """Within it the model has the average for its weights.

    What a callback makes of them there, as early stopping does, is the
    average from then on.

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
    """Each weight with its average; none where none is kept."""
    optimizer: Any = model.optimizer
    if not optimizer.use_ema:
        return []
    averages = optimizer._model_variables_moving_average
    return list(zip(optimizer._trainable_variables, averages, strict=True))


def _copy(variable: Any) -> npt.NDArray[Any]:
    # On two backends the array shares the variable's memory, and JAX' steps
    # take over the memory that they are given.
    return np.array(keras.ops.convert_to_numpy(variable.value))
