"""Attempts: an epoch of the engine as it is, and with attempted changes."""

import importlib
import os

from formats.records import Record
from suites import training

VERSION = 1
REPEATS = 5
WARMUP = training.WARMUP
BATCH_SIZE = 128
AS_IT_IS = "none"
# Functions of `attempts/<backend>_attempts.py`, and names of `VARIABLES`.
_ATTEMPTS = {
    "jax": (
        *("small_parts", "whole_batch", "one_pass"),
        *("side_by_side", "winograd", "fft", "padded_classes"),
        "one_dnn",
    ),
    "torch": (
        *("one_product", "padded_channels", "kernel_layout", "small_parts"),
        *("side_by_side", "compiled", "max_autotune", "flushed"),
        "pinned",
    ),
    "tensorflow": (
        *("one_product", "padded_channels", "compiled_blocks"),
        *("compiled_optimizer", "fused_adam", "small_parts"),
        *("without_grappler", "without_one_dnn", "shared_threads"),
    ),
}
# Variables that have to be set before the framework is imported.
_SHARED = {"TF_NUM_INTRAOP_THREADS": "2"}
VARIABLES = {
    # In parallel, pieces compiled by XLA crash the process (2.21).
    "compiled_blocks": _SHARED,
    "compiled_optimizer": _SHARED,
    "one_dnn": {
        "XLA_FLAGS": "--xla_cpu_use_onednn=true "
        "--xla_cpu_experimental_onednn_custom_call=true"
    },
    "without_one_dnn": {"TF_ENABLE_ONEDNN_OPTS": "0"},
    "shared_threads": _SHARED,
    "pinned": {"OMP_PROC_BIND": "true", "OMP_PLACES": "cores"},
}


def plan(quick: bool) -> list[dict]:
    """Plans the engine as it is, then each attempt of the backend."""
    names = (AS_IT_IS, *_ATTEMPTS.get(os.environ.get("KERAS_BACKEND", ""), ()))
    return [
        {"attempt": name, "path": "engine"}
        for name in names[: 2 if quick else None]
    ]


def measure(job: dict) -> tuple[list[Record], dict]:
    """Measures the seconds of a pass, as `training` does."""
    name, backend = job["attempt"], os.environ["KERAS_BACKEND"]
    images = training.QUICK_IMAGES if job["quick"] else training.PASS_IMAGES
    variables = VARIABLES.get(name, {})
    os.environ.update(variables)
    notes = [f"{key}={value}" for key, value in variables.items()]
    if name != AS_IT_IS:
        module = importlib.import_module(f"attempts.{backend}_attempts")
        change = getattr(module, name, None)
        if change is not None:
            change()
            notes.insert(0, change.__doc__.splitlines()[0])
    case = {"path": "engine", "batch_size": BATCH_SIZE, "dtype": training.DTYPE}
    seconds, accuracy, count = training.time_pass(case, images)
    case = {"attempt": name, "batch_size": BATCH_SIZE}
    epoch = seconds * training.EPOCH_IMAGES / count
    records = [
        Record(case, "epoch_seconds", epoch, " ".join(notes) or None),
        Record(case, "accuracy", accuracy),
    ]
    return records, {}
