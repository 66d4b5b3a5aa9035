"""A backend of Keras without an engine of ours: inference, and `fit`.

Keras' `openvino` and `numpy` can only infer, not train; a new one may do both.
Only Keras' own functions are used.
"""

import contextlib
import importlib.metadata
from contextlib import AbstractContextManager
from typing import Any, NoReturn

import keras
import numpy as np

from mnistcnn.backends.contract import Device, Predictor
from mnistcnn.backends.groups import Devices, Group, count_devices
from mnistcnn.errors import PlanError


def _find_version() -> str:
    try:
        return importlib.metadata.version(keras.config.backend())
    except importlib.metadata.PackageNotFoundError:
        return keras.__version__


VERSION: str = _find_version()
BFLOAT16_PAYS_ON_CPU: bool = False


def describe_device() -> Device:
    """Assumes the CPU, since Keras does not say."""
    return {"kind": "cpu", "name": "cpu", "count": 1}


def peak_device_bytes() -> int | None:
    """Returns None: it is unknown."""
    return None


def join(devices: Devices) -> Group:
    """Uses one device, since others are unknown."""
    return Group(size=count_devices(devices, 1))


def own_settings() -> AbstractContextManager[None]:
    """Does nothing, since possible settings are unknown."""
    return contextlib.nullcontext()


def own_generators() -> AbstractContextManager[None]:
    """Does nothing, since Keras' own are restored already."""
    return contextlib.nullcontext()


def seed_epoch(seed: int, epoch: int) -> None:
    """Does nothing: Keras' seed generators hold all of the state."""


def make_predictor(model: keras.Model) -> Predictor:
    """Calls the model.

    Keras' `predict` would be faster, but keeps the first weights (openvino),
    and computes in bfloat16 if the processor supports it.
    """
    to_numpy: Any = keras.ops.convert_to_numpy
    return lambda images: np.asarray(
        to_numpy(model(images, training=False)), np.float32
    )


def Trainer(  # noqa: N802, the contract's name
    model: keras.Model, plan: object, batch_size: int, group: object = None
) -> NoReturn:
    """Raises a `PlanError`: there is no engine, so `fit` has to train."""
    raise PlanError(f"there is no engine for {keras.config.backend()}")
