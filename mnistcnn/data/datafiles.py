"""A data set's four arrays, read from a path and checked.

Their shapes, types and values are right, or there is one `DataError`.
"""

import os
from pathlib import Path

import numpy as np

from mnistcnn.data.dataset import KEYS, UInt8Array
from mnistcnn.data.formats import read_idx_folder, read_npz
from mnistcnn.errors import DataError
from mnistcnn.pictures import IMAGE_SIZE

Arrays = dict[str, UInt8Array]


def read_arrays(path: Path, *, num_classes: int = 10) -> Arrays:
    """Reads an `.npz` archive or a folder with the four IDX files.

    Args:
        path: an `.npz` with the keys `x_train`, `y_train`, `x_test` and
            `y_test`, or a folder with MNIST's four IDX files under their
            usual names, gzipped or not.
        num_classes: labels have to lie in `0..num_classes - 1`.

    Returns:
        The four arrays: images `(n, 28, 28)` uint8, labels `(n,)` uint8.

    Raises:
        DataError: the path does not exist, or what it holds is something
            else.
    """
    path = Path(path)
    # os.path: pathlib's methods raise on a name that is too long.
    if not os.path.exists(path):
        raise DataError(
            f"{path} does not exist. Expected an .npz with the keys "
            f"{', '.join(KEYS)}, or a folder with the four IDX files."
        )
    if path.is_dir():
        arrays = read_idx_folder(path)
    elif path.is_file():
        arrays = read_npz(path)
    else:
        # Opening a pipe would wait for its writer.
        raise DataError(
            f"{path} is a pipe or a device. Expected an .npz or a folder: "
            "give the path of one."
        )
    for split in ("train", "test"):
        x_key, y_key = f"x_{split}", f"y_{split}"
        check_images(arrays[x_key], f"{path}: {x_key}")
        arrays[y_key] = check_labels(
            arrays[y_key], f"{path}: {y_key}", num_classes
        )
        if len(arrays[x_key]) != len(arrays[y_key]):
            raise DataError(
                f"{path}: {len(arrays[x_key])} images in {x_key} but "
                f"{len(arrays[y_key])} labels in {y_key}. Expected as many "
                "labels as images: make the file anew."
            )
    return arrays


def check_images(images: np.ndarray, what: str) -> None:
    """Raises a `DataError` unless `images` is `(n, 28, 28)` uint8, n > 0."""
    expected = (IMAGE_SIZE, IMAGE_SIZE)
    if (
        images.ndim != 3
        or images.shape[1:] != expected
        or images.dtype != np.uint8
        or not len(images)
    ):
        raise DataError(
            f"{what} has shape {images.shape} and dtype {images.dtype}. "
            f"Expected (n, {IMAGE_SIZE}, {IMAGE_SIZE}) uint8, n > 0: convert "
            "the images to 28x28 grey, 0..255."
        )


def check_labels(labels: np.ndarray, what: str, num_classes: int) -> UInt8Array:
    """Returns `labels` as `(n,)` uint8, or raises a `DataError`.

    Checked here because a label out of range is an error on PyTorch and
    TensorFlow but trains on silently, with loss 0, on JAX.
    """
    if labels.ndim != 1 or not len(labels):
        raise DataError(
            f"{what} has shape {labels.shape}. Expected (n,), one whole "
            "number an image, n > 0 (not one-hot)."
        )
    if labels.dtype.kind not in "iu":
        raise DataError(
            f"{what} has dtype {labels.dtype} (first value {labels[0]}). "
            f"Expected whole numbers 0..{num_classes - 1}: store the labels "
            "as integers."
        )
    wrong = np.flatnonzero((labels < 0) | (labels >= num_classes))
    if len(wrong):
        raise DataError(
            f"{what}[{wrong[0]}] is {labels[wrong[0]]} ({len(wrong)} such "
            f"labels). Expected 0..{num_classes - 1}: correct or drop them, "
            "or name the classes if they are more."
        )
    return labels.astype(np.uint8)
