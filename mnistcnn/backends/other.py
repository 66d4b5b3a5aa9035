"""A backend that Keras has and we have no engine for: reading, and `fit`.

Keras' `openvino` and `numpy` read and do not train; one that is new may do
both. What Keras offers is all that is used.
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
    """Takes the device to be the CPU: Keras does not say."""
    return {"kind": "cpu", "name": "cpu", "count": 1}


def peak_device_bytes() -> int | None:
    """Does not know."""
    return None


def join(devices: Devices) -> Group:
    """Takes one device: of others nothing is known."""
    return Group(size=count_devices(devices, 1))


def own_settings() -> AbstractContextManager[None]:
    """Does nothing: what could be set is not known."""
    return contextlib.nullcontext()


def own_generators() -> AbstractContextManager[None]:
    """Does nothing: Keras' own are kept already."""
    return contextlib.nullcontext()


def seed_epoch(seed: int, epoch: int) -> None:
    """Does nothing: Keras' seed generators hold all of the state."""


def make_predictor(model: keras.Model) -> Predictor:
    """Calls the model.

    Keras' `predict` would be quicker, but keeps the weights that it saw first
    (openvino), and computes in bfloat16 where the processor does.
    """
    to_numpy: Any = keras.ops.convert_to_numpy
    return lambda images: np.asarray(
        to_numpy(model(images, training=False)), np.float32
    )


def Trainer(  # noqa: N802, the contract's name
    model: keras.Model, plan: object, batch_size: int, group: object = None
) -> NoReturn:
    """Raises a `PlanError`: there is no engine, and `fit` trains if it can."""
    raise PlanError(f"there is no engine for {keras.config.backend()}")
