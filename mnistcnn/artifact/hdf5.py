"""The small subset of HDF5 that our files need, read by hand.

HDF5 can link to other files, hide data behind filters and hold types that
convert silently, and its C library is a large attack surface for hostile bytes.
Keras writes a fixed tree for our layers: a superblock of version 0, groups that
are symbol tables, contiguous float32 arrays. Only that is read here, by the
HDF5 File Format Specification 3.0 (II.A, III.A, III.B, III.D, IV.A); anything
else is refused. h5py only writes.
"""

import math
import struct
from typing import NamedTuple

from mnistcnn.artifact import hdf5headers as headers
from mnistcnn.artifact.hdf5headers import Place, broken, fault, take
from mnistcnn.errors import ArtifactError

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_NOWHERE = 2**64 - 1
# Versions 0, offsets and lengths of 8 bytes, groups of the usual sizes; no
# flags, no offset of the whole, nothing about free space.
_SUPERBLOCK = struct.pack(
    "<8B2HIQQ", 0, 0, 0, 0, 0, 8, 8, 0, 4, 16, 0, 0, _NOWHERE
)
_SUPERBLOCK_SIZE = 96
_ENTRY = struct.Struct("<QQII16s")
# IEEE float of 4 bytes, little-endian, as the specification's example has it.
_FLOAT32 = bytes.fromhex("11201f00040000000000200017080017" + "7f000000")
_MOST_ENTRIES = 32
_PARTS = {headers.LAYOUT, headers.DATASPACE, headers.DATATYPE}

_CONTIGUOUS, _VIRTUAL = 1, 3


class Group(NamedTuple):
    """A group: its members by name, and the names of its attributes."""

    members: dict[str, Place]
    notes: list[str]


class Array(NamedTuple):
    """A float32 array: its shape (`None` without data), and its bytes' place.

    A size of 0: the bytes are missing, or incomplete.
    """

    shape: tuple[int, ...] | None
    start: int
    size: int


class Reader:
    """Reads objects out of a file's bytes.

    Args:
        data: the whole file.

    Raises:
        ArtifactError: `h5-syntax` (broken) or `h5-layout` (a structure that we
            do not write).
    """

    def __init__(self, data: bytes):
        self.data = data
        if data[:8] != _SIGNATURE:
            if _SIGNATURE in data:
                raise fault("h5-layout", "", "a user block")
            raise broken("no signature")
        head = take(self.data, 0, _SUPERBLOCK_SIZE)
        if head[8:40] != _SUPERBLOCK:
            raise fault("h5-layout", "", "a superblock of another kind")
        end, driver = struct.unpack_from("<QQ", head, 40)
        if end != len(data) or driver != _NOWHERE:
            raise broken(f"it says {end:,} bytes and has {len(data):,}")
        _, address, cached, _, symbols = _ENTRY.unpack_from(head, 56)
        self.root = Place("", address, symbols if cached else b"")

    def group(self, place: Place) -> Group:
        """Reads a group, and checks each of its links.

        Raises:
            ArtifactError: `h5-syntax`, `h5-layout`, `h5-link` or
                `h5-unexpected`.
        """
        found = headers.read_messages(self.data, place)
        for body in found.get(headers.LINK, []):
            self._refuse_link(place, body)
        if headers.LINK in found or headers.LINK_INFO in found:
            raise fault("h5-layout", place.path, "a group of another kind")
        symbols = found.pop(headers.SYMBOLS, [b""])[0]
        notes = [self._note(body) for body in found.pop(headers.NOTE, [])]
        if found or not symbols:
            raise fault(
                "h5-unexpected", place.path, "something else than a group"
            )
        # Both accounts have to agree, or two readers would see different files.
        if place.symbols not in (b"", symbols):
            raise broken("two differing entries of a group")
        return Group(self._members(place, symbols), notes)

    def array(self, place: Place) -> Array:
        """Locates an array, and checks its type and layout.

        Raises:
            ArtifactError: `h5-syntax`, `h5-layout`, `h5-external`,
                `h5-virtual`, `h5-unexpected` or `dtype`.
        """
        found = headers.read_messages(self.data, place)
        path = place.path
        if not set(found) >= _PARTS:
            raise fault("h5-unexpected", path, "something else than an array")
        if headers.NOTE in found or headers.NOTE_INFO in found:
            raise fault("h5-unexpected", path, "a note")
        if headers.EXTERNAL in found:
            raise fault("h5-external", path, "data in another file")
        layout, space = found[headers.LAYOUT][0], found[headers.DATASPACE][0]
        if layout[1] == _VIRTUAL:
            raise fault("h5-virtual", path, "a view of other data")
        if layout[:2] != bytes((3, _CONTIGUOUS)) or headers.FILTERS in found:
            raise fault("h5-layout", path, "chunks or filters")
        if found[headers.DATATYPE][0][: len(_FLOAT32)] != _FLOAT32:
            raise ArtifactError(
                "dtype",
                f"The weights at {path} are of another type than float32. "
                "Expected what Keras writes: make the file anew.",
            )
        if set(found) - _PARTS - set(headers.FILLS):
            raise fault("h5-unexpected", path, "more than an array has")
        start, size = struct.unpack_from("<QQ", layout, 2)
        shape = _shape(space)
        if start == _NOWHERE or size != 4 * math.prod(shape or ()):
            # Nothing was written, or less than the shape requires.
            return Array(shape, 0, 0)
        take(self.data, start, size)
        return Array(shape, start, size)

    def _members(self, place: Place, symbols: bytes) -> dict[str, Place]:
        """Lists a symbol table's members: a tree of one level, and names."""
        tree, heap = struct.unpack("<QQ", symbols)
        head = take(self.data, heap, 32)
        size, _, segment = struct.unpack_from("<QQQ", head, 8)
        names = take(self.data, segment, min(size, headers.MOST_BYTES))
        node = take(self.data, tree, 24)
        count = int.from_bytes(node[6:8], "little")
        plain = b"TREE\0\0" + node[6:8] + 2 * _NOWHERE.to_bytes(8, "little")
        if head[:8] != b"HEAP\0\0\0\0" or node != plain:
            raise broken("a group's index")
        if count > _MOST_ENTRIES:
            raise fault("h5-unexpected", place.path, "too many members")
        members: dict[str, Place] = {}
        for number in range(count):
            child = take(self.data, tree + 32 + 16 * number, 8)
            start = int.from_bytes(child, "little")
            head = take(self.data, start, 8)
            entries = int.from_bytes(head[6:], "little")
            if head[:6] != b"SNOD\1\0" or entries > _MOST_ENTRIES:
                raise broken("a group's index")
            table = take(self.data, start + 8, entries * _ENTRY.size)
            for offset, header, cached, _, scratch in _ENTRY.iter_unpack(table):
                raw = names[offset:].split(b"\0", 1)[0]
                name = raw.decode("ascii", "backslashreplace")
                path = f"{place.path}/{name}"
                if cached > 1:
                    raise fault("h5-link", path, "a link")
                if not name or name in members:
                    raise broken("a name that is there twice, or is empty")
                own = scratch if cached else b""
                members[name] = Place(path.removeprefix("/"), header, own)
        return members

    def _refuse_link(self, place: Place, body: bytes) -> None:
        """Raises an `ArtifactError` unless a newer group's link is hard."""
        flags = body[1]
        if not flags & 8 or not body[2]:
            return  # a hard link, to an object in this file
        # Before the name: the link's type, optionally its order and character
        # set.
        position = 3 + 8 * bool(flags & 4) + bool(flags & 16)
        length = 1 << (flags & 3)
        size = int.from_bytes(body[position : position + length], "little")
        name = body[position + length :][:size]
        path = f"{place.path}/{name.decode('ascii', 'backslashreplace')}"
        raise fault("h5-link", path, "a link")

    def _note(self, body: bytes) -> str:
        """Reads an attribute's name; its value is not used."""
        size = int.from_bytes(body[2:4], "little")
        return body[8 : 8 + size].split(b"\0")[0].decode("ascii", "replace")


def _shape(space: bytes) -> tuple[int, ...] | None:
    """Reads a dataspace; `None` for one without any data."""
    if space[0] != 1:
        return None
    rank = space[1]
    return struct.unpack_from(f"<{rank}Q", space, 8)
