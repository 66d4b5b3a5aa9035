"""IDX files, MNIST's own form, and EMNIST's; read as untrusted input.

Sizes are read from a header and checked before a body is read.
Written by hand: idx2numpy reads as much as a header claims.
"""

import gzip
import math
import os
import re
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mnistcnn.data.archives import describe_start, limit_bytes
from mnistcnn.data.classnames import MAX_BYTES, check_names
from mnistcnn.data.dataset import KEYS
from mnistcnn.data.emnist import read_emnist
from mnistcnn.errors import DataError
from mnistcnn.files import open_regular, read_regular
from mnistcnn.pictures import check_form

CLASSES = "classes.txt"  # beside the files, with a name per line
IDX_NAMES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
# With a hyphen as on LeCun's page, or with a dot as unpacked on Windows;
# EMNIST's begin with its name and that of one of its data sets.
_NAME = re.compile(
    r"(?:(?P<prefix>.+)-)?(?P<split>train|t10k|test)-(?P<what>images|labels)"
    r"[-.]idx(?P<num_dims>[13])-ubyte(?P<packed>\.gz)?"
)
_IDX_UINT8 = 0x08


def find_idx(path: Path) -> dict[str, Path] | None:
    """Finds the IDX files of one data set.

    Args:
        path: a folder that holds them, or one of them.

    Returns:
        Their paths by key, `x_train`, `y_train`...; an unpacked file is
        preferred to a gzipped one. `None` if there are none.

    Raises:
        DataError: there are several data sets.
    """
    path = Path(path)
    folder, given = path, None
    if not path.is_dir():
        given = _NAME.fullmatch(path.name)
        if given is None:
            return None
        folder = path.parent
    found: dict[str, dict[str, Path]] = {}
    # Gzipped files last.
    for file in sorted(folder.iterdir(), key=lambda f: (f.suffix == ".gz", f)):
        match = _NAME.fullmatch(file.name)
        if match is None or file.is_dir():
            continue
        prefix = match["prefix"] or ""
        split = "train" if match["split"] == "train" else "test"
        key = f"{'x' if match['what'] == 'images' else 'y'}_{split}"
        found.setdefault(prefix, {}).setdefault(key, file)
    if given is not None:
        return found[given["prefix"] or ""]
    if len(found) > 1:
        names = ", ".join(name or "(no name)" for name in sorted(found))
        raise DataError(
            f"{path} has the IDX files of several data sets: {names[:200]}. "
            "Expected one: give the path of one of its files."
        )
    return next(iter(found.values()), None)


def read_idx(
    files: dict[str, Path],
) -> tuple[dict[str, npt.NDArray[np.uint8]], tuple[str, ...] | None]:
    """Reads IDX files of uint8, gzipped or not.

    Args:
        files: as `find_idx` finds them.

    Returns:
        Images `(n, height, width)` and labels `(n,)`, uint8, by key; EMNIST's
        are turned upright and its letters counted from 0. And the names of the
        classes, from `classes.txt` or EMNIST, if any.

    Raises:
        DataError: one is missing, or is not an IDX file.
    """
    first = next(iter(files.values()))
    arrays = {}
    for x_key, y_key in (KEYS[:2], KEYS[2:]):
        if x_key not in files and y_key not in files:
            continue
        for key in (x_key, y_key):
            if key not in files:
                raise DataError(
                    f"{first.parent} has {first.name} but no file like "
                    f"{IDX_NAMES[key]}. Expected images and labels, under "
                    "MNIST's names or EMNIST's, gzipped or not."
                )
            arrays[key] = _read(files[key], 3 if key == x_key else 1)
    match = _NAME.fullmatch(first.name)
    prefix = (match["prefix"] if match else None) or ""
    arrays, classes = read_emnist(prefix, arrays)
    return arrays, _read_names(first.parent / CLASSES) or classes


def _read_names(path: Path) -> tuple[str, ...] | None:
    if not os.path.lexists(path):
        return None
    try:
        text = read_regular(path, max_bytes=MAX_BYTES).decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise DataError(
            f"{path} cannot be read ({reason}). Expected the classes' names "
            "in UTF-8, one a line: write it anew."
        ) from error
    names = tuple(line.strip() for line in text.strip().splitlines())
    return check_names(names, str(path))


def _read(path: Path, num_dims: int) -> npt.NDArray[np.uint8]:
    looks = "cannot be opened"
    try:
        with open_regular(path) as raw:
            looks = describe_start(raw)
            raw.seek(0)
            packed = path.suffix == ".gz"
            stream = gzip.GzipFile(fileobj=raw) if packed else raw
            header = stream.read(4 + 4 * num_dims)
            magic = header[:4]
            expected = bytes([0, 0, _IDX_UINT8, num_dims])
            if magic != expected or len(header) != 4 + 4 * num_dims:
                raise DataError(
                    f"{path} begins with {magic.hex() or 'nothing'}. Expected "
                    f"{expected.hex()}, an IDX file of uint8 with {num_dims} "
                    "dimensions: download it again."
                )
            shape = struct.unpack(f">{num_dims}I", header[4:])
            size = math.prod(shape)
            limit = limit_bytes(raw)
            # NumPy refuses some shapes even for zero bytes.
            if not 0 < size <= limit:
                raise DataError(
                    f"{path} says it has shape {shape}. Expected 1 to "
                    f"{limit:,} bytes: the header is wrong."
                )
            if num_dims == 3:
                check_form(shape, np.dtype(np.uint8), str(path))
            body = stream.read(size + 1)
    except (EOFError, OSError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise DataError(
            f"{path} cannot be read: it {looks} ({reason}). Expected an IDX "
            "file, gzipped where its name ends in .gz: download it again."
        ) from error
    if len(body) != size:
        more = "more" if len(body) > size else f"{len(body):,}"
        raise DataError(
            f"{path} says it has shape {shape}, {size:,} bytes, but holds "
            f"{more}. Expected exactly as many: download it again."
        )
    return np.frombuffer(body, np.uint8).reshape(shape)
