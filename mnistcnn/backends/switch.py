"""The choice of a backend; importing this module makes it, and loads Keras."""

import importlib
import importlib.util
import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from mnistcnn.backends.contract import TITLES, Backend
from mnistcnn.errors import BackendError

_LOGGER = logging.getLogger(__name__)


def choose() -> str:
    """Decides which backend Keras is to run on, importing nothing.

    `KERAS_BACKEND` decides; where it is not set, Keras' own default does,
    and where that is not installed, the first of JAX, PyTorch and TensorFlow
    that is. That is said in the log.

    Returns:
        `"jax"`, `"torch"` or `"tensorflow"`.

    Raises:
        BackendError: the backend asked for is unknown or not installed, or
            none is.
    """
    if "keras" in sys.modules:
        return _checked(sys.modules["keras"].config.backend(), "Keras runs on")
    asked = os.environ.get("KERAS_BACKEND")
    if asked:
        return _checked(asked, "KERAS_BACKEND is")
    default = _keras_default()
    if _installed(default):
        return default
    found = next((name for name in TITLES if _installed(name)), None)
    if found is None:
        raise BackendError(
            "No backend is installed. Expected JAX, PyTorch or TensorFlow: "
            'pip install "mnistcnn[jax]" (or [torch], or [tensorflow]).'
        )
    _LOGGER.warning(
        "KERAS_BACKEND is not set and Keras' default, %s, is not installed: "
        "running on %s.",
        default,
        TITLES[found],
    )
    return found


def _checked(name: str, said: str) -> str:
    if name not in TITLES:
        raise BackendError(
            f'{said} "{name}". Expected one of {", ".join(TITLES)}: set '
            "KERAS_BACKEND to one of these before Keras is imported."
        )
    if not _installed(name):
        raise BackendError(
            f'{said} "{name}" but {TITLES[name]} is not installed. Expected '
            f'it in this environment: pip install "mnistcnn[{name}]".'
        )
    return name


def _keras_default() -> str:
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    try:
        config = json.loads((Path(home) / "keras.json").read_text())
        return str(config.get("backend", "tensorflow"))
    except (OSError, ValueError, AttributeError):
        return "tensorflow"


def _installed(name: str) -> bool:
    return name in TITLES and importlib.util.find_spec(name) is not None


name: str = choose()
os.environ["KERAS_BACKEND"] = name
# TensorFlow logs a dozen lines of build facts at every start otherwise.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

_start = time.perf_counter()
import keras as keras  # noqa: E402

active: Backend = cast(
    Backend, importlib.import_module(f"mnistcnn.backends.{name}")
)
import_seconds: float = time.perf_counter() - _start

if TYPE_CHECKING:
    from mnistcnn.backends import jax, tensorflow, torch

    # A checker of types holds each module to the contract here.
    _BACKENDS: tuple[Backend, ...] = (jax, tensorflow, torch)
