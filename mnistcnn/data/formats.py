"""MNIST's own format, IDX: read where nobody vouches for it, and digested.

Sizes are checked before anything is read, as `mnistcnn.data.npzfiles` does.
"""

import gzip
import hashlib
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from mnistcnn.data.untrusted import MAX_ARRAY_BYTES, looks_like
from mnistcnn.errors import DataError

IDX_NAMES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}

_UINT8 = 0x08


def digest(array: np.ndarray) -> str:
    """The sha256 of an array written as an uncompressed IDX file.

    Archives of the same arrays differ byte by byte with the tool that wrote
    them; the IDX bytes are MNIST's own format and have known digests.

    Args:
        array: uint8, any shape.

    Returns:
        64 hexadecimal digits.

    Example:
        >>> digest(np.zeros((2, 28, 28), np.uint8))[:12]
        '12878cea1d17'
    """
    header = struct.pack(">HBB", 0, _UINT8, array.ndim)
    header += struct.pack(f">{array.ndim}I", *array.shape)
    sha = hashlib.sha256(header)
    sha.update(np.ascontiguousarray(array, dtype=np.uint8).data)
    return sha.hexdigest()


def read_idx_folder(folder: Path) -> dict[str, np.ndarray]:
    """Reads the four files of `IDX_NAMES`, gzipped or not.

    Args:
        folder: that holds them.

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


def _read_idx(path: Path, *, num_dims: int) -> np.ndarray:
    try:
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rb") as stream:
            header = stream.read(4 + 4 * num_dims)
            magic = header[:4]
            expected = bytes([0, 0, _UINT8, num_dims])
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
    except DataError:
        raise
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(
            f"{path} cannot be read: it {looks_like(path)} "
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
