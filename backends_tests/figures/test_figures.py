import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.image import imread

from mnistcnn import figures
from mnistcnn.errors import DataError
from mnistcnn.figures import DPI, Curve, Row
from mnistcnn.figures.drawing import BACKEND_COLORS, BAND, WIDTH

pytestmark = pytest.mark.core

CLASSES = tuple("0123456789")
NOTE = "generated strokes, not MNIST"
IMAGES = np.random.default_rng(0).integers(0, 256, (12, 28, 28), np.uint8)
HISTORY = [
    {
        "epoch": epoch,
        "accuracy": 1 - 0.1 / epoch,
        "loss": 0.3 / epoch,
        "val_accuracy": 0.99 - 0.02 / epoch,
        "val_loss": 0.1 / epoch,
    }
    for epoch in range(1, 6)
]
MISTAKES = [
    {"label": "7", "predicted": "1", "probability": 0.99 - 0.01 * index}
    for index in range(12)
]
ROWS = [
    Row("JAX", "jax", (12.3, 12.5), "12.4 s"),
    Row("PyTorch", "torch", (20.1,), "20.1 s"),
    Row("Other", "numpy", (40.0,), "40.0 s"),
]
SCORES = [
    Row("JAX", "jax", (0.99, 0.991), "99.05 %", (0.988, 0.993)),
    Row("PyTorch", "torch", (0.985,), "98.50 %", (0.982, 0.987)),
]
LINES = [
    Curve("JAX", "jax", (12.0, 24.0), (0.97, 0.98)),
    Curve("JAX", "jax", (12.0, 24.0), (0.96, 0.985)),
    Curve("JAX, fast", "jax", (2.0, 4.0), (0.95, 0.98)),
]
STARTS = [Row("JAX", "jax", (2.0, 0.1, 1.0), "3.10 s")]
DRAW = {
    "learning_curves": lambda p, n: figures.draw_learning_curves(
        HISTORY, p, note=n
    ),
    "confusion_matrix": lambda p, n: figures.draw_confusion_matrix(
        np.diag(range(10)) + 1, CLASSES, p, note=n
    ),
    "mistakes": lambda p, n: figures.draw_mistakes(IMAGES, MISTAKES, p, note=n),
    "samples": lambda p, n: figures.draw_samples(IMAGES, range(12), p, note=n),
    "class_histogram": lambda p, n: figures.draw_class_histogram(
        {"train": range(10), "test": range(10)}, p, classes=CLASSES, note=n
    ),
    "filters": lambda p, n: figures.draw_filters(
        np.linspace(-1, 0.5, 9 * 12).reshape(3, 3, 1, 12), p, note=n
    ),
    "bars": lambda p, n: figures.draw_bars(ROWS, p, note=n),
    "stacked_bars": lambda p, n: figures.draw_stacked_bars(
        STARTS, p, parts=("import", "build", "first step"), note=n
    ),
    "intervals": lambda p, n: figures.draw_intervals(SCORES, p, note=n),
    "curves": lambda p, n: figures.draw_curves(LINES, p, note=n),
}


@pytest.mark.parametrize("name", DRAW)
def test_picture_is_made_and_a_note_is_seen_on_it(name, tmp_path):
    path = tmp_path / "new" / "folder" / f"{name}.png"
    assert DRAW[name](path, None) == path
    plain = imread(path)
    assert plain.shape[1] == round(WIDTH * DPI)
    assert plain[..., :3].std() > 0.01  # not blank
    DRAW[name](path, NOTE)
    noted = imread(path)
    assert noted.shape[0] == pytest.approx(plain.shape[0] + BAND * DPI, abs=1)
    band = noted[: int(BAND * DPI) - 2, :, :3]
    assert not np.allclose(band, 1)
    assert band[2, 2] == pytest.approx((1, 0xD1 / 255, 0x66 / 255), abs=0.01)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_equal_numbers_make_equal_bytes(tmp_path):
    first = figures.draw_learning_curves(HISTORY, tmp_path / "a.png")
    second = figures.draw_learning_curves(HISTORY, tmp_path / "b.png")
    assert first.read_bytes() == second.read_bytes()


def test_pictures_leave_the_rc_alone(tmp_path):
    before = dict(matplotlib.rcParams)
    figures.draw_learning_curves(HISTORY, tmp_path / "a.png")
    assert dict(matplotlib.rcParams) == before


def test_pictures_do_without_pyplot(tmp_path):
    # Of its own process: a test's imread() or pytest may load pyplot.
    script = (
        "import sys; from mnistcnn import figures; "
        "row = {'epoch': 1, 'accuracy': 0.9, 'loss': 0.1}; "
        "figures.draw_learning_curves([row], sys.argv[1]); "
        "figures.draw_bars([figures.Row('', '', (1.0,), '')], sys.argv[1]); "
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    path = str(tmp_path / "a.png")
    command = [sys.executable, "-W", "error", "-c", script, path]
    subprocess.run(command, check=True, timeout=120)


def test_failure_keeps_the_old_picture(tmp_path):
    path = tmp_path / "samples.png"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="'x'"):
        figures.draw_samples(np.full((1, 28, 28), "x"), [1], path)
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["samples.png"]


def test_curves_of_one_epoch_and_of_no_validation(tmp_path):
    lone = {"epoch": 1, "accuracy": 0.9, "loss": None}
    path = figures.draw_learning_curves([lone], tmp_path / "a.png")
    assert imread(path)[..., :3].std() > 0.01


def test_confusion_colours_mistakes_and_mutes_what_is_right(tmp_path):
    confusion = np.diag([1000] * 10)
    path = tmp_path / "a.png"

    def count_tinted(threshold):
        figures.draw_confusion_matrix(confusion, CLASSES, path)
        pixels = imread(path)
        return (pixels[..., 2] - pixels[..., 1] > threshold).sum()

    def count_gained(threshold, cell, number):
        before = count_tinted(threshold)
        confusion[cell] = number
        return count_tinted(threshold) - before

    cell_area = (0.85 * WIDTH * DPI / 10) ** 2
    assert count_gained(0.3, (4, 9), 100) == pytest.approx(cell_area, rel=0.3)
    # One mistake beside a hundred is faint, and still more than a number.
    assert count_gained(0.02, (2, 3), 1) == pytest.approx(cell_area, rel=0.3)


def test_class_names_are_no_formulas(tmp_path):
    names = [r"$\no$", "$^$"]
    figures.draw_samples(IMAGES[:2], [0, 1], tmp_path / "a.png", classes=names)
    figures.draw_confusion_matrix(
        np.eye(2, dtype=int), names, tmp_path / "b.png"
    )


def test_images_may_have_a_channel(tmp_path):
    flat = figures.draw_samples(IMAGES, range(12), tmp_path / "a.png")
    deep = figures.draw_samples(
        IMAGES[..., None], range(12), tmp_path / "b.png"
    )
    assert flat.read_bytes() == deep.read_bytes()


def test_no_mistakes_is_a_picture_too(tmp_path):
    path = figures.draw_mistakes(IMAGES[:0], [], tmp_path / "a.png")
    assert imread(path).shape[1] == round(WIDTH * DPI)


def test_bars_start_at_zero_in_the_backends_colours(tmp_path):
    rows = [Row("JAX", "jax", (10.0,), ""), Row("Torch", "torch", (20.0,), "")]
    path = figures.draw_bars(rows, tmp_path / "bars.png")
    pixels = np.round(imread(path)[..., :3] * 255).astype(int)
    lengths = []
    for backend in ("jax", "torch"):
        color = list(bytes.fromhex(BACKEND_COLORS[backend][1:]))
        lengths.append((pixels == color).all(axis=-1).sum(axis=1).max())
    assert lengths[1] == pytest.approx(2 * lengths[0], abs=3)
    assert lengths[1] > 0.8 * pixels.shape[1]


def test_errors_say_what_is_wrong(tmp_path):
    path = tmp_path / "a.png"
    with pytest.raises(DataError, match=r"one epoch\. Received: an empty"):
        figures.draw_learning_curves([], path)
    with pytest.raises(DataError, match=r"\(10, 10\) .* shape \(2, 3\)\. Give"):
        figures.draw_confusion_matrix(np.ones((2, 3)), CLASSES, path)
    with pytest.raises(DataError, match="Received: 12 images for 1 mistakes"):
        figures.draw_mistakes(IMAGES, MISTAKES[:1], path)
    with pytest.raises(DataError, match="Received: 12 images and 2 labels"):
        figures.draw_samples(IMAGES, [1, 2], path)
    with pytest.raises(DataError, match=r"shape \(3, 3, 8\)\. Give the kernel"):
        figures.draw_filters(np.ones((3, 3, 8)), path)
    assert not path.exists()
