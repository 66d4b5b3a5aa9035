"""The basics of HDF5: places in a file, and object headers.

Every object begins with a header, a list of messages, each with a type and a
body (HDF5 File Format Specification 3.0, IV.A.1.a). `hdf5.py` interprets them.
"""

import struct
from typing import NamedTuple

from mnistcnn.errors import ArtifactError, quote

# The known types of messages, some only to be refused by name.
NIL, DATASPACE, LINK_INFO, DATATYPE, FILLS = 0, 1, 2, 3, (4, 5)
LINK, EXTERNAL, LAYOUT, FILTERS, NOTE = 6, 7, 8, 11, 12
CONTINUATION, SYMBOLS, NOTE_INFO = 16, 17, 21
_SHARED = 2
_MOST_BLOCKS, _MOST_MESSAGES = 8, 64
# Largest size of a piece of a header, or of a group's names; ours have 0.3 KB.
MOST_BYTES = 1 << 16


class Place(NamedTuple):
    """Where an object's header is.

    Args:
        path: its name, from the root on, `""` for the root itself.
        address: in bytes.
        symbols: the parent group's entry for its symbol table, or empty.
    """

    path: str
    address: int
    symbols: bytes


def take(data: bytes, start: int, size: int) -> bytes:
    """Takes bytes; raises an `ArtifactError` if some are missing."""
    if start + size > len(data):
        raise broken("bytes beyond its end")
    return data[start : start + size]


def read_messages(data: bytes, place: Place) -> dict[int, list[bytes]]:
    """Reads an object's header, of version 1 and possibly in several pieces.

    Args:
        data: the whole file.
        place: where the header is.

    Returns:
        The bodies of the messages in it, by kind.

    Raises:
        ArtifactError: `h5-syntax` or `h5-layout`.
    """
    head = take(data, place.address, 16)
    version, _, count, links, size = struct.unpack_from("<BBHII", head)
    if version != 1 or links != 1 or count > _MOST_MESSAGES:
        raise fault("h5-layout", place.path, "a header of another kind")
    blocks = [(place.address + 16, size)]
    found: dict[int, list[bytes]] = {}
    seen = 0
    for start, length in blocks:
        block, position = take(data, start, length), 0
        if len(blocks) > _MOST_BLOCKS or length > MOST_BYTES:
            raise broken("a header in too many pieces, or too large ones")
        while position < length and seen < count:
            kind, size, flags = struct.unpack_from("<HHB", block, position)
            body = block[position + 8 : position + 8 + size]
            position += 8 + size
            seen += 1
            if position > length or flags & _SHARED:
                raise fault("h5-layout", place.path, "a shared message")
            if kind == CONTINUATION:
                blocks.append(struct.unpack("<QQ", body))
            elif kind != NIL:
                found.setdefault(kind, []).append(body)
    twice = {kind for kind, bodies in found.items() if len(bodies) > 1}
    if seen != count or twice - {NOTE, LINK}:
        raise broken("a header that does not add up")
    return found


def fault(code: str, path: str, found: str) -> ArtifactError:
    """Makes the error for something that is not as Keras writes it."""
    return ArtifactError(
        code,
        f"The weights have {found} at {quote(path or '/', 60)}. Expected plain "
        "arrays as Keras writes them: make the file anew.",
    )


def broken(found: str) -> ArtifactError:
    """Makes the error for bytes that are not valid HDF5."""
    return ArtifactError(
        "h5-syntax",
        f"The weights are not readable HDF5 ({found}). Expected what Keras "
        "writes: copy or download the file again.",
    )
