"""A moving average of the weights: what is validated, kept and shipped.

The optimizer keeps it, on every backend and inside its compiled step: Keras'
`use_ema`. (Polyak and Juditsky, "Acceleration of Stochastic Approximation by
Averaging", 1992.)
"""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from mnistcnn.backends import keras


class AveragingAdam(keras.optimizers.Adam):
    """Adam that leaves the weights as they are when `fit` ends.

    `fit` is called for one epoch at a time, and Keras' own would begin the
    next one from the average.
    """

    def finalize_variable_values(self, var_list: Any) -> None:
        """Does nothing."""


def make_adam(rate: Any, average: float) -> "keras.optimizers.Adam":
    """Keras' Adam, with a moving average of the weights where one is asked for.

    Args:
        rate: the learning rate, or a schedule.
        average: how much of the average stays at each step, 0 to below 1;
            0 for none.
    """
    if not average:
        return keras.optimizers.Adam(rate)
    return AveragingAdam(rate, use_ema=True, ema_momentum=average)


def swap_average(model: "keras.Model") -> None:
    """Exchanges the weights and their average; does nothing without one.

    Args:
        model: compiled by an optimizer of `make_adam`, which is built.

    Example:
        >>> from mnistcnn import TrainConfig, build_model
        >>> from mnistcnn.training.fitting import compile_model
        >>> model = build_model()
        >>> compile_model(model, TrainConfig(ema_momentum=0.9), num_images=100)
        >>> swap_average(model)  # of no step yet: all 0
        >>> float(abs(model.get_weights()[0]).max())
        0.0
    """
    optimizer = model.optimizer
    if not optimizer.use_ema:
        return
    averages = optimizer._model_variables_moving_average
    for weight, average in zip(
        model.trainable_variables, averages, strict=True
    ):
        # A copy: on two backends the arrays share the variables' memory.
        kept = np.array(keras.ops.convert_to_numpy(weight.value))
        weight.assign(average.value)
        average.assign(kept)


@contextlib.contextmanager
def averaged(model: "keras.Model") -> Iterator[None]:
    """Within it the model has the average for its weights.

    Args:
        model: as for `swap_average`.
    """
    swap_average(model)
    try:
        yield
    finally:
        swap_average(model)
