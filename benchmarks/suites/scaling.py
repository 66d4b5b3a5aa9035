"""What an epoch costs as the data and the network grow."""

import time

from records import Record

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
    from paths import make_orders, make_path

    from mnistcnn import load_data

    model, images = None, job.get("images")
    if images is None:
        model = _build(job["width"])
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


def _build(width: int):
    """Builds the tutorial's network with more filters."""
    from mnistcnn.backends import keras

    layers = keras.layers
    keras.utils.set_random_seed(0)
    spatial: dict = {
        "data_format": "channels_last",
        "dtype": "float32",
    }
    return keras.Sequential(
        [
            keras.Input((28, 28, 1), dtype="float32"),
            layers.Rescaling(1 / 255, dtype="float32"),
            layers.Conv2D(32 * width, 3, activation="relu", **spatial),
            layers.MaxPooling2D(2, **spatial),
            layers.Conv2D(64 * width, 3, activation="relu", **spatial),
            layers.MaxPooling2D(2, **spatial),
            layers.Flatten(**spatial),
            layers.Dropout(0.25, dtype="float32"),
            layers.Dense(10, activation="softmax", dtype="float32"),
        ]
    )
