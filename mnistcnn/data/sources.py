"""Data sets: MNIST, its stand-in, and files of the same form."""

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import platformdirs

from mnistcnn.data.classnames import read_classes
from mnistcnn.data.datafiles import Arrays, read_arrays
from mnistcnn.data.dataset import DIGITS, Dataset
from mnistcnn.data.download import download
from mnistcnn.data.drawings import is_drawings, read_drawings
from mnistcnn.data.formats import digest
from mnistcnn.data.npzfiles import KEYS
from mnistcnn.errors import DataError
from mnistcnn.ink import draw_digit, pen_width
from mnistcnn.pictures import strokes_to_image

MNIST = "MNIST"
GENERATED = "generated strokes, not MNIST"
NUM_GENERATED = {"train": 30_000, "test": 5_000}

# Where Keras' own loader downloads MNIST from; the answer is checked by the
# arrays below, so a mirror (MNISTCNN_URL) need not be trusted.
MNIST_URL = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
)
# sha256 of the arrays as uncompressed IDX files, which are the four files of
# LeCun, Cortes and Burges' page, unzipped.
MNIST_DIGESTS = {
    "x_train": (
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
    "y_train": (
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "x_test": (
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    "y_test": (
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
}
# MNIST's archive is 11 MB; the largest form that anybody serves is 55 MB.
MAX_DOWNLOAD_BYTES = 64_000_000


class GeneratedDataWarning(UserWarning):
    """MNIST could not be had; generated strokes stand in for it."""


def load_data(
    source: str = "auto",
    *,
    limit: int | None = None,
    classes: Sequence[str] | None = None,
) -> Dataset:
    """Finds a data set, downloads it where it has to, and verifies it.

    Args:
        source: `"mnist"` (the cache, or a download; never anything else),
            `"strokes"` (digits that `mnistcnn.ink.generator` writes), the path
            of an `.npz` with the keys `x_train`, `y_train`, `x_test`, `y_test`,
            of a folder with four IDX files named as MNIST's, gzipped or not,
            or of a folder of drawings that the board saved; or `"auto"`: the
            source that the environment variable `MNISTCNN_DATA` names, else
            MNIST, else, with a `GeneratedDataWarning`, strokes.
        limit: at most so many training and so many test images, the first.
        classes: the names of the classes of a data set that is not digits
            and does not name them itself (an `.npz` by the key `classes`, a
            folder of IDX files by a `classes.txt`).

    Returns:
        A `Dataset`: images `(n, 28, 28)` uint8, labels `(n,)` uint8.

    Raises:
        DataError: nothing is there, or it is not what it should be.

    Example:
        >>> data = load_data("strokes", limit=20)
        >>> data.x_train.shape, data.y_train.dtype, data.name
        ((20, 28, 28), dtype('uint8'), 'generated strokes, not MNIST')
    """
    if source == "auto":
        source = os.environ.get("MNISTCNN_DATA") or "auto"
    if source == "strokes":
        return generate(limit=limit)
    if source == "mnist":
        return _load_mnist().limit(limit)
    if source != "auto":
        path = Path(source).expanduser()
        return _load_path(path, classes).limit(limit)
    try:
        return _load_mnist().limit(limit)
    except DataError as error:
        warnings.warn(
            f"MNIST cannot be had: {error} Going on with {GENERATED}: the "
            "scores of this run say nothing about MNIST.",
            GeneratedDataWarning,
            stacklevel=2,
        )
        return generate(limit=limit)


def generate(*, seed: int = 0, limit: int | None = None) -> Dataset:
    """Digits written by `mnistcnn.ink.generator`, in the form of MNIST.

    Args:
        seed: of NumPy's generator; the same seed gives the same images.
        limit: at most so many training and so many test images.

    Returns:
        A `Dataset` of 30,000 training and 5,000 test images, or `limit`.
    """
    if limit is not None and limit < 1:
        raise DataError(f"The limit is {limit}. Expected 1 or more images.")
    arrays = {}
    for index, (split, size) in enumerate(NUM_GENERATED.items()):
        rng = np.random.default_rng([seed, index])
        n = size if limit is None else min(limit, size)
        labels = rng.integers(0, len(DIGITS), n).astype(np.uint8)
        arrays[f"y_{split}"] = labels
        arrays[f"x_{split}"] = np.stack(
            [
                strokes_to_image(
                    draw_digit(int(label), rng),
                    pen_width(rng),
                )
                for label in labels
            ]
        )
    return Dataset(**arrays, name=GENERATED, generated=True)


def cache_path() -> Path:
    """Where the downloaded MNIST is kept.

    Keras' own place where `KERAS_HOME` is set, else the platform's cache
    folder.
    """
    home = os.environ.get("KERAS_HOME")
    if home:
        return Path(home).expanduser() / "datasets" / "mnist.npz"
    return Path(platformdirs.user_cache_dir("mnistcnn")) / "mnist.npz"


def find_cached() -> Path | None:
    """A copy of MNIST that is here already: ours, or Keras' own."""
    keras_own = Path.home() / ".keras" / "datasets" / "mnist.npz"
    candidates = [cache_path(), keras_own]
    return next((path for path in candidates if path.is_file()), None)


# === MNIST ===


def _load_mnist() -> Dataset:
    cached = find_cached()
    try:
        path = cached or download(
            os.environ.get("MNISTCNN_URL") or MNIST_URL,
            cache_path(),
            verify=_verify_mnist,
            max_bytes=MAX_DOWNLOAD_BYTES,
        )
        return _verify_mnist(path)
    except DataError as error:
        # A file that is there stays: it may be the only copy of something.
        kept = f" {cached} was left as it is: move it away." if cached else ""
        raise DataError(
            f"{error}{kept} Three ways out: set MNISTCNN_DATA to an mnist.npz "
            f"or to a folder with the four IDX files; put mnist.npz at "
            f"{cache_path()}; or train on generated digits with --data "
            "strokes."
        ) from error


def _verify_mnist(path: Path) -> Dataset:
    arrays = read_arrays(path)
    for key, expected in MNIST_DIGESTS.items():
        found = digest(arrays[key])
        if found != expected:
            raise DataError(
                f"{path} is not MNIST: {key} has sha256 {found}, expected "
                f"{expected}."
            )
    return Dataset(**arrays, name=MNIST)


def _load_path(path: Path, classes: Sequence[str] | None) -> Dataset:
    if is_drawings(path):
        drawings = read_drawings(path)
        return drawings.relabel(classes) if classes else drawings
    names = read_classes(path) or tuple(classes or DIGITS)
    arrays = read_arrays(path, num_classes=len(names))
    name = path.resolve().name
    if _is_mnist(arrays):
        name = MNIST
    elif name in (MNIST, GENERATED):
        # A folder's name must not pass its images off as something else.
        name = f"{name} (a file's name)"
    return Dataset(**arrays, name=name, classes=names)


def _is_mnist(arrays: Arrays) -> bool:
    # The small arrays first: they decide at once for anything else.
    keys = sorted(KEYS, key=lambda key: arrays[key].size)
    return all(digest(arrays[key]) == MNIST_DIGESTS[key] for key in keys)
