"""The headers of image files: which kind one is, and how many pixels it has.

A header of thirty bytes may claim a thousand million pixels, and a decoder
trusts it. Written by hand: Pillow allocates a WebP's whole canvas to find its
size, and imagesize follows a JPEG's segments without limit.
"""

import struct
from typing import BinaryIO

from mnistcnn.pictures.files.tiffs import TIFF, measure_tiff

# More than libraries write; Photoshop splits a profile into some hundred.
_MAX_SEGMENTS = 4096
_MAX_PNM_HEAD = 4096
PNG = b"\x89PNG\r\n\x1a\n"
# JPEG's start-of-frame markers; those left out are tables.
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def measure(stream: BinaryIO) -> tuple[int, int]:
    """Reads the width and height that an image file claims.

    Args:
        stream: at the start of a BMP, GIF, JPEG, PNG, PNM, TIFF or WebP.

    Returns:
        Width and height, each 1 or more, before any EXIF orientation.

    Raises:
        ValueError: it is none of these, or its header is incomplete.

    Example:
        >>> import io
        >>> measure(io.BytesIO(b"GIF89a" + bytes([7, 0, 5, 0])))
        (7, 5)
    """
    try:
        width, height = _find_reader(stream.read(32))(stream)
    except struct.error as error:
        raise ValueError("the header is cut short") from error
    if width < 1 or height < 1:
        raise ValueError("no pixels")
    return width, height


def _find_reader(start: bytes):
    if start.startswith(PNG):
        return _measure_png
    if start.startswith((b"GIF87a", b"GIF89a")):
        return _measure_gif
    if start.startswith(b"BM"):
        return _measure_bmp
    if start.startswith(b"\xff\xd8\xff"):
        return _measure_jpeg
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return _measure_webp
    if start.startswith(TIFF):
        return measure_tiff
    if start[:1] == b"P" and start[1:2] in b"1234567" and start[2:3].isspace():
        return _measure_pnm
    raise ValueError("not a supported kind of image")


def _unpack(stream: BinaryIO, form: str, offset: int) -> tuple:
    stream.seek(offset)
    return struct.unpack(form, stream.read(struct.calcsize(form)))


def _measure_png(stream: BinaryIO) -> tuple[int, int]:
    name, width, height = _unpack(stream, ">4sII", 12)
    if name != b"IHDR":
        raise ValueError("no IHDR")
    return width, height


def _measure_gif(stream: BinaryIO) -> tuple[int, int]:
    return _unpack(stream, "<HH", 6)


def _measure_bmp(stream: BinaryIO) -> tuple[int, int]:
    (size,) = _unpack(stream, "<I", 14)
    width, height = _unpack(stream, "<HH" if size == 12 else "<ii", 18)
    return width, abs(height)  # below 0: from the top down


def _measure_jpeg(stream: BinaryIO) -> tuple[int, int]:
    place = 2
    for _ in range(_MAX_SEGMENTS):
        start, marker, size = _unpack(stream, ">BBH", place)
        if start != 0xFF:
            raise ValueError("no marker")
        if marker == 0xFF:  # padding
            place += 1
        elif marker in _FRAMES:
            height, width = _unpack(stream, ">HH", place + 5)
            return width, height
        else:
            place += 2 + size
    raise ValueError("too many segments")


def _measure_webp(stream: BinaryIO) -> tuple[int, int]:
    (kind,) = _unpack(stream, "4s", 12)
    if kind == b"VP8X":
        a, b, c, d = _unpack(stream, "<HBHB", 24)
        return 1 + a + (b << 16), 1 + c + (d << 16)
    if kind == b"VP8L":
        (bits,) = _unpack(stream, "<I", 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = _unpack(stream, "<HH", 26)
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("no image chunk")


def _measure_pnm(stream: BinaryIO) -> tuple[int, int]:
    stream.seek(0)
    head = stream.read(_MAX_PNM_HEAD)
    words = [
        word
        for line in head[2:].split(b"\n")
        for word in line.split(b"#")[0].split()
    ]
    if head[:2] == b"P7":
        sizes = [
            words[words.index(name) + 1 : words.index(name) + 2]
            for name in (b"WIDTH", b"HEIGHT")
        ]
        words = [word for size in sizes for word in size]
    if len(words) < 2 or not (words[0] + words[1]).isdigit():
        raise ValueError("no width and height")
    if max(map(len, words[:2])) > 10:
        raise ValueError("a size of more than ten digits")
    return int(words[0]), int(words[1])
