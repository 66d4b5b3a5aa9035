"""How many frames or pages an image file has, of which the first is read.

Counted from the file's structure, which takes microseconds; OpenCV's `imcount`
takes only files, not a pipe's bytes. All of it is untrusted input.
"""

import struct
from collections.abc import Iterator

from mnistcnn.pictures.files.tiffs import TIFF

_MOST = 10_000  # frames, pages or chunks: not followed further
_MOST_PARTS = 1_000_000  # of a GIF, at most 255 bytes each
_SUBFILE, _SMALLER, _MASK = 254, 1, 4  # TIFF's tag for what a page is


def count_frames(data: bytes) -> tuple[int, str]:
    r"""Counts the frames of an animation, or the pages of a TIFF.

    Args:
        data: the file; it may be damaged.

    Returns:
        How many, 1 if the file does not say; and "frames" or "pages".

    Example:
        >>> count_frames(b"\xff\xd8\xff\xe0")
        (1, 'frames')
    """
    try:
        if data.startswith(TIFF):
            return max(1, sum(1 for _ in _list_pages(data))), "pages"
        if data.startswith(b"\x89PNG"):
            return max(1, _count_png(data)), "frames"
        if data.startswith(b"GIF8"):
            return max(1, _count_gif(data)), "frames"
        if data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8X":
            chunks = _list_chunks(data, 12, "<4sI", 8, padded=True)
            return max(1, sum(kind == b"ANMF" for kind, _ in chunks)), "frames"
    except (struct.error, IndexError, OverflowError):
        pass  # cut short; decoders say what is wrong
    return 1, "frames"


def _list_chunks(
    data: bytes, place: int, head: str, around: int, *, padded: bool = False
) -> Iterator[tuple[bytes, int]]:
    """Lists the chunks of a PNG or WebP: their kinds, and where they begin."""
    for _ in range(_MOST):
        if place + 8 > len(data):
            return
        first, second = struct.unpack_from(head, data, place)
        kind, size = (first, second) if padded else (second, first)
        yield kind, place
        place += around + size + (size % 2 if padded else 0)


def _count_png(data: bytes) -> int:
    """An animated PNG says before its pixels how many frames it has."""
    for kind, place in _list_chunks(data, 8, ">I4s", 12):
        if kind == b"acTL":
            return struct.unpack_from(">I", data, place + 8)[0]
        if kind == b"IDAT":
            break
    return 1


def _count_gif(data: bytes) -> int:
    """Counts image descriptors (GIF89a, 20)."""
    place, found = 13 + _measure_colours(data[10]), 0
    within = False  # a block, whose parts end with an empty one
    for _ in range(_MOST_PARTS):
        if within:
            within = data[place] > 0
            place += 1 + data[place]
        elif data[place] == 0x2C:
            found, within = found + 1, True
            place += 11 + _measure_colours(data[place + 9])
        elif data[place] == 0x21:
            within = True
            place += 2
        else:
            break
    return found


def _measure_colours(flags: int) -> int:
    """Returns the bytes of a GIF's table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _list_pages(data: bytes) -> Iterator[int]:
    """Lists where a TIFF's pages begin, without thumbnails and masks."""
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
