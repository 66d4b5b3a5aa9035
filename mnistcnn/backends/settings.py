"""Isolation from settings that others made in this process.

A notebook's mixed precision, a `keras.json`, `JAX_ENABLE_X64`, a seeded
generator: none of them changes the results of this library, and all of them are
restored afterwards.
"""

import contextlib
import random
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from mnistcnn.backends.shared import SharedSettings
from mnistcnn.backends.switch import active, keras

_OWN: dict[str, Any] = {
    "floatx": "float32",
    "epsilon": 1e-7,
    "image_data_format": "channels_last",
    # They shorten `fit`, and our own engine does not know them.
    "max_epochs": None,
    "max_steps_per_epoch": None,
}
# One epoch, or one construction of a model, at a time: frameworks' generators
# are global to all threads.
_DRAWING = threading.RLock()


@contextlib.contextmanager
def own_settings() -> Iterator[None]:
    """Context manager with the default settings of Keras and the framework.

    It covers Keras' dtype policy, float type, epsilon and image layout, and the
    settings in `Backend.own_settings`. It may be nested, and entered by several
    threads at once.

    Example:
        >>> from mnistcnn.backends import keras
        >>> keras.config.set_dtype_policy("mixed_bfloat16")
        >>> with own_settings():
        ...     keras.config.dtype_policy().name
        'float32'
        >>> keras.config.dtype_policy().name
        'mixed_bfloat16'
        >>> keras.config.set_dtype_policy("float32")
    """
    config: Any = keras.config
    # Keras keeps it for each thread.
    policy = config.dtype_policy()
    with _KERAS:
        try:
            config.set_dtype_policy("float32")
            with active.own_settings():
                yield
        finally:
            config.set_dtype_policy(policy)


def _swap(values: dict[str, Any] | None) -> dict[str, Any]:
    config: Any = keras.config
    found = {name: getattr(config, name)() for name in _OWN}
    for name, value in (values or _OWN).items():
        if found[name] != value:
            getattr(config, f"set_{name}")(value)
    return found


_KERAS = SharedSettings(_swap)


@contextlib.contextmanager
def own_generators() -> Iterator[None]:
    """Context manager for one thread that restores all random generators.

    These are Python's, which Keras seeds layers from, NumPy's, Keras' own and
    the framework's, all of them global. Other threads wait.

    Example:
        >>> import random
        >>> before = random.getstate()
        >>> with own_generators():
        ...     drawn = random.random()
        >>> random.getstate() == before
        True
    """
    with _DRAWING:
        python, numpys = random.getstate(), np.random.get_state()
        with active.own_generators():
            try:
                yield
            finally:
                random.setstate(python)
                np.random.set_state(numpys)
