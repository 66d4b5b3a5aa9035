"""The sources of data: MNIST, files of its form, generated strokes."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnistcnn.data.classnames import take_names
from mnistcnn.data.datafiles import read_data
from mnistcnn.data.dataset import DIGITS, KEYS, Dataset
from mnistcnn.data.drawings import is_drawings, read_drawings
from mnistcnn.data.labels import check_labels
from mnistcnn.data.mnist import MNIST, is_mnist, load_mnist
from mnistcnn.data.names import expand, list_sources, part_sources
from mnistcnn.data.splitting import TEST_EVERY, choose_tested, take_limit
from mnistcnn.data.strokefiles import read_strokes_file
from mnistcnn.data.writers import add_strokes, draw_dataset
from mnistcnn.errors import DataError, DataWarning, make_printable, warn
from mnistcnn.ink import draw_digit, pen_width
from mnistcnn.pictures import check_images, strokes_to_image

GENERATED = "generated strokes, not MNIST"
NUM_GENERATED = {"train": 30_000, "test": 5_000}


class GeneratedDataWarning(DataWarning):
    """MNIST could not be obtained; generated strokes are used instead."""


def load_data(
    source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = "auto",
    *,
    limit: int | None = None,
    classes: Sequence[str] | None = None,
) -> Dataset:
    """Loads a data set: finds it, downloads it if needed, verifies it.

    Args:
        source: one of

            - `"mnist"`: MNIST and nothing else, from where `MNISTCNN_DATA`
              says, the cache, or a download;
            - `"strokes"`: digits that `mnistcnn.ink` generates;
            - the path of an `.npz` with the keys `x_train`, `y_train`,
              `x_test`, `y_test`; of a folder of IDX files, MNIST's or
              EMNIST's, gzipped or not, or of one of them; of a CSV of labels
              and pixels; of a folder that has a folder of images for each
              class; of a folder of drawings that the board saved; of an
              `.npz` of pen strokes (docs/data.md has an example of each);
            - `"auto"`: the source that the environment variable
              `MNISTCNN_DATA` names, else MNIST, else, with a
              `GeneratedDataWarning`, strokes.

            Of several, in any order, one is of images and the others are files
            of pen strokes, to train on in addition. A text that is not a path
            itself may name several with `os.pathsep` between them, as in
            `MNISTCNN_DATA`.

            If data have only a test set, the training set is empty; if they
            have no test set, every fifth image of each class goes into it, and
            of pen strokes every tenth writer.
        limit: at most this many training and this many test images, the first
            ones.
        classes: the names of the classes, for data other than digits that do
            not name them (an `.npz` does by the key `classes`, a folder of IDX
            files by a `classes.txt`, class folders by their names).

    Returns:
        A `Dataset`: images `(n, 28, 28)` uint8, labels `(n,)` uint8.

    Raises:
        DataError: the source does not exist, or is invalid.

    Example:
        >>> data = load_data("strokes", limit=20)
        >>> data.x_train.shape, data.y_train.dtype, data.name
        ((20, 28, 28), dtype('uint8'), 'generated strokes, not MNIST')
    """
    limit = take_limit(limit)
    classes = None if classes is None else take_names(classes)
    images, strokes = part_sources(list_sources(source))
    # Strokes first, so that errors show before anything is downloaded.
    found = [read_strokes_file(path) for path in strokes]
    if images is None:
        return draw_dataset(found, classes).limit(limit)
    data = _load_images(images, limit, classes)
    return add_strokes(data, found, limit) if found else data


def _load_images(
    source: str, limit: int | None, classes: Sequence[str] | None
) -> Dataset:
    if source == "strokes":
        return generate(limit=limit)
    if source == "mnist":
        return load_mnist().limit(limit)
    if source != "auto":
        return _load_path(expand(source), classes).limit(limit)
    try:
        return load_mnist().limit(limit)
    except DataError as error:
        warn(
            f"MNIST cannot be had: {error} Going on with {GENERATED}: the "
            "scores of this run say nothing about MNIST.",
            GeneratedDataWarning,
        )
        return generate(limit=limit)


def generate(*, seed: int = 0, limit: int | None = None) -> Dataset:
    """Generates digits by `mnistcnn.ink`, in the form of MNIST.

    Args:
        seed: of NumPy's generator; the same seed gives the same images.
        limit: at most this many training and this many test images.

    Returns:
        A `Dataset` of 30,000 training and 5,000 test images, or `limit`.
    """
    limit = take_limit(limit)
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


def _load_path(path: Path, classes: Sequence[str] | None) -> Dataset:
    if is_drawings(path):
        drawings = read_drawings(path)
        return drawings.relabel(classes) if classes else drawings
    classes = tuple(classes or ())
    found = read_data(path, num_classes=len(classes) or None)
    arrays, about = found.arrays, found.about
    name = make_printable(path.resolve().name)
    if is_mnist(arrays):
        name = MNIST
    elif name in (MNIST, GENERATED):
        # A folder's name must not pass its images off as another data set.
        name = f"{name} (a file's name)"
    names = found.classes or classes or DIGITS
    try:
        if "x_train" in arrays and not len(arrays.get("x_test", ())):
            arrays, about = _hold_out_test(arrays, len(names), about)
        # For a test set only.
        none = {"x_train": np.zeros((0, 28, 28)), "y_train": np.zeros(0)}
        parts = [(none | arrays)[key] for key in KEYS]
        data = Dataset(*parts, name=name, classes=names, about=about)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    # They may be fewer than those of the artifact that is scored.
    return data.relabel(classes) if set(names) <= set(classes) else data


def _hold_out_test(
    arrays: dict[str, np.ndarray], num_classes: int, about: str
) -> tuple[dict[str, np.ndarray], str]:
    """Splits a test set off a training set that has none."""
    x = check_images(arrays["x_train"], "x_train", whole=True)
    y = check_labels(arrays["y_train"], num_classes, "y_train")
    if len(x) != len(y):
        raise DataError(
            f"{len(x)} images but {len(y)} labels. Expected as many labels as "
            "images: download the files again."
        )
    tested = choose_tested(y)
    parts = (x[~tested], y[~tested], x[tested], y[tested])
    said = f"{len(y):,} images and no test set, so every {TEST_EVERY}th of "
    said += "each class is for the test"
    about = f"{about}; {said}" if about else said
    return dict(zip(KEYS, parts, strict=True)), about
