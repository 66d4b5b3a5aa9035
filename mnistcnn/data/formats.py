"""The file formats of data sets, `.npz` and IDX, read as untrusted input.

Every size is read from a header and checked before the body is read, so that
a file of one kilobyte cannot ask for a terabyte; nothing is unpickled.
By hand: idx2numpy and `numpy.load` read as much as a header asks for.
"""

import gzip
import math
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mnistcnn.data.dataset import KEYS
from mnistcnn.errors import DataError

# The largest array that is read: EMNIST's 814,255 images are 638 MB.
MAX_ARRAY_BYTES = 1 << 30

IDX_NAMES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
_IDX_UINT8 = 0x08


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Reads the arrays of `KEYS` from an archive.

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
            return {key: read_member(archive, key) for key in KEYS}
    except DataError:
        raise
    # zipfile, its decompressors, NumPy and ast raise a dozen classes, and
    # which one is an accident.
    except Exception as error:
        raise DataError(
            f"{path} cannot be read as an .npz archive: it "
            f"{_describe_start(path)} ({type(error).__name__}). Expected an "
            "archive saved by numpy.savez: download or copy it again."
        ) from error


def read_member(
    archive: zipfile.ZipFile,
    key: str,
    *,
    kinds: str = "iufb",
    max_bytes: int = MAX_ARRAY_BYTES,
) -> np.ndarray:
    """Reads one array of an open `.npz` archive.

    Args:
        archive: holds the member `<key>.npy`.
        key: the array's name.
        kinds: the `dtype.kind`s that are taken; by default numbers.
        max_bytes: the size, in bytes, above which nothing is read.

    Returns:
        The array, of any shape.

    Raises:
        DataError: it has another type, asks for too much, or its data is
            not as long as its header says. What `zipfile` and NumPy raise
            of a damaged archive is passed on.
    """
    what = f"{archive.filename}: {key}"
    with archive.open(f"{key}.npy") as stream:
        # Versions above are for fields with names, and their header may
        # claim, and decompress to, four gigabytes.
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError("not npy version 1.0")
        header = np.lib.format.read_array_header_1_0(stream)
        shape, fortran_order, dtype = header
        if dtype.hasobject or dtype.kind not in kinds:
            raise DataError(
                f"{what} has dtype {dtype}. Expected numbers "
                "(uint8 images, integer labels): save plain arrays."
            )
        # An absurd header must not reserve memory: check what it asks for.
        size = math.prod(shape) * dtype.itemsize
        if size > max_bytes or any(length < 0 for length in shape):
            raise DataError(
                f"{what} says it has shape {str(shape)[:60]} and "
                f"dtype {dtype}. Expected at most {max_bytes:,} bytes: "
                "the header is wrong or the data set too large."
            )
        body = stream.read(size)
        if len(body) != size or stream.read(1):
            raise DataError(
                f"{what} says it has shape {shape} but its data is "
                "shorter or longer. Expected exactly that many values: "
                "save or download the file again."
            )
    order = "F" if fortran_order else "C"
    return np.frombuffer(body, dtype).reshape(shape, order=order)


def read_idx_folder(folder: Path) -> dict[str, npt.NDArray[np.uint8]]:
    """Reads the four files of `IDX_NAMES`, gzipped or not.

    Args:
        folder: holds them.

    Returns:
        Images `(n, height, width)` and labels `(n,)`, uint8.

    Raises:
        DataError: one is missing, or is no such file.
    """
    arrays = {}
    for key, name in IDX_NAMES.items():
        candidates = [folder / name, folder / f"{name}.gz"]
        path = next((p for p in candidates if p.is_file()), None)
        if path is None:
            raise DataError(
                f"{folder} has no {name} (nor {name}.gz). Expected MNIST's "
                f"four IDX files: {', '.join(IDX_NAMES.values())}."
            )
        arrays[key] = _read_idx(path, num_dims=3 if key[0] == "x" else 1)
    return arrays


def _read_idx(path: Path, *, num_dims: int) -> npt.NDArray[np.uint8]:
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rb") as stream:
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
            # NumPy refuses some shapes of no bytes at all.
            if not 0 < size <= MAX_ARRAY_BYTES:
                raise DataError(
                    f"{path} says it has shape {shape}. Expected 1 to "
                    f"{MAX_ARRAY_BYTES:,} bytes: the header is wrong."
                )
            body = stream.read(size + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(
            f"{path} cannot be read: it {_describe_start(path)} "
            f"({type(error).__name__}). Expected an IDX file, gzipped where "
            "its name ends in .gz: download it again."
        ) from error
    if len(body) != size:
        more = "more" if len(body) > size else f"{len(body):,}"
        raise DataError(
            f"{path} says it has shape {shape}, {size:,} bytes, but holds "
            f"{more}. Expected exactly as many: download it again."
        )
    return np.frombuffer(body, np.uint8).reshape(shape)


def _describe_start(path: Path) -> str:
    """Returns what a file's first bytes look like, for an error's text."""
    try:
        with path.open("rb") as stream:
            start = stream.read(64)
    except OSError:
        return "cannot be opened"
    if not start:
        return "is empty"
    if start.lstrip()[:1] == b"<":
        return "looks like an HTML page"
    if start[:4] == b"PK\x03\x04":
        return "is a zip archive that is cut short or damaged"
    if start[:6] == b"\x93NUMPY":
        return "is a single .npy array"
    if start[:2] == b"\x1f\x8b":
        return "is gzip data"
    return f"begins with the bytes {start[:8].hex()}"
