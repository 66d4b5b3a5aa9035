"""Activations in NumPy; each may overwrite its argument."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


def _relu(x):
    return np.maximum(x, 0, out=x)


def _silu(x):
    return x / (1 + np.exp(-np.clip(x, -80, None)))


def _elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def _gelu(x):
    return x * (1 + _erf(x / np.float32(np.sqrt(2)))) / 2


def _erf(x):
    """The error function to 2e-7 (Abramowitz and Stegun, 1964, 7.1.26)."""
    size = np.abs(x)
    t = 1 / (1 + np.float32(0.3275911) * size)
    terms = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
    y = np.zeros_like(t)
    for term in terms:
        y = (y + np.float32(term)) * t
    return np.copysign(1 - y * np.exp(-size * size), x)


def _softmax(x):
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return x / x.sum(axis=-1, keepdims=True)


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "relu": _relu,
    "gelu": _gelu,
    "silu": _silu,
    "elu": _elu,
    "tanh": np.tanh,
    "softmax": _softmax,
}
