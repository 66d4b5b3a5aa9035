"""TIFF's first directory: sizes, orientation, and unsupported contents.

EXIF blocks are TIFF as well. All of it is untrusted input.
"""

import io
import struct
from collections.abc import Collection
from typing import BinaryIO, NamedTuple

import numpy as np

TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MAX_ENTRIES = 4096
_REDUCED, _WIDTH, _HEIGHT, _BITS, _COMPRESSION = 254, 256, 257, 258, 259
_COLOURS, _ORIENTATION, _TILE_WIDTH, _TILE_HEIGHT = 262, 274, 322, 323
_SUBFILES, _SAMPLES, _DNG = 330, 339, 50706
# Bytes, shorts, longs, offsets of other directories; long long in BigTIFF.
_CODES = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_RAW = ("a raw photo", "develop it and export it as JPEG")
_SAVE = "save it as PNG"
# Fax, LZW, JPEG, Deflate and PackBits: what OpenCV's libtiff decodes. For other
# compressions it returns a blank picture.
_DECODED = {1, 2, 3, 4, 5, 6, 7, 8, 32771, 32773, 32946}
_COMPRESSIONS = {
    33003: "JPEG 2000", 33005: "JPEG 2000", 34712: "JPEG 2000",
    34887: "LERC", 34925: "LZMA", 34926: "Zstandard", 34927: "WebP",
    50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip
_KINDS = {2: "signed", 3: "floating-point", 5: "complex", 6: "complex"}


class _Tag(NamedTuple):
    """A tag's first value, and its place in the file."""

    value: int
    place: int
    form: str


def measure_tiff(stream: BinaryIO) -> tuple[int, int]:
    """Reads the size that a TIFF, or a tile of it, claims.

    Args:
        stream: of a TIFF.

    Returns:
        Width and height. A tile is decoded whole, even if little of it is in
        the picture.

    Raises:
        ValueError, struct.error: its directory is incomplete.
    """
    sizes = (_WIDTH, _HEIGHT, _TILE_WIDTH, _TILE_HEIGHT)
    found = _read_tags(stream, sizes)
    width, height, *tile = (
        found[tag].value if tag in found else 0 for tag in sizes
    )
    return max(width, tile[0]), max(height, tile[1])


def read_orientation(exif: bytes) -> int:
    """Reads the EXIF orientation.

    Args:
        exif: an EXIF block, or a TIFF.

    Returns:
        1 to 8; 1, upright, if there is none.

    Example:
        >>> read_orientation(b"junk")
        1
    """
    return _find_orientation(exif.removeprefix(b"Exif\0\0"))[0]


def turn(image: np.ndarray, orientation: int) -> np.ndarray:
    """Turns an image upright.

    Args:
        image: `(h, w, ...)`.
        orientation: of EXIF, 1 to 8 (CIPA DC-008, 4.6.4).
    """
    if orientation >= 5:  # the first row is a side
        image = image.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    return np.ascontiguousarray(image)


def clear_orientation(data: bytes) -> bytes:
    """Returns a TIFF with the orientation "upright" and unchanged pixels.

    OpenCV turns the tiles of a TIFF one by one.

    Args:
        data: the file.
    """
    orientation, tag = _find_orientation(data)
    if tag is None or orientation == 1:
        return data
    cleared = bytearray(data)
    struct.pack_into(tag.form, cleared, tag.place, 1)
    return bytes(cleared)


def name_unread(data: bytes) -> tuple[str, str] | None:
    r"""Names a feature of a TIFF that is not read, and what to do about it.

    Args:
        data: the file.

    Returns:
        The name and the advice; `None` if the TIFF can be read.

    Example:
        >>> name_unread(b"II*\0\x10\0\0\0CR\2\0")
        ('a raw photo', 'develop it and export it as JPEG')
    """
    if data[8:10] == b"CR":  # Canon's, where others have their directory
        return _RAW
    tags = (_REDUCED, _COMPRESSION, _COLOURS, _SUBFILES, _SAMPLES, _DNG)
    try:
        found = _read_tags(io.BytesIO(data), (*tags, _BITS))
    except (struct.error, ValueError):
        return None
    said = {tag: each.value for tag, each in found.items()}
    # Cameras put a thumbnail first, and the sensor's pixels below it.
    small = said.get(_REDUCED, 0) & 1 and _SUBFILES in said
    if small or _DNG in said or said.get(_COLOURS) in (32803, 34892):
        return _RAW
    kind, bits = said.get(_SAMPLES, 1), said.get(_BITS, 1)
    if kind in _KINDS or bits > 16:
        name = _KINDS.get(kind, "whole")
        return f"a TIFF of {bits}-bit {name} numbers", _SAVE
    method = said.get(_COMPRESSION, 1)
    if method not in _DECODED:
        name = _COMPRESSIONS.get(method, f"method {method}")
        return f"a TIFF compressed by {name}", _SAVE
    return None


def _find_orientation(data: bytes) -> tuple[int, _Tag | None]:
    """The orientation and its tag; 1 if there is none."""
    if not data.startswith(TIFF):
        return 1, None
    try:
        found = _read_tags(io.BytesIO(data), (_ORIENTATION,)).get(_ORIENTATION)
    except (struct.error, ValueError):
        return 1, None
    if found is None or not 1 <= found.value <= 8:
        return 1, None
    return found.value, found


def _read_tags(stream: BinaryIO, tags: Collection[int]) -> dict[int, _Tag]:
    """Reads the first whole numbers of tags in the first directory."""
    stream.seek(0)
    start = stream.read(4)
    end = "<" if start[:1] == b"I" else ">"
    big = b"+" in start
    (place,) = _unpack(stream, end + ("Q" if big else "I"), 8 if big else 4)
    (count,) = _unpack(stream, end + ("Q" if big else "H"), place)
    head = end + ("HHQ8x" if big else "HHI4x")
    room, each = (8, 20) if big else (4, 12)
    place += 8 if big else 2
    found: dict[int, _Tag] = {}
    for number in range(min(count, _MAX_ENTRIES)):
        at = place + number * each
        tag, kind, values = _unpack(stream, head, at)
        if tag not in tags:
            continue
        code = _CODES.get(kind)
        if code is None or (code == "Q" and not big):
            raise ValueError("a value that is not a whole number")
        at += each - room
        # A value that does not fit into the entry is stored elsewhere.
        if values * struct.calcsize(code) > room:
            (at,) = _unpack(stream, end + ("Q" if big else "I"), at)
        (value,) = _unpack(stream, end + code, at)
        found[tag] = _Tag(value, at, end + code)
    return found


def _unpack(stream: BinaryIO, form: str, offset: int) -> tuple:
    stream.seek(offset)
    return struct.unpack(form, stream.read(struct.calcsize(form)))
