"""Reading `.npz` archives that nobody vouches for.

Every size is read from a header and checked before the body is read, so that
a file of one kilobyte cannot ask for a terabyte; nothing is unpickled.
"""

import math
import zipfile
from pathlib import Path

import numpy as np

from mnistcnn.data.untrusted import MAX_ARRAY_BYTES, looks_like
from mnistcnn.errors import DataError

KEYS = ("x_train", "y_train", "x_test", "y_test")


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Reads the arrays of `KEYS`.

    Args:
        path: an archive by `numpy.savez`.

    Returns:
        Arrays of numbers, of any shape and type.

    Raises:
        DataError: it is no such archive, or one that asks for too much.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            for key in KEYS:
                found = names.count(f"{key}.npy")
                if found != 1:
                    raise DataError(
                        f"{path} has {found} members named {key}.npy (it "
                        f"holds {str(names[:6])[:100]}). Expected one each "
                        f"of {', '.join(KEYS)}: save it with numpy.savez."
                    )
            return {key: _read_member(archive, path, key) for key in KEYS}
    except DataError:
        raise
    # zipfile, its decompressors, NumPy and ast raise a dozen classes, and
    # which one is an accident.
    except Exception as error:
        raise DataError(
            f"{path} cannot be read as an .npz archive: it "
            f"{looks_like(path)} ({type(error).__name__}). Expected an "
            "archive saved by numpy.savez: download or copy it again."
        ) from error


def _read_member(archive: zipfile.ZipFile, path: Path, key: str) -> np.ndarray:
    with archive.open(f"{key}.npy") as stream:
        # Versions above are for fields with names, and their header may
        # claim, and decompress to, four gigabytes.
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError("not npy version 1.0")
        header = np.lib.format.read_array_header_1_0(stream)
        shape, fortran_order, dtype = header
        if dtype.hasobject or dtype.kind not in "iufb":
            raise DataError(
                f"{path}: {key} has dtype {dtype}. Expected numbers "
                "(uint8 images, integer labels): save plain arrays."
            )
        # An absurd header must not reserve memory: check what it asks for.
        size = math.prod(shape) * dtype.itemsize
        if size > MAX_ARRAY_BYTES or any(length < 0 for length in shape):
            raise DataError(
                f"{path}: {key} says it has shape {str(shape)[:60]} and "
                f"dtype {dtype}. Expected at most {MAX_ARRAY_BYTES:,} bytes: "
                "the header is wrong or the data set too large."
            )
        body = stream.read(size)
        if len(body) != size or stream.read(1):
            raise DataError(
                f"{path}: {key} says it has shape {shape} but its data is "
                "shorter or longer. Expected exactly that many values: "
                "save or download the file again."
            )
    order = "F" if fortran_order else "C"
    return np.frombuffer(body, dtype).reshape(shape, order=order)
