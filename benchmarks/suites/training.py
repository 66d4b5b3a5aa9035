"""Throughput: an epoch of 42,000 images by engine, fit and native loops."""

import itertools
import os
import time

from formats.records import Record

VERSION = 2
REPEATS = 5
WARMUP = 1
PATHS = ("engine", "fit", "tuned", "keras", "plain", "best")
BATCH_SIZES = (32, 128, 250)
DTYPE = "float32"
EPOCH_IMAGES = 42_000
# Images per measured pass, scaled to an epoch. Timing takes at least a second.
PASS_IMAGES, QUICK_IMAGES = 8000, 1280
GRID_IMAGES, QUICK_GRID_IMAGES, GRID_PASSES = 3200, 1280, 2
# Floating-point operations of a training step per image, counting only needed
# ones: forward, and backward to kernels and inputs; the first convolution's
# input needs no gradient.
_CONV1 = 2 * 24 * 24 * 9 * 32
_CONV2 = 2 * 10 * 10 * 9 * 32 * 64
_DENSE = 2 * 1600 * 10
IMAGE_FLOPS = 2 * _CONV1 + 3 * _CONV2 + 3 * _DENSE
MATRIX_SIZES = {"cpu": (512, 1024, 2048), "gpu": (4096, 8192)}

# Settings that users try for a faster `fit`; all combinations of a row are
# tried.
_STEPS: tuple = (1, 10, 50, "epoch")
_GRID: dict[str, list[dict]] = {
    "tensorflow": [
        {"steps_per_execution": _STEPS, "input": ("arrays", "pipeline")},
        {"steps_per_execution": (1, "epoch"), "jit_compile": (True,)},
    ],
    "jax": [
        {"steps_per_execution": _STEPS},
        {"jit_compile": (False,)},
        {"data_format": ("channels_first",)},
    ],
    # Keras 3.15.1 only accepts 1 step per execution there.
    "torch": [
        {
            "data_format": ("channels_last", "channels_first"),
            "input": ("arrays", "pipeline"),
        },
        {"data_format": ("channels_first",), "jit_compile": (True,)},
    ],
}


def plan(quick: bool) -> list[dict]:
    """Plans the peak rate, every path at every batch size, and bfloat16."""
    jobs: list[dict] = [{"path": "matmul"}]
    for size in (128,) if quick else BATCH_SIZES:
        case = {"batch_size": size, "dtype": DTYPE}
        # Once, before the others: finds the settings of `tuned`.
        jobs.append({"path": "grid", **case, "once": True})
        jobs += [{"path": path, **case} for path in PATHS]
        if not quick:
            jobs.append({"path": "engine", **case, "dtype": "bfloat16"})
    return jobs


def list_settings(backend: str) -> list[dict]:
    """Lists the settings of `fit` that are tried on a backend."""
    found = []
    for row in _GRID[backend]:
        for values in itertools.product(*row.values()):
            found.append(dict(zip(row, values, strict=True)))
    return found


def measure(job: dict) -> tuple[list[Record], dict]:
    """Measures the seconds of a pass after an equally long warm-up pass."""
    if job["path"] == "matmul":
        return [_measure_ceiling(job["quick"])], {}
    if job["path"] == "grid":
        return _measure_grid(job)
    case = {key: job[key] for key in ("path", "batch_size", "dtype")}
    images = QUICK_IMAGES if job["quick"] else PASS_IMAGES
    found, note = {}, None
    if job["path"] == "tuned":
        chosen = job["facts"][_name_choice(job)]
        found = {"path": "fit", "settings": chosen}
        note = f"fit with {describe(chosen)}"
    seconds, accuracy, count = time_pass(case | found, images)
    said = f"training accuracy of the measured pass, {WARMUP} after the first"
    rate = IMAGE_FLOPS * count / seconds / 1e9
    records = [
        Record(case, "epoch_seconds", seconds * EPOCH_IMAGES / count, note),
        Record(case, "accuracy", accuracy, said),
        Record(case, "gflops_per_second", rate),
    ]
    facts = {
        "images_measured": images,
        "epoch_images": EPOCH_IMAGES,
        "flops_per_image": IMAGE_FLOPS,
        "scaled": "a pass over images_measured images, rounded up to whole "
        "batches, scaled to epoch_images",
        "threads": "engine, best: TensorFlow's as `mnistcnn train` sets them",
    }
    return records, facts


def describe(settings: dict) -> str:
    """Describes the settings of `fit` that differ from its defaults."""
    said = [f"{name}={value}" for name, value in settings.items()]
    return ", ".join(said) or "nothing set"


def _measure_grid(job: dict) -> tuple[list[Record], dict]:
    """Times all settings in this process; the fastest is chosen."""
    images = QUICK_GRID_IMAGES if job["quick"] else GRID_IMAGES
    records = []
    for settings in list_settings(os.environ["KERAS_BACKEND"]):
        case = {"path": "fit", "batch_size": job["batch_size"]}
        case |= {"dtype": DTYPE, "settings": settings}
        seconds, _, count = time_pass(case, images, passes=GRID_PASSES)
        case |= {"path": "grid", "settings": describe(settings)}
        epoch = seconds * EPOCH_IMAGES / count
        records.append((epoch, settings, Record(case, "epoch_seconds", epoch)))
    _, fastest, _ = min(records, key=lambda record: record[0])
    facts = {
        _name_choice(job): fastest,
        "grid": f"the fastest of {GRID_PASSES} passes over {images} images",
    }
    return [record for _, _, record in records], facts


def _name_choice(job: dict) -> str:
    return f"tuned_at_batch_{job['batch_size']}"


def time_pass(
    job: dict, images: int, *, passes: int = 1
) -> tuple[float, float, int]:
    """Returns the fastest pass's seconds, accuracy and number of images."""
    from mnistcnn import load_data
    from suites.paths import make_orders, make_path

    orders = make_orders(images, job["batch_size"])
    run = make_path(
        job["path"],
        load_data(),
        job["batch_size"],
        precision=job["dtype"],
        settings=job.get("settings"),
    )
    for _ in range(WARMUP):
        run(next(orders))
    timed = []
    for order in itertools.islice(orders, passes):
        start = time.perf_counter()
        _, accuracy = run(order)
        timed.append((time.perf_counter() - start, accuracy, len(order)))
    return min(timed)


def _measure_ceiling(quick: bool) -> Record:
    from mnistcnn.backends import active
    from suites.paths import load_peer

    kind = active.describe_device()["kind"]
    sizes = MATRIX_SIZES["cpu" if kind == "cpu" else "gpu"]
    seconds = 0.5 if quick else 2.0
    multiply = load_peer().multiply_matrices
    best = max(multiply(size, seconds) for size in sizes)
    note = f"float32 products of square matrices; the best of sizes {sizes}"
    return Record({"path": "matmul"}, "gflops_per_second", best, note)
