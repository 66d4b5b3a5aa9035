"""PyTorch: Keras' optimizers by few kernels, without host syncs."""

import contextlib
import functools
import math
from collections.abc import Callable, Iterator
from typing import Any, cast

import keras
import numpy as np
import torch
from torch.overrides import TorchFunctionMode

# A step at which Adam's bias corrections are 1: the rate includes them already.
_FAR = 1e9


def apply_on_device(
    optimizer: Any, gradients: list[torch.Tensor], variables: list[Any]
) -> None:
    """Applies gradients like the optimizer, entirely on its device.

    Keras takes each number of a formula from the host, which makes a GPU wait
    and prevents recording by a CUDA graph; and in a schedule it asks the device
    whether the warm-up is over. On a CPU a step of Adam is one kernel.

    Args:
        optimizer: Keras', built.
        gradients: of the variables.
        variables: that the optimizer was built for.
    """
    on_cpu = gradients[0].device.type == "cpu"
    with fused(optimizer) if on_cpu else numbers_on_device(optimizer):
        optimizer.apply(gradients, variables)


@contextlib.contextmanager
def fused(optimizer: Any) -> Iterator[None]:
    """Makes Keras' Adam, on a CPU, update all variables by one kernel.

    Keras uses seven for each, and as many more for a schedule's formula: 0.32
    and 0.62 ms, instead of 0.13 and 0.20 (benchmarks/README.md).

    Args:
        optimizer: Keras', built; others than Adam are unchanged.
    """
    methods = _fix_rate(optimizer)
    adam = getattr(type(optimizer), _UPDATE, None) is _find_adam()
    if adam and not optimizer.amsgrad:
        methods[_UPDATE] = functools.partial(_update_by_adam, optimizer)
    with _replacing(optimizer, methods):
        yield


@contextlib.contextmanager
def numbers_on_device(optimizer: Any) -> Iterator[None]:
    """Context manager in which an optimizer takes no number from the host.

    Args:
        optimizer: Keras', built.
    """
    with _NumbersOnDevice(), _replacing(optimizer, _fix_rate(optimizer)):
        yield


class _NumbersOnDevice(TorchFunctionMode):
    """Makes the device fill in numbers instead of copying them."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func in (torch.as_tensor, torch.tensor) and isinstance(
            args[0], (bool, int, float)
        ):
            return torch.full((), args[0], **kwargs)
        return func(*args, **kwargs)


def is_on_device(optimizer: Any) -> bool:
    """Whether everything that a step depends on is in the device's memory.

    A user's function for the learning rate is not.
    """
    rate = optimizer._learning_rate
    return isinstance(rate, keras.Variable) or _is_known(rate)


@contextlib.contextmanager
def _replacing(
    optimizer: Any, methods: dict[str, Callable[..., Any]]
) -> Iterator[None]:
    for name, method in methods.items():
        setattr(optimizer, name, method)
    try:
        yield
    finally:
        for name in methods:
            delattr(optimizer, name)


_UPDATE = "_parallel_update_step"  # Keras' update of all variables at once


@functools.cache
def _find_adam() -> Callable[..., Any]:
    # Named, so that it does not use up one of Keras' counted names.
    return getattr(type(keras.optimizers.Adam(name="adam")), _UPDATE)


def _update_by_adam(optimizer: Any, gradients, variables, rate) -> None:
    """Updates as Keras: corrections in float32, epsilon outside of them."""
    step = np.float32(int(optimizer.iterations) + 1)
    betas = optimizer.beta_1, optimizer.beta_2
    first, second = (1 - np.float32(beta) ** step for beta in betas)
    at = [optimizer._get_variable_index(variable) for variable in variables]
    native: Any = torch  # what `torch.optim` calls, and does not export
    native._fused_adam_(
        [variable.value for variable in variables],
        gradients,
        [optimizer._momentums[index].value for index in at],
        [optimizer._velocities[index].value for index in at],
        [],
        [torch.tensor(_FAR)] * len(at),
        lr=float(np.float32(float(rate)) * np.sqrt(second) / first),
        beta1=betas[0],
        beta2=betas[1],
        weight_decay=0.0,
        eps=optimizer.epsilon,
        amsgrad=False,
        maximize=False,
    )


def _is_known(rate: Any) -> bool:
    known = type(rate) is keras.optimizers.schedules.CosineDecay
    return known and rate.warmup_target is not None


def _fix_rate(optimizer: Any) -> dict[str, Callable[..., Any]]:
    """Replaces the rate of a `CosineDecay` with warm-up; {} for others."""
    schedule = optimizer._learning_rate
    if not _is_known(schedule):
        return {}
    step = cast(torch.Tensor, optimizer._iterations.value).float()
    warmup, low = schedule.warmup_steps, schedule.initial_learning_rate
    high, floor = schedule.warmup_target, schedule.alpha
    rising = low + (high - low) * step / max(warmup, 1)
    part = ((step - warmup) / schedule.decay_steps).clamp(max=1)
    wave = 0.5 * (1 + torch.cos(math.pi * part))
    falling = high * ((1 - floor) * wave + floor)
    rate = torch.where(step < warmup, rising, falling)
    return {"_get_current_learning_rate": lambda: rate}
