"""`.npz` archives of data sets, read as untrusted input.

All headers are checked before any array is read, so that a file of one kilobyte
cannot claim a terabyte; nothing is unpickled.
"""

import math
import zipfile
from collections.abc import Mapping
from typing import BinaryIO

import numpy as np

from mnistcnn.data.archives import (
    Header,
    check_directory,
    limit_bytes,
    read_array,
    read_header,
)
from mnistcnn.data.classnames import MAX_BYTES, MAX_CLASSES, check_names
from mnistcnn.data.labels import check_label_form
from mnistcnn.errors import DataError
from mnistcnn.pictures import IMAGE_SIZE, check_form

CLASSES = "classes"  # the member that names the classes: an array of texts


def read_npz(
    stream: BinaryIO,
    keys: tuple[str, ...],
    *,
    num_classes: int | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
) -> tuple[dict[str, np.ndarray], tuple[str, ...] | None]:
    """Reads the arrays of a data set, and the names of its classes.

    Args:
        stream: an archive by `numpy.savez`.
        keys: of the arrays, images and labels alternately: `x_train`,
            `y_train`... One pair may be missing.
        num_classes: the number of classes, if the file does not name them.
        shapes: of the arrays, if they are known; then exactly these, uint8.

    Returns:
        The arrays by key, whose values are not checked yet; and the names of
        the classes, `None` if the file does not name them.

    Raises:
        DataError: a member is missing, duplicate, too large, or can be neither
            images nor labels. Errors of `zipfile` and NumPy for a damaged
            archive are passed on.
    """
    check_directory(stream)
    with zipfile.ZipFile(stream) as archive:
        names = archive.namelist()
        keys = _choose_keys(names, keys)
        classes = None
        if f"{CLASSES}.npy" in names and shapes is None:
            classes = _read_classes(archive)
        count = len(classes) if classes else num_classes or 10
        headers = {key: read_header(archive, key) for key in keys}
        _check_size(headers, limit_bytes(stream))
        _check_headers(headers, count, shapes)
        arrays = {key: read_array(archive, key, headers[key]) for key in keys}
    return arrays, classes


def _choose_keys(names: list[str], keys: tuple[str, ...]) -> tuple[str, ...]:
    pairs = [keys[i : i + 2] for i in range(0, len(keys), 2)]
    chosen = [
        key
        for pair in pairs
        for key in pair
        if any(f"{name}.npy" in names for name in pair)
    ]
    for key in chosen or keys:
        found = names.count(f"{key}.npy")
        if found != 1:
            raise DataError(
                f"it has {found} members named {key}.npy (it holds "
                f"{str(names[:6])[:100]}). Expected one each of "
                f"{', '.join(keys)}, or of a test set alone: save it with "
                "numpy.savez."
            )
    return tuple(chosen)


def _read_classes(archive: zipfile.ZipFile) -> tuple[str, ...]:
    try:
        header = read_header(archive, CLASSES)
        if header.num_bytes > MAX_BYTES or header.dtype.kind != "U":
            raise ValueError("no texts")
        if len(header.shape) != 1:
            raise ValueError("not a list of texts")
        names = tuple(map(str, read_array(archive, CLASSES, header)))
    # zipfile and NumPy raise a dozen classes, unpredictably.
    except Exception as error:
        raise DataError(
            f"{CLASSES} cannot be read ({type(error).__name__}). Expected 2 "
            f"to {MAX_CLASSES} texts: save numpy.array([...]) of the names, "
            "or leave it out."
        ) from error
    return check_names(names, CLASSES)


def _check_headers(
    headers: dict[str, Header],
    num_classes: int,
    shapes: Mapping[str, tuple[int, ...]] | None,
) -> None:
    lengths = {}
    for key, header in headers.items():
        if shapes and (header.shape, header.dtype) != (shapes[key], np.uint8):
            raise DataError(
                f"{key} has shape {str(header.shape)[:60]} and dtype "
                f"{header.dtype}. Expected {shapes[key]} and uint8, as MNIST "
                "has it: download it anew."
            )
        if key.startswith("x"):
            check_form(header.shape, header.dtype, key)
        else:
            check_label_form(header.shape, header.dtype, num_classes, key)
        # A single image may lack the first axis.
        n = math.prod(header.shape) // IMAGE_SIZE**2
        lengths[key] = n if key.startswith("x") else header.shape[0]
    for x_key, y_key in zip(*[iter(lengths)] * 2, strict=True):
        if lengths[x_key] != lengths[y_key]:
            raise DataError(
                f"{lengths[x_key]} images in {x_key} but {lengths[y_key]} "
                f"labels in {y_key}. Expected as many labels as images: make "
                "the file anew."
            )


def _check_size(headers: dict[str, Header], limit: int) -> None:
    if sum(header.num_bytes for header in headers.values()) > limit:
        key = max(headers, key=lambda key: headers[key].num_bytes)
        raise DataError(
            f"{key} says it has shape {str(headers[key].shape)[:60]} and "
            f"dtype {headers[key].dtype}. Expected at most {limit:,} bytes in "
            "all arrays: the header is wrong or the data set too large."
        )
