"""Where a benchmark runs: what is recorded, pinned and refused."""

import datetime
import os
import re
from pathlib import Path

from mnistcnn.errors import ConfigError, quote

BACKENDS = ("jax", "torch", "tensorflow")  # the measured ones
THREADS = (
    "OMP_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
)
FLAGS = (
    "XLA_FLAGS",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_XLA_FLAGS",
    "ONEDNN_MAX_CPU_ISA",
    "MALLOC_MMAP_MAX_",
    "MALLOC_TRIM_THRESHOLD_",
    "NVIDIA_TF32_OVERRIDE",
    "CUDA_VISIBLE_DEVICES",
    "JAX_PLATFORMS",
    "LD_PRELOAD",
)
# With these, Keras trains less than requested.
_REFUSED = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")


def slug(environment: dict) -> str:
    """Names a machine's folder of results.

    Args:
        environment: of `mnistcnn.backends.environment.describe_environment`.

    Example:
        >>> slug({"processor": "Intel(R) Xeon(R) Processor", "cores": 2,
        ...       "device": {"kind": "cpu", "name": "any"}})
        'intel-xeon-processor-2-cores-cpu'
    """
    device = environment["device"]
    name = "cpu" if device["kind"] == "cpu" else device["name"]
    text = f"{environment['processor']} {environment['cores']} cores {name}"
    text = re.sub(r"\((r|tm)\)", " ", text.lower())
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")


def list_cores() -> list[int]:
    """The cores that this process may use; none if it cannot choose."""
    if not hasattr(os, "sched_getaffinity"):
        return []
    return sorted(os.sched_getaffinity(0))


def say_today() -> str:
    """Returns the date in UTC, in the format of results."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def check_variables() -> str:
    """Returns the backend; refuses variables that would falsify results.

    Raises:
        ConfigError: `KERAS_BACKEND` names none of the three, or a variable
            is set that makes Keras train less than requested.
    """
    for name in _REFUSED:
        if name in os.environ:
            raise ConfigError(
                f"{name} is {os.environ[name]}. Expected it not to be set: "
                "it shortens what is measured. Unset it."
            )
    backend = os.environ.get("KERAS_BACKEND")
    if not backend:
        raise ConfigError(
            "KERAS_BACKEND is not set. Expected jax, torch or tensorflow: "
            "set it, or run nox -s bench-jax."
        )
    if backend not in BACKENDS:
        raise ConfigError(
            f"KERAS_BACKEND is {quote(backend, 40)}. Expected "
            f"{', '.join(BACKENDS)}: set it to what is to be measured."
        )
    return backend


def pin(folder: Path) -> dict[str, str]:
    """Makes the environment variables of a process that measures.

    Args:
        folder: an empty one, for caches and output.

    Returns:
        A copy of `os.environ`, with the threads pinned to the cores unless
        they are set, and with empty caches.
    """
    cores = str(len(list_cores()) or os.cpu_count() or 1)
    return {
        "OMP_NUM_THREADS": cores,
        "PYTHONHASHSEED": "0",
        # A user's keras.json must not decide what is measured.
        **os.environ,
        "KERAS_HOME": str(folder / "keras"),
        # Cached programs of an earlier process would make this one faster.
        "JAX_COMPILATION_CACHE_DIR": str(folder / "jax"),
        "TORCHINDUCTOR_CACHE_DIR": str(folder / "torch"),
    }
