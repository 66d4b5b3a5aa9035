"""What an epoch costs as the data and the network grow."""

import time

from records import Record

VERSION = 2
REPEATS = 3
WARMUP = 1
PATHS = ("engine", "fit")
BATCH_SIZE = 128
IMAGES = (2000, 8000, 32_000)
WIDTHS = (1, 2, 4)
WIDTH_IMAGES, QUICK_WIDTH_IMAGES = 2000, 500


def plan(quick: bool) -> list[dict]:
    """Plans both ways to train, by the number of images and of filters."""
    if quick:
        return [
            {"path": "engine", "images": 2000},
            {"path": "engine", "width": 2},
        ]
    axes = [{"images": n} for n in IMAGES] + [{"width": n} for n in WIDTHS]
    return [{"path": path, **axis} for axis in axes for path in PATHS]


def measure(job: dict) -> tuple[list[Record], dict]:
    """Measures the seconds of an epoch after a warm-up epoch."""
    from paths import build_wide, make_orders, make_path

    from mnistcnn import load_data

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
    seconds = time.perf_counter() - start
    case = {k: job[k] for k in ("path", "images", "width") if k in job}
    facts = {
        "batch_size": BATCH_SIZE,
        "filters": "32 and 64 times the width",
        "images": "rounded up to whole batches; those of the case, else "
        f"{QUICK_WIDTH_IMAGES if job['quick'] else WIDTH_IMAGES}",
    }
    return [Record(case, "seconds", seconds)], facts
