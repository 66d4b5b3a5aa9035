"""Damage of image files, found before decoding or reported by decoders."""

import contextlib
import os
import re
import struct
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator, Sequence

from mnistcnn.pictures.files.imageheaders import PNG

_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"  # its last chunk, which is always the same
# libjpeg and libtiff return half a picture, and only say so on standard error.
_DAMAGE = re.compile(
    r"TIFF_Error (.+)|(Corrupt JPEG data: .+|Premature end of JPEG .+)"
    r"|libpng error: (.+)"
)
# Some cameras leave a few bytes after the last pixel.
_HARMLESS = re.compile(r"data: \d extraneous bytes")
_DECODERS = re.compile(r"\[ *[A-Z]+:\d|libpng |.*JPEG|Invalid SOS")


def find_damage(data: bytes) -> str:
    r"""Finds what is missing or altered, without decoding.

    Args:
        data: a PNG or JPEG file; other formats are not examined.

    Returns:
        What is wrong; "" if nothing was found.

    Example:
        >>> find_damage(b"\x89PNG\r\n\x1a\n")
        'it ends before its last chunk'
    """
    if data.startswith(b"\x89PNG"):
        return _check_png(data)
    return _check_jpeg(data) if data.startswith(b"\xff\xd8") else ""


def _check_png(data: bytes) -> str:
    """Checks the chunks' lengths and checksums (PNG specification, 5.3)."""
    view, place = memoryview(data), 8
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 8 + length
        if end + 4 > len(data):
            break
        # Decoders do without a damaged ancillary chunk.
        if kind[:1].isupper():
            (told,) = struct.unpack_from(">I", data, end)
            if zlib.crc32(view[place + 4 : end]) != told:
                return f"the checksum of a chunk {ascii(kind)[2:-1]} is wrong"
        if kind == b"IEND":
            return ""
        place = end + 4
    return "it ends before its last chunk"


def _check_jpeg(data: bytes) -> str:
    """Looks for the end of the image behind the segments of its header."""
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker, length = struct.unpack_from(">xBH", data, place)
        if marker == 0xDA:
            # In coded data only 0 and restart markers follow 0xFF.
            whole = data.find(b"\xff\xd9", place) >= 0
            return "" if whole else "it ends before its last rows"
        place += 1 if marker == 0xFF else 2 + length
    return ""


def is_followed(data: bytes) -> bool:
    r"""Whether a PNG is followed by another image: two files in one pipe.

    Bytes that are no image are common there, and a JPEG has others by design,
    such as a photo's depth.

    Args:
        data: a file of any kind.

    Example:
        >>> is_followed(b"\x89PNG\r\n\x1a\n")
        False
    """
    if not data.startswith(PNG):
        return False
    return data.partition(_PNG_END)[2].startswith((PNG, b"\xff\xd8\xff"))


def hear_damage(lines: Sequence[str]) -> str:
    """Finds what is damaged in the lines that decoders wrote.

    Args:
        lines: of standard error; those not from a decoder are written again.

    Returns:
        What is wrong; "" if nothing is.

    Example:
        >>> hear_damage(["Corrupt JPEG data: bad Huffman code"])
        'Corrupt JPEG data: bad Huffman code'
    """
    found = ""
    for line in lines:
        said = _DAMAGE.search(line)
        if said and not _HARMLESS.search(line):
            found = found or said[said.lastindex or 0]
        elif line and not said and not _DECODERS.match(line) and sys.stderr:
            sys.stderr.write(f"{line}\n")
    return found


_STDERR = threading.Lock()  # there is one, for all threads


@contextlib.contextmanager
def catching_stderr() -> Iterator[list[str]]:
    """Captures what is written to standard error, also from C and C++.

    Yields:
        A list, which holds the lines once the block has ended; it stays empty
        if there is no standard error.
    """
    lines: list[str] = []
    with contextlib.ExitStack() as kept:
        kept.enter_context(_STDERR)
        try:
            screen = os.dup(2)
            kept.callback(os.close, screen)
            caught = kept.enter_context(tempfile.TemporaryFile())
        except OSError:  # There is none, or no room.
            yield lines
            return
        _flush_stderr()
        os.dup2(caught.fileno(), 2)
        try:
            yield lines
        finally:
            _flush_stderr()
            os.dup2(screen, 2)
            caught.seek(0)
            text = caught.read().decode(errors="replace")
            lines += text.splitlines()


def _flush_stderr() -> None:
    # Closed or replaced streams have nothing to flush.
    if sys.stderr and not sys.stderr.closed:
        sys.stderr.flush()
