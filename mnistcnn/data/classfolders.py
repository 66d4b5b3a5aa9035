"""Folders of class folders, with an image file each: `data/7/a.png`.

With or without `train` and `test` folders above them.
"""

from pathlib import Path

import cv2
import numpy as np

from mnistcnn.data.classnames import check_names
from mnistcnn.data.dataset import DIGITS, KEYS
from mnistcnn.errors import DataError
from mnistcnn.pictures import IMAGE_SIZE, SUFFIXES, read_image

# EMNIST's are 814,255.
MAX_IMAGES = 1_000_000
# The names of folders, in lower case; the first one that exists is used.
_SPLITS = {
    "train": ("train", "training", "trainingset"),
    "test": ("test", "testing", "testset", "val", "valid", "validation"),
}

Files = dict[str, dict[str, list[Path]]]


def find_class_folders(folder: Path) -> Files | None:
    """Finds the image files of a folder of class folders.

    Args:
        folder: has a folder for each class, or `train` and `test` (or one of
            them) that do.

    Returns:
        Image files by `train` or `test`, and by class; `None` if there are
        none. Hidden files, and files without an image's suffix, are skipped.

    Raises:
        DataError: there are too many.
    """
    folders = {f.name.lower(): f for f in sorted(Path(folder).iterdir())}
    found: Files = {}
    for split, names in _SPLITS.items():
        path = next((folders[n] for n in names if n in folders), None)
        if path is not None and path.is_dir() and (c := _find_classes(path)):
            found[split] = c
    if not found and (classes := _find_classes(folder)):
        found = {"train": classes}
    return found or None


def read_class_folders(
    files: Files,
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Reads a folder of class folders.

    Args:
        files: as `find_class_folders` finds them.

    Returns:
        The arrays by key, `x_train`..., images shuffled, in the same order each
        time; and the classes' names: the digits if all folders are named so,
        else the folders' names in order.

    Raises:
        DataError: an image is not 28x28, or cannot be read.
    """
    found = {name for classes in files.values() for name in classes}
    names = DIGITS
    if not found <= set(DIGITS):
        numbers = all(name.isdecimal() for name in found)
        names = tuple(sorted(found, key=int if numbers else None))
    check_names(names, "The list of class folders")
    arrays: dict[str, np.ndarray] = {}
    for split, classes in files.items():
        pairs = [
            (names.index(name), path)
            for name in sorted(classes)
            for path in classes[name]
        ]
        # Sorted by class, the held-out last part would have other classes.
        order = np.random.default_rng(0).permutation(len(pairs))
        images = np.empty((len(pairs), IMAGE_SIZE, IMAGE_SIZE), np.uint8)
        labels = np.empty(len(pairs), np.uint8)
        for place, index in enumerate(order):
            labels[place], path = pairs[index]
            images[place] = _read_grey(path)
        keys = KEYS[:2] if split == "train" else KEYS[2:]
        arrays.update(zip(keys, (images, labels), strict=True))
    return arrays, names


def _find_classes(folder: Path) -> dict[str, list[Path]]:
    classes = {}
    count = 0
    for inner in sorted(folder.iterdir()):
        if inner.name.startswith(".") or not inner.is_dir():
            continue
        images = sorted(
            file
            for file in inner.iterdir()
            if file.suffix.lower() in SUFFIXES and file.name[0] != "."
        )
        count += len(images)
        if count > MAX_IMAGES:
            raise DataError(
                f"{folder} has more than {MAX_IMAGES:,} images. Expected a "
                "data set of fewer: take a part of it."
            )
        if images:
            classes[inner.name] = images
    return classes


def _read_grey(path: Path) -> np.ndarray:
    image = read_image(path)
    if image.shape[:2] != (IMAGE_SIZE, IMAGE_SIZE):
        height, width = image.shape[:2]
        raise DataError(
            f"{path} has {width}x{height} pixels. Expected {IMAGE_SIZE}x"
            f"{IMAGE_SIZE}, bright ink on dark, as MNIST has it: resize all "
            "images, or make them by picture_to_ink and ink_to_image."
        )
    if image.ndim == 2:
        return image
    if image.shape[2] == 4 and image[..., 3].min() < 255:
        raise DataError(
            f"{path} has transparent pixels. Expected grey ones: flatten it "
            "on black."
        )
    return cv2.cvtColor(image[..., :3], cv2.COLOR_RGB2GRAY)
