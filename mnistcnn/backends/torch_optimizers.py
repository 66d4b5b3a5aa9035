"""PyTorch: Keras' optimizers without a word from the host."""

import contextlib
import math
from collections.abc import Iterator
from typing import Any, cast

import keras
import torch
from torch.overrides import TorchFunctionMode


def apply_on_device(
    optimizer: Any, gradients: list[torch.Tensor], variables: list[Any]
) -> None:
    """Applies gradients as the optimizer does, all on its device.

    Keras takes each number of a formula from the host, which a GPU waits for
    and a CUDA graph cannot record; and asks the device, in a schedule,
    whether the warm-up is over.

    Args:
        optimizer: Keras', built.
        gradients: of the variables.
        variables: those that it was built for.
    """
    if gradients[0].device.type == "cpu":
        # There a number costs nothing, and looking for numbers does.
        optimizer.apply(gradients, variables)
        return
    with numbers_on_device(optimizer):
        optimizer.apply(gradients, variables)


@contextlib.contextmanager
def numbers_on_device(optimizer: Any) -> Iterator[None]:
    """Within it an optimizer takes no number from the host.

    Args:
        optimizer: Keras', built.
    """
    with _NumbersOnDevice():
        rate = _compute_rate(optimizer)
        if rate is None:
            yield
            return
        optimizer._get_current_learning_rate = lambda: rate
        try:
            yield
        finally:
            del optimizer._get_current_learning_rate


class _NumbersOnDevice(TorchFunctionMode):
    """Has a number filled in by the device, and not copied there."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func in (torch.as_tensor, torch.tensor) and isinstance(
            args[0], (bool, int, float)
        ):
            return torch.full((), args[0], **kwargs)
        return func(*args, **kwargs)


def is_on_device(optimizer: Any) -> bool:
    """Tells whether all that decides a step is in the device's memory.

    A function of a user's, called for the learning rate, is not.
    """
    rate = optimizer._learning_rate
    return isinstance(rate, keras.Variable) or _is_known(rate)


def _is_known(rate: Any) -> bool:
    known = type(rate) is keras.optimizers.schedules.CosineDecay
    return known and rate.warmup_target is not None


def _compute_rate(optimizer: Any) -> torch.Tensor | None:
    """Computes the rate of a `CosineDecay` with a warm-up; None of others."""
    schedule = optimizer._learning_rate
    if not _is_known(schedule):
        return None
    step = cast(torch.Tensor, optimizer.iterations.value).float()
    warmup, low = schedule.warmup_steps, schedule.initial_learning_rate
    high, floor = schedule.warmup_target, schedule.alpha
    rising = low + (high - low) * step / max(warmup, 1)
    part = ((step - warmup) / schedule.decay_steps).clamp(max=1)
    wave = 0.5 * (1 + torch.cos(math.pi * part))
    falling = high * ((1 - floor) * wave + floor)
    return torch.where(step < warmup, rising, falling)
