"""Where a benchmark runs: what is recorded, pinned and refused."""

import datetime
import os
import re
import subprocess
from pathlib import Path

import mnistcnn
from mnistcnn.errors import ConfigError, quote

ROOT = Path(__file__).parents[2]
BACKENDS = ("jax", "torch", "tensorflow")  # those that are measured
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
# With these Keras trains less than it is asked to.
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
    """The cores that this process may use; none where it cannot choose."""
    if not hasattr(os, "sched_getaffinity"):
        return []
    return sorted(os.sched_getaffinity(0))


def say_today() -> str:
    """Says the date in UTC, as results have it."""
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def check_variables() -> str:
    """Returns the backend; refuses variables that would falsify.

    Raises:
        ConfigError: `KERAS_BACKEND` names none of the three, or a variable
            is set that makes Keras train less than it is asked to.
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
        folder: a fresh one, for what is cached and written.

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
        # Compiled programs of an earlier process would shorten this one.
        "JAX_COMPILATION_CACHE_DIR": str(folder / "jax"),
        "TORCHINDUCTOR_CACHE_DIR": str(folder / "torch"),
    }


def describe_commit() -> dict:
    """Says the `commit`, and whether the tree differs from it: `dirty`.

    Results do not count: the first suite's would make the second's dirty.

    Raises:
        ConfigError: the package that is imported is not this checkout's.
    """
    _check_installed(Path(mnistcnn.__file__).parent)
    commit = _git("rev-parse", "--short", "HEAD")
    kept = ":(exclude)benchmarks/results"
    changes = _git("status", "--porcelain", "--", ".", kept)
    return {"commit": commit, "dirty": bool(changes)}


def describe_package() -> str:
    """Finds the last commit that changed anything that trains.

    A run's result still stands where the commits after it changed other
    things: the board, pages and pictures, the command line, benchmarks, the
    network that ships.

    Raises:
        ConfigError: something that trains has changed since that commit.
    """
    others = ("board", "cli", "figures", "pretrained", "report")
    kept = ["mnistcnn", "benchmarks/studies/scoring.py"]
    kept += [f":(exclude)mnistcnn/{name}" for name in others]
    changes = _git("status", "--porcelain", "--", *kept)
    if changes:
        raise ConfigError(
            f"{changes.split()[1]} differs from its commit. Expected what "
            "trains as it was committed, so that others can train the same: "
            "commit the changes, or take --quick for a glance."
        )
    return _git("log", "-1", "--format=%h", "--abbrev=10", "--", *kept)


def _check_installed(folder: Path) -> None:
    # An environment keeps what was installed in it when the checkout moves on:
    # its figures would stand under a commit that they are not of.
    source = ROOT / "mnistcnn"
    if folder.resolve() == source.resolve():
        return
    for file in sorted(source.rglob("*.py")):
        other = folder / file.relative_to(source)
        if not other.is_file() or other.read_bytes() != file.read_bytes():
            raise ConfigError(
                f"{other} differs from {file}. Expected the package that is "
                "measured to be this checkout's: install it anew "
                "(`pip install --no-deps .`), or run it by nox."
            )


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise ConfigError(
            f"git {arguments[0]} failed in {ROOT}. Expected a checkout, "
            "whose commit is recorded: run the benchmarks from one."
        ) from error
    return done.stdout.strip()
