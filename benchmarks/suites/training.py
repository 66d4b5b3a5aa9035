"""Throughput: an epoch of 42,000 images by engine, fit and native loops."""

import time

from records import Record

REPEATS = 5
WARMUP = 1
PATHS = ("engine", "fit", "plain", "best")
BATCH_SIZES = (32, 128, 250)
DTYPE = "float32"
EPOCH_IMAGES = 42_000
# Measured, and scaled to an epoch. The clock runs for one second or more.
PASS_IMAGES, QUICK_IMAGES = 8000, 1280
# A training step on an image, in floating-point operations, counting what an
# output needs: forward, and backward to kernels and inputs; the first
# convolution's input needs no gradient.
_CONV1 = 2 * 24 * 24 * 9 * 32
_CONV2 = 2 * 10 * 10 * 9 * 32 * 64
_DENSE = 2 * 1600 * 10
IMAGE_FLOPS = 2 * _CONV1 + 3 * _CONV2 + 3 * _DENSE
MATRIX_SIZES = {"cpu": (512, 1024, 2048), "gpu": (4096, 8192)}


def plan(quick: bool) -> list[dict]:
    """Plans the ceiling, every path at every batch size, and bfloat16."""
    jobs: list[dict] = [{"path": "matmul"}]
    for size in (128,) if quick else BATCH_SIZES:
        case = {"batch_size": size, "dtype": DTYPE}
        jobs += [{"path": path, **case} for path in PATHS]
        if not quick:
            jobs.append({"path": "engine", **case, "dtype": "bfloat16"})
    return jobs


def measure(job: dict) -> tuple[list[Record], dict]:
    """Measures the seconds of a pass after a warm-up pass as long."""
    if job["path"] == "matmul":
        return [_measure_ceiling(job["quick"])], {}
    from paths import make_orders, make_path

    from mnistcnn import load_data

    images = QUICK_IMAGES if job["quick"] else PASS_IMAGES
    orders = make_orders(images, job["batch_size"])
    case = {key: job[key] for key in ("path", "batch_size", "dtype")}
    size, precision = case["batch_size"], case["dtype"]
    run = make_path(job["path"], load_data(), size, precision=precision)
    for _ in range(WARMUP):
        run(next(orders))
    order = next(orders)
    start = time.perf_counter()
    _, accuracy = run(order)
    seconds = time.perf_counter() - start
    epoch = seconds * EPOCH_IMAGES / len(order)
    note = f"training accuracy of the measured pass, {WARMUP} after the first"
    records = [
        Record(case, "epoch_seconds", epoch),
        Record(case, "accuracy", accuracy, note),
        Record(
            case,
            "gflops_per_second",
            IMAGE_FLOPS * len(order) / seconds / 1e9,
        ),
    ]
    facts = {
        "images_measured": images,
        "epoch_images": EPOCH_IMAGES,
        "flops_per_image": IMAGE_FLOPS,
        "scaled": "a pass over images_measured images, rounded up to whole "
        "batches, scaled to epoch_images",
    }
    return records, facts


def _measure_ceiling(quick: bool) -> Record:
    from paths import load_peer

    from mnistcnn.backends import active

    kind = active.describe_device()["kind"]
    sizes = MATRIX_SIZES["cpu" if kind == "cpu" else "gpu"]
    seconds = 0.5 if quick else 2.0
    multiply = load_peer().multiply_matrices
    best = max(multiply(size, seconds) for size in sizes)
    note = f"float32 products of square matrices; the best of sizes {sizes}"
    return Record({"path": "matmul"}, "gflops_per_second", best, note)
