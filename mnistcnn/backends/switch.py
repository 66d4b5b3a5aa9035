"""The choice of a backend, made on import of this module, which loads Keras."""

import contextlib
import importlib
import importlib.util
import json
import logging
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mnistcnn.backends.contract import TITLES, Backend
from mnistcnn.backends.places import keras_folder
from mnistcnn.backends.registry import is_installed, load_backend, title
from mnistcnn.errors import BackendError
from mnistcnn.files import read_regular

_LOGGER = logging.getLogger(__name__)


def choose() -> str:
    """Decides which backend Keras is to run on, without imports.

    `KERAS_BACKEND` decides; if it is not set, Keras' own default, and if that
    is not installed, the first installed one of JAX, PyTorch and TensorFlow,
    which is logged.

    Returns:
        `"jax"`, `"torch"` or `"tensorflow"`, or another requested one.

    Raises:
        BackendError: the requested backend is not installed, or none is.
    """
    if "keras" in sys.modules:
        return _checked(sys.modules["keras"].config.backend(), "Keras runs on")
    asked = os.environ.get("KERAS_BACKEND")
    if asked:
        return _checked(asked, "KERAS_BACKEND is")
    default = _keras_default()
    if is_installed(default):
        return default
    found = next((name for name in TITLES if is_installed(name)), None)
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
    # Keras itself checks other names.
    if name in TITLES and not is_installed(name):
        raise BackendError(
            f'{said} "{name}" but {TITLES[name]} is not installed. Expected '
            f'it in this environment: pip install "mnistcnn[{name}]".'
        )
    return name


def _keras_default() -> str:
    try:
        path = keras_folder() / "keras.json"
        config = json.loads(read_regular(path, max_bytes=1 << 20))
        return str(config.get("backend", "tensorflow"))
    except (OSError, ValueError, AttributeError):
        return "tensorflow"


@contextlib.contextmanager
def _keep_start_up_lines() -> Iterator[None]:
    """Redirects TensorFlow's start-up lines from the screen to the log.

    TensorFlow 2.21 writes them before it has read TF_CPP_MIN_LOG_LEVEL, from
    C++ and to the file descriptor. Other output is unchanged.
    """
    try:
        screen = os.dup(2)
    except OSError:  # There is none.
        yield
        return
    if sys.stderr:
        sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            if sys.stderr:
                sys.stderr.flush()
            os.dup2(screen, 2)
            os.close(screen)
            kept.seek(0)
            for line in kept.read().decode(errors="replace").splitlines():
                if _START_UP.match(line):
                    _LOGGER.info("%s", line)
                elif sys.stderr:
                    sys.stderr.write(f"{line}\n")


# As absl writes "E0000 00:00:1795665791.919796 26261 cuda_platform.cc:52] ...",
# and TensorFlow 2.20 "2026-11-26 15:58:04.040497: E external/local_xla/...".
_START_UP = re.compile(
    r"[IWE]\d{4} [\d:.]+ +\d+ |[\d-]+ [\d:.]+: [IWE] "
    r"|WARNING: All log messages be"
)


def _check_device(variable: str) -> None:
    """Raises a `BackendError` if a requested device is missing."""
    try:
        keras.ops.convert_to_tensor(0.0)
    # Frameworks raise various classes, even AssertionError.
    except Exception as error:
        raise BackendError(
            f'{variable} is "{os.environ[variable]}", and {title(name)} finds '
            f"no such device here. Expected one that it has: unset {variable} "
            f"to go on without, or install {title(name)} for that device."
        ) from error


# The frameworks' own variables that name a device.
_DEVICES = {"JAX_PLATFORMS": "jax", "KERAS_TORCH_DEVICE": "torch"}


def _load() -> Backend:
    if name in TITLES:
        return load_backend(name)
    try:
        importlib.import_module("keras")
    # Keras raises a ValueError, the backend's package anything.
    except Exception as error:
        raise BackendError(
            f'KERAS_BACKEND is "{name}". Expected one of {", ".join(TITLES)}, '
            f"or another that Keras can import ({error}): set KERAS_BACKEND "
            "to one of these before Keras is imported."
        ) from error
    return load_backend(name)


name: str = choose()
os.environ["KERAS_BACKEND"] = name

_start = time.perf_counter()
# TensorFlow's later messages: by default only errors.
_LEVEL = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
_QUIET = name == "tensorflow" and _LEVEL >= "2"
with _keep_start_up_lines() if _QUIET else contextlib.nullcontext():
    active: Backend = _load()
import keras as keras  # noqa: E402

for _variable, _backend in _DEVICES.items():
    # Without such a variable devices are not looked for yet, which takes time.
    # Several processes of JAX have to be joined before any of them has a
    # device.
    _joins = name == "jax" and "JAX_COORDINATOR_ADDRESS" in os.environ
    if _backend == name and os.environ.get(_variable) and not _joins:
        _check_device(_variable)
import_seconds: float = time.perf_counter() - _start

if TYPE_CHECKING:
    from mnistcnn.backends import jax, tensorflow, torch

    # Here a type checker compares each module with the contract.
    _BACKENDS: tuple[Backend, ...] = (jax, tensorflow, torch)
