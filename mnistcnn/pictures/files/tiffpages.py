"""How many pages a TIFF has, of which the first is read.

Counted by the file's directories, which takes microseconds; OpenCV's `imcount`
takes only files, not a pipe's bytes. All of it is untrusted input.
"""

import struct
from collections.abc import Iterator

from mnistcnn.pictures.files.tiffs import TIFF

_MOST = 10_000  # pages: not followed further
_SUBFILE, _SMALLER, _MASK = 254, 1, 4  # the tag for what a page is


def count_pages(data: bytes) -> int:
    r"""Counts the pages of a TIFF, without thumbnails and masks.

    Args:
        data: a file of any kind; it may be damaged.

    Returns:
        How many; 1 if it is no TIFF, or does not say.

    Example:
        >>> count_pages(b"\xff\xd8\xff\xe0")
        1
    """
    found = 0
    try:
        if data.startswith(TIFF):
            for _ in _list_pages(data):
                found += 1
    except (struct.error, OverflowError):
        pass  # cut short; the decoder says what is wrong
    return max(1, found)


def _list_pages(data: bytes) -> Iterator[int]:
    """Lists where the pages begin."""
    end = "<" if data[:1] == b"I" else ">"
    big = b"+" in data[:4]
    # BigTIFF has long offsets and counts.
    offset, number, entry = (end + "I", end + "H", 12)
    if big:
        offset, number, entry = (end + "Q", end + "Q", 20)
    (place,) = struct.unpack_from(offset, data, 8 if big else 4)
    seen: set[int] = set()
    while place and place not in seen and len(seen) < _MOST:
        seen.add(place)
        (entries,) = struct.unpack_from(number, data, place)
        place += struct.calcsize(number)
        # The tag with the lowest number, and so the first, where there is one.
        tag, form = struct.unpack_from(end + "HH", data, place)
        value = end + ("H" if form == 3 else "I")
        (kind,) = struct.unpack_from(value, data, place + (12 if big else 8))
        if tag != _SUBFILE or not kind & (_SMALLER | _MASK):
            yield place
        (place,) = struct.unpack_from(offset, data, place + entries * entry)
