"""Data sets on disk: detects the form of a path, and reads it.

Every form is read as untrusted input: any fault is one `DataError`, which names
the path.
"""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mnistcnn.data.archives import describe_start
from mnistcnn.data.classfolders import find_class_folders, read_class_folders
from mnistcnn.data.dataset import KEYS
from mnistcnn.data.idx import find_idx, read_idx
from mnistcnn.data.npz import read_npz
from mnistcnn.data.tables import find_tables, read_tables
from mnistcnn.errors import DataError
from mnistcnn.files import AnyPath, find_kind, open_regular

FORMS = (
    "an .npz with the keys x_train, y_train, x_test and y_test, IDX files "
    "named as MNIST's or EMNIST's, a CSV of labels and pixels, a folder with "
    "a folder of images for each class, a folder of saved drawings, or an "
    ".npz of pen strokes"
)


@dataclasses.dataclass(frozen=True, eq=False)
class Found:
    """The contents of a path, whose values are not checked yet.

    Args:
        arrays: by the names in `KEYS`; those of the training set, or those of
            the test set, may be missing.
        classes: the classes' names, if the data have them.
        about: a remark to show with the data.
    """

    arrays: dict[str, np.ndarray]
    classes: tuple[str, ...] | None = None
    about: str = ""


def read_data(
    path: AnyPath,
    *,
    num_classes: int | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> Found:
    """Reads a data set in any known form.

    Args:
        path: of a file or a folder, in one of `FORMS`.
        num_classes: the number of classes, if the data do not name them.
        shapes: of an `.npz`'s arrays, if they are known.

    Returns:
        Its contents.

    Raises:
        DataError: the path does not exist, or holds something else.
    """
    path = Path(path)
    try:
        kind = find_kind(path)
        if kind not in ("file", "folder"):
            raise DataError(
                f"{path} is a {kind}. Expected {FORMS}: give the path of one."
            )
        if kind == "folder":
            return _read_folder(path)
        if files := find_idx(path):
            return Found(*read_idx(files))
        if files := find_tables(path):
            return Found(*read_tables(files))
        with open_regular(path) as stream:
            return _read_npz(stream, path, num_classes, shapes)
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist. Expected {FORMS}.") from error
    except OSError as error:
        raise DataError(
            f"{str(path)!r} cannot be read ({error.strerror}). Expected "
            f"{FORMS}."
        ) from error


def _read_folder(path: Path) -> Found:
    if files := find_idx(path):
        return Found(*read_idx(files))
    if images := find_class_folders(path):
        return Found(*read_class_folders(images))
    if files := find_tables(path):
        return Found(*read_tables(files))
    some = ", ".join(sorted(os.listdir(path))[:5]) or "nothing"
    raise DataError(f"{path} holds {some[:100]}. Expected {FORMS}.")


def _read_npz(
    stream: BinaryIO,
    path: Path,
    num_classes: int | None,
    shapes: Mapping[str, tuple[int, ...]] | None,
) -> Found:
    try:
        return Found(
            *read_npz(stream, KEYS, num_classes=num_classes, shapes=shapes)
        )
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    # zipfile, its decompressors, NumPy and ast raise a dozen classes,
    # unpredictably.
    except Exception as error:
        raise DataError(
            f"{path} cannot be read as an .npz archive: it "
            f"{describe_start(stream)} ({type(error).__name__}). "
            f"Expected {FORMS}: download or copy it again."
        ) from error
