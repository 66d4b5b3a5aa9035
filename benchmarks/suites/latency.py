"""The time of one image through every call path, and of 10,000 at once."""

import itertools
import os
import tempfile
import time

from formats.records import Record

VERSION = 1
REPEATS = 5
WARMUP = 20
PATHS = (
    *("predict", "predict_on_batch", "call", "classifier", "native"),
    # The same on each backend: used if no backend is chosen.
    "numpy",
    # The classifier with the network that ships, four convolutions and a
    # rejection class; the others use the same network as the peers.
    "pretrained",
)
BATCH_PATHS = ("classifier", "native", "numpy", "pretrained")
BATCH = 10_000
# Timing ends with whichever limit comes first, but after at least 50 calls.
MAX_CALLS, MIN_CALLS = 2000, 50
MAX_SECONDS, QUICK_SECONDS = 4.0, 1.0
TOLERANCE = 1e-5


def plan(quick: bool) -> list[dict]:
    """Plans every path, and many images for the two that accept them."""
    return [{"path": path} for path in PATHS]


def measure(job: dict) -> tuple[list[Record], dict]:
    """Measures median, p95, p99 of calls: uint8 in, NumPy probabilities out."""
    import numpy as np

    from mnistcnn import DigitClassifier, build_model, load_data
    from mnistcnn.backends import keras
    from suites.paths import load_peer

    path = job["path"]
    data = load_data()
    if path == "pretrained":
        classifier = DigitClassifier.from_pretrained()
    else:
        classifier = DigitClassifier(build_model(), classes=data.classes)
    model = classifier.model
    calls = {
        "predict": lambda x: model.predict(x[..., None], verbose=0),
        "predict_on_batch": lambda x: model.predict_on_batch(x[..., None]),
        "call": lambda x: keras.ops.convert_to_numpy(
            model(x[..., None], training=False)
        ),
        "classifier": classifier.predict_proba,
        "pretrained": classifier.predict_proba,
    }
    if path == "native":
        calls[path] = load_peer().make_forward(model.get_weights())
    if path == "numpy":
        calls[path] = _make_numpy(model)
    call = calls[path]
    turned = classifier.rotation
    _check_answers(call, calls["call"], data.x_test[:1], turned, np)
    images = itertools.cycle(data.x_test[i : i + 1] for i in range(100))
    for _ in range(WARMUP):
        call(next(images))
    seconds = QUICK_SECONDS if job["quick"] else MAX_SECONDS
    times = _time_calls(call, images, seconds)
    case = {"path": path}
    p50, p95, p99 = np.percentile(times, (50, 95, 99)) * 1e6
    records = [
        Record(case, "microseconds", p50),
        Record(case, "p95_microseconds", p95),
        Record(case, "p99_microseconds", p99),
    ]
    if path in BATCH_PATHS:
        rate = _measure_batch(call, np.resize(data.x_test, (BATCH, 28, 28)))
        note = f"{BATCH:,} images in one call; the best of three"
        records.append(Record(case, "images_per_second", rate, note))
    return records, {"max_calls": MAX_CALLS, "max_seconds": seconds}


def _make_numpy(model):
    """Makes the predictor of `DigitClassifier` if KERAS_BACKEND is not set."""
    from mnistcnn import inspect_artifact, save_artifact
    from mnistcnn.backends import make_numpy_predictor

    with tempfile.TemporaryDirectory() as folder:
        path = save_artifact(model, os.path.join(folder, "a.keras"))
        predict = make_numpy_predictor(inspect_artifact(path))
    return lambda x: predict(x[..., None])


def _time_calls(call, images, seconds: float) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < MAX_CALLS:
        image = next(images)
        start = time.perf_counter()
        call(image)
        done = time.perf_counter()
        times.append(done - start)
        if done > end and len(times) >= MIN_CALLS:
            break
    return times


def _measure_batch(call, images) -> float:
    call(images)
    times = []
    for _ in range(3):
        start = time.perf_counter()
        call(images)
        times.append(time.perf_counter() - start)
    return len(images) / min(times)


def _check_answers(call, keras_call, images, rotation, np) -> None:
    from mnistcnn.pictures import turn

    # All paths must give the same answers to be comparable.
    looks = [keras_call(v[..., 0]) for v in turn(images[..., None], rotation)]
    difference = np.abs(call(images) - np.mean(looks, axis=0)).max()
    if not difference <= TOLERANCE:
        raise ValueError(f"its probabilities are off by {difference}")
