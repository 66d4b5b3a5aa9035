import dataclasses
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# The same examples in every run: without a change, no test newly fails.
settings.register_profile(
    "fixed", derandomize=True, deadline=None, database=None
)
settings.load_profile("fixed")
# Random examples, and many more of them, for long runs.
settings.register_profile(
    "thorough", derandomize=False, max_examples=10_000, deadline=None
)


def pytest_ignore_collect(collection_path, config):
    """With -m core, files that need a framework are not even imported."""
    if config.option.markexpr == "core" and collection_path.suffix == ".py":
        return "pytest.mark.core" not in collection_path.read_text() or None
    return None


def pytest_configure(config):
    """Restores Ctrl-C, which a shell's background job and children ignore."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Sorted by seconds, on all backends and without one: see pytest --durations=99.
LONGEST = """
training/test_training backends/test_engine training/test_hooks
training/test_devices cli/test_cli backends/test_settings
training/test_finetuning backends/test_backends backends/test_registry
test_docs training/test_averaging artifact/test_unchecked
reading/test_readers training/steps/test_rejection reading/test_classifier
test_notebook training/steps/test_interpolation test_public_api
training/steps/test_distillation training/steps/test_calibration
training/test_networks benchmarks/test_benchmark_report board/test_reader
pictures/paper/test_papers sklearn/test_estimator board/test_window
training/test_kills pictures/test_preprocessing test_properties
test_no_surprise benchmarks/test_robustness artifact/test_webpage
board/test_board_pictures benchmarks/test_gate backends/test_numpy
artifact/test_artifact
"""


def pytest_collection_modifyitems(items):
    """Runs the long files first, so that no worker idles at the end."""
    root = Path(__file__).parent
    places = {root / f"{name}.py": n for n, name in enumerate(LONGEST.split())}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish(session):
    """Makes a missing backend an error, instead of a silent default."""
    wanted = [i for i in session.items if not i.get_closest_marker("core")]
    if wanted and "KERAS_BACKEND" not in os.environ:
        raise pytest.UsageError(
            "KERAS_BACKEND is not set: set it to jax, torch or tensorflow, "
            "or run -m core for what needs none."
        )


@pytest.fixture(scope="session")
def digits():
    """1,000 + 1,000 generated digits: enough to learn from in seconds."""
    from mnistcnn.data import generate

    return generate(limit=1000)


@pytest.fixture(scope="session")
def mnist():
    """The real MNIST, from the file named by MNISTCNN_DATA."""
    if not os.environ.get("MNISTCNN_DATA"):
        pytest.skip("MNISTCNN_DATA is not set: no real MNIST here")
    from mnistcnn.data import load_data

    data = load_data("auto")
    assert data.name == "MNIST"
    return data


@pytest.fixture(scope="session")
def rounding():
    """The factor by which a device may round more than a CPU."""
    from mnistcnn import backends

    # A GPU sums in a different order.
    return 1 if backends.active.describe_device()["kind"] == "cpu" else 30


@pytest.fixture(scope="session")
def make_strokes():
    """Makes a StrokeSet of labels and lists of strokes."""
    from mnistcnn.ink import StrokeSet, StrokeSource

    def make(samples, writers):
        labels, drawn = zip(*samples, strict=True)
        found = StrokeSet.of(drawn, labels, writers)
        source = StrokeSource(
            "made", found.digest, len(found), len(set(writers))
        )
        return dataclasses.replace(found, sources=(source,))

    return make


@pytest.fixture
def strokes_file(tmp_path, make_strokes):
    """A file like those of real pen strokes, of generated digits; and these."""
    from mnistcnn.ink import draw_digit

    rng = np.random.default_rng(0)
    digits = [draw_digit(label, rng) for label in (4, 0, 7)]
    samples = list(zip("407", digits, strict=True))
    made = make_strokes(samples, ["w01", "w02", "w03"])
    path = tmp_path / "strokes.npz"
    keys = ("points", "stroke_start", "sample_start", "writers")
    arrays = {key: getattr(made, key) for key in keys}
    np.savez(path, labels=np.array([4, 0, 7], np.uint8), **arrays)
    return path, digits


@pytest.fixture
def no_pictures(monkeypatch):
    """Completes runs without their pictures, which take half of the time."""
    monkeypatch.setattr("mnistcnn.training.completion._draw", lambda *_: None)


@pytest.fixture
def rng():
    return np.random.default_rng(0)
