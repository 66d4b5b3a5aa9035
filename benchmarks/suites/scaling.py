"""The cost of an epoch as data, network, threads and processes grow."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from formats.records import Record
from running.launching import run_together
from running.machine import list_cores

VERSION = 3
REPEATS = 3
WARMUP = 1
PATHS = ("engine", "fit")
BATCH_SIZE = 128
IMAGES = (2000, 8000, 32_000)
WIDTHS = (1, 2, 4)
WIDTH_IMAGES, QUICK_WIDTH_IMAGES = 2000, 500
# One core; and a second one, used by another process or another thread.
PROCESSES = (
    {"processes": 1, "threads": 1},
    {"processes": 2, "threads": 1},
    {"processes": 1, "threads": 2},
)
TRAIN_IMAGES, QUICK_TRAIN_IMAGES = 8000, 2000
EPOCHS, QUICK_EPOCHS = 4, 2  # the first one compiles


def plan(quick: bool) -> list[dict]:
    """Plans both ways to train, by images and filters; and processes.

    Processes are pinned to their own cores; jobs that need more cores than
    there are, or any if pinning is not possible, are not planned.
    """
    cores = len(list_cores())
    held = [j for j in PROCESSES if j["processes"] * j["threads"] <= cores]
    if quick:
        return [
            {"path": "engine", "images": 2000},
            {"path": "engine", "width": 2},
            *held[:2],
        ]
    axes = [{"images": n} for n in IMAGES] + [{"width": n} for n in WIDTHS]
    return [{"path": path, **axis} for axis in axes for path in PATHS] + held


def measure(job: dict) -> tuple[list[Record], dict]:
    """Measures the seconds of an epoch after a warm-up epoch."""
    quick = job["quick"]
    rounded = QUICK_WIDTH_IMAGES if quick else WIDTH_IMAGES
    trained = QUICK_TRAIN_IMAGES if quick else TRAIN_IMAGES
    facts = {
        "batch_size": BATCH_SIZE,
        "filters": "32 and 64 times the width",
        "images": "rounded up to whole batches; those of the case, else "
        f"{rounded}",
        "processes": f"mnistcnn train on {trained} images in float32; each "
        "process on as many cores as it has threads; epochs after the first",
    }
    names = ("path", "images", "width", "processes", "threads")
    case = {name: job[name] for name in names if name in job}
    seconds = _train(job) if "processes" in job else _time_epoch(job)
    return [Record(case, "seconds", seconds)], facts


def _time_epoch(job: dict) -> float:
    from mnistcnn import load_data
    from suites.paths import build_wide, make_orders, make_path

    model, images = None, job.get("images")
    if images is None:
        model = build_wide(job["width"])
        images = QUICK_WIDTH_IMAGES if job["quick"] else WIDTH_IMAGES
    orders = make_orders(images, BATCH_SIZE)
    run = make_path(job["path"], load_data(), BATCH_SIZE, model=model)
    for _ in range(WARMUP):
        run(next(orders))
    order = next(orders)
    start = time.perf_counter()
    run(order)
    return time.perf_counter() - start


def _train(job: dict) -> float:
    """Trains by the command line; the first process writes the run."""
    quick, count = job["quick"], job["processes"]
    options = {
        "batch-size": BATCH_SIZE,
        "limit": QUICK_TRAIN_IMAGES if quick else TRAIN_IMAGES,
        "epochs": QUICK_EPOCHS if quick else EPOCHS,
        "validation": 0,
        "precision": "float32",
        "devices": count,
    }
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        # -P: the installed package, not the one in the current folder.
        command = [sys.executable, "-P", "-m", "mnistcnn", "train"]
        command += [f"--{name}={value}" for name, value in options.items()]
        command += ["--out", str(out)]
        backend = os.environ["KERAS_BACKEND"]
        run_together(command, backend, count, job["threads"])
        timing = json.loads((out / "metrics.json").read_text())["timing"]
    if timing["devices"] != count:
        raise ValueError(f"{timing['devices']} devices trained, not {count}")
    return timing["steady_epoch"]
