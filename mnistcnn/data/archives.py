"""Arrays in files: headers, and bodies that match them.

Written by hand: `numpy.load` reads as much as a header claims, and `zipfile`
accepts a directory of any length.
"""

import math
import os
import struct
import zipfile
from typing import BinaryIO, NamedTuple

import numpy as np

from mnistcnn.errors import DataError

# The limit of all arrays: EMNIST's 814,255 images are 638 MB. A smaller file
# may claim so many times its size; MNIST's is five times smaller than its
# arrays.
MAX_BYTES = 1 << 30
MAX_RATIO = 100
MAX_SMALL_BYTES = 64 << 20
# The directory names each member; numpy.savez writes 60 bytes for one.
MAX_DIRECTORY_BYTES = 1 << 20

_END = struct.Struct("<4s4H2IH")


class Header(NamedTuple):
    """What a member claims to hold."""

    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype

    @property
    def num_bytes(self) -> int:
        """The size of the array."""
        return math.prod(self.shape) * self.dtype.itemsize


def limit_bytes(stream: BinaryIO) -> int:
    """Computes how many bytes of arrays a compressed file may claim."""
    size = os.fstat(stream.fileno()).st_size
    return min(MAX_BYTES, max(MAX_SMALL_BYTES, MAX_RATIO * size))


def check_directory(stream: BinaryIO) -> None:
    """Checks that an archive's directory is small before it is read.

    Args:
        stream: the archive.

    Raises:
        BadZipFile: it is too large, or missing.
    """
    size = os.fstat(stream.fileno()).st_size
    stream.seek(max(0, size - _END.size - 0xFFFF))
    tail = stream.read(_END.size + 0xFFFF)
    place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) - place < _END.size:
        raise zipfile.BadZipFile("no end of a directory")
    # Above 4 GB, and at 0xFFFFFFFF, it is zip64.
    length = _END.unpack_from(tail, place)[5]
    if length > MAX_DIRECTORY_BYTES:
        raise zipfile.BadZipFile("too long a directory")
    stream.seek(0)


def _open(archive: zipfile.ZipFile, key: str):
    info = archive.getinfo(f"{key}.npy")
    # Only what numpy.savez writes; LZMA may ask for a dictionary of 4 GB.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError(f"compression {info.compress_type}")
    return archive.open(info)


def read_header(archive: zipfile.ZipFile, key: str) -> Header:
    """Reads an array's header.

    Args:
        archive: holds the member `<key>.npy`.
        key: the array's name.

    Returns:
        Its header.

    Raises:
        DataError: it holds neither numbers nor texts. Errors of `zipfile` and
            NumPy for a damaged archive are passed on.
    """
    with _open(archive, key) as stream:
        # Higher versions are for named fields, and their header may claim, and
        # decompress to, four gigabytes.
        if np.lib.format.read_magic(stream) != (1, 0):
            raise ValueError("not npy version 1.0")
        header = Header(*np.lib.format.read_array_header_1_0(stream))
    if header.dtype.hasobject or header.dtype.kind not in "iufbU":
        raise DataError(
            f"{key} has dtype {header.dtype}. Expected numbers (uint8 images, "
            "integer labels), or texts where names are: save plain arrays."
        )
    if any(length < 0 for length in header.shape):
        raise DataError(
            f"{key} says it has shape {str(header.shape)[:60]}. Expected "
            "lengths of 0 or more: the header is wrong."
        )
    return header


def read_array(
    archive: zipfile.ZipFile, key: str, header: Header
) -> np.ndarray:
    """Reads an array whose header has been checked.

    Args:
        archive: holds the member `<key>.npy`.
        key: the array's name.
        header: as `read_header` read it.

    Returns:
        The array.

    Raises:
        DataError: its data do not have the length that its header claims.
    """
    with _open(archive, key) as stream:
        np.lib.format.read_magic(stream)
        again = Header(*np.lib.format.read_array_header_1_0(stream))
        size = header.num_bytes
        body = stream.read(size)
        if again != header or len(body) != size or stream.read(1):
            raise DataError(
                f"{key} says it has shape {header.shape} but its data is "
                "shorter or longer. Expected exactly that many values: save "
                "or download the file again."
            )
    order = "F" if header.fortran_order else "C"
    return np.frombuffer(body, header.dtype).reshape(header.shape, order=order)


def describe_start(stream: BinaryIO) -> str:
    """Describes a file's first bytes, for an error's text.

    Args:
        stream: of the file, at any position.

    Example:
        >>> import io
        >>> describe_start(io.BytesIO(b"<html>"))
        'looks like an HTML page'
    """
    stream.seek(0)
    start = stream.read(64)
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
    if start[:10] == b"MATLAB 5.0":
        # Reading it would require SciPy, for a single data set.
        return "is a MATLAB file; EMNIST is also available as IDX files"
    return f"begins with the bytes {start[:8].hex()}"
