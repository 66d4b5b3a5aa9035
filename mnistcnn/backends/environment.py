"""Where a run happens: versions, device, processor, memory."""

import importlib
import importlib.metadata
import platform
import sys
from pathlib import Path
from typing import Any

import numpy as np

from mnistcnn import backends
from mnistcnn.backends import registry
from mnistcnn.backends.threads import count_cores
from mnistcnn.errors import BackendError

_PACKAGES = ("mnistcnn", "keras", "numpy")


def describe_environment() -> dict[str, Any]:
    """Describes the environment that is recorded with each run.

    Returns:
        A dict with `backend`, `versions`, `device` (`kind`, `name`,
        `count`), `processor`, `cores` and `platform`; JSON values.
    """
    host = describe_host()
    host["versions"][backends.name] = backends.active.VERSION
    device = backends.active.describe_device()
    if device["kind"] == "cpu":
        device["name"] = host["processor"]
    return {"backend": backends.name, "device": device, **host}


def describe_host() -> dict[str, Any]:
    """Describes the machine and the versions; imports no framework.

    Returns:
        The parts of `describe_environment` that need no backend.
    """
    versions = {"python": platform.python_version()}
    versions |= {name: _version(name) for name in _PACKAGES}
    return {
        "versions": versions,
        "processor": _processor(),
        "cores": count_cores(),
        "platform": platform.platform(),
    }


def describe_memory() -> dict[str, int | None]:
    """Measures the most memory used so far.

    Returns:
        `peak_host_bytes` and `peak_device_bytes`; `None` where unknown.
    """
    return {
        "peak_host_bytes": _peak_host_bytes(),
        "peak_device_bytes": backends.active.peak_device_bytes(),
    }


def check_training() -> None:
    """Raises a `BackendError` if the backend cannot train here.

    It may be one that can only read, which Keras' `fit` of one number shows;
    or this process was forked (`check_process`).
    """
    backends.check_process()
    if backends.name in backends.TITLES:
        return
    keras: Any = backends.keras
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    try:
        model.fit(np.zeros((1, 1)), np.zeros((1, 1)), verbose=0)
    except NotImplementedError as error:
        raise BackendError(
            f'KERAS_BACKEND is "{backends.name}", on which Keras can read '
            f"digits but not train. Expected one of "
            f"{', '.join(backends.TITLES)} to train on: set KERAS_BACKEND to "
            "one of these."
        ) from error


def choose_precision() -> str:
    """Chooses the faster of `"bfloat16"` and `"float32"`."""
    if backends.active.describe_device()["kind"] == "gpu":
        return "bfloat16"
    pays = _computes_bfloat16() and backends.active.BFLOAT16_PAYS_ON_CPU
    return "bfloat16" if pays else "float32"


def device_line(environment: dict[str, Any]) -> str:
    """Writes backend, versions and device in one line for a screen.

    Args:
        environment: of `describe_environment`.
    """
    versions, device = environment["versions"], environment["device"]
    title = registry.title(environment["backend"])
    count = f"{device['count']} x " if device["count"] > 1 else ""
    return (
        f"{title} {versions[environment['backend']]}, Keras "
        f"{versions['keras']}, on {device['kind'].upper()}: {count}"
        f"{device['name']} ({environment['cores']} cores)"
    )


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def _processor() -> str:
    # On Linux `platform` knows only the architecture.
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _computes_bfloat16() -> bool:
    # A processor without the instructions emulates bfloat16 slowly. NumPy
    # queries the processor on any system; archspec would be a further package.
    # NumPy's table has bfloat16 since 2.4; before, float32 is used.
    core = importlib.import_module("numpy._core._multiarray_umath")
    return getattr(core, "__cpu_features__", {}).get("AVX512BF16", False)


def _peak_host_bytes() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes on Linux, bytes on macOS.
    return peak if sys.platform == "darwin" else peak * 1024
