"""What others set in this process, and how we compute all the same.

A notebook's mixed precision, a `keras.json`, `JAX_ENABLE_X64`, a seeded
generator: none of them changes what this library computes, and all of them
are as found afterwards.
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
    # They cut `fit` short, and our own engine knows nothing of them.
    "max_epochs": None,
    "max_steps_per_epoch": None,
}
# An epoch, or the making of a model, at a time: frameworks' generators are
# there once for all threads.
_DRAWING = threading.RLock()


@contextlib.contextmanager
def own_settings() -> Iterator[None]:
    """Within it Keras and the framework are set as they come.

    Keras' dtype policy, float type, epsilon and image layout, and what
    `Backend.own_settings` names. May be nested, and entered by threads at
    the same time.

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
    """Within it one thread draws; afterwards all generators are as found.

    Python's, which Keras seeds layers from, NumPy's, Keras' own and the
    framework's, all of them global. Others that ask for it wait.

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
