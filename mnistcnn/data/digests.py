"""Digests of arrays, which identify data sets."""

import hashlib
import struct

import numpy as np
import numpy.typing as npt


def digest(array: npt.NDArray[np.uint8]) -> str:
    """Returns the sha256 of an array written as an uncompressed IDX file.

    Archives of the same arrays differ between the tools that write them; IDX is
    MNIST's own format, with known digests.

    Args:
        array: uint8, any shape.

    Returns:
        64 hexadecimal digits.

    Example:
        >>> digest(np.zeros((2, 28, 28), np.uint8))[:12]
        '12878cea1d17'
    """
    header = struct.pack(">HBB", 0, 0x08, array.ndim)  # 8: IDX' uint8
    header += struct.pack(f">{array.ndim}I", *array.shape)
    sha = hashlib.sha256(header)
    sha.update(np.ascontiguousarray(array, dtype=np.uint8).data)
    return sha.hexdigest()
