"""The outside of a `.keras` file: bytes to members, and members to bytes.

A `.keras` file is a zip archive. Ours holds exactly four members, stored
without compression, one after the other with nothing between, before or after
them, so that every zip reader sees the same bytes. Nothing here knows the
meaning of the members.
"""

import io
import struct
import zipfile
import zlib

from mnistcnn.errors import ArtifactError

CARD = "mnistcnn.json"
CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"
# The most bytes a member may have; the shipped network's weights are 0.2 MiB.
BUDGETS = {
    METADATA: 4 << 10,
    CONFIG: 256 << 10,
    WEIGHTS: 20 << 20,
    CARD: 64 << 10,
}

_LOCAL_MAGIC, _ENTRY_MAGIC, _END_MAGIC = (
    b"PK\x03\x04",
    b"PK\x01\x02",
    b"PK\x05\x06",
)
_LOCAL_SIZE = 30
_ENTRY = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")


def unpack(data: bytes) -> dict[str, bytes]:
    """Takes the members out of an archive's bytes.

    Args:
        data: a whole `.keras` file.

    Returns:
        Names to bytes. All members except the card are required.

    Raises:
        ArtifactError: `not-an-artifact`, `truncated`, `layout`,
            `duplicate-member`, `unexpected-member`, `compressed-member`,
            `budget`, `checksum` or `missing-member`.
    """
    if data[:4] != _LOCAL_MAGIC:
        raise ArtifactError(
            "layout" if _LOCAL_MAGIC in data else "not-an-artifact",
            f"The file begins with {data[:12]!r}. Expected a .keras file, "
            "a zip archive: was it renamed, or saved from a web page?",
        )
    members: dict[str, bytes] = {}
    position = 0
    start, end, count = _find_directory(data)
    cursor = start
    while cursor < end:
        entry, raw_name = _read_entry(data[cursor:end])
        cursor += len(entry) + len(raw_name)
        name = _check_entry(entry, raw_name, members)
        members[name], position = _take(data, entry, raw_name, position)
    if position != start or len(members) != count:
        raise _layout_error("bytes that belong to no member")
    for name in (METADATA, CONFIG, WEIGHTS):
        if name not in members:
            raise ArtifactError(
                "missing-member",
                f"The archive has no {name}. Expected {METADATA}, {CONFIG} "
                f"and {WEIGHTS}: the file is incomplete, make it anew.",
            )
    return members


def pack(members: dict[str, bytes]) -> bytes:
    """Makes an archive; the same members give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, body in members.items():
            # A fixed date, the earliest that zip knows.
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            archive.writestr(info, body)
    return buffer.getvalue()


# === zip ===
# Read by hand: zipfile looks for the directory in several places, and trusts
# what it finds. Anything not mentioned here (zip64, comments, extra fields,
# flags) is refused.


def _find_directory(data: bytes) -> tuple[int, int, int]:
    """Finds the start and end of the directory, and counts its entries."""
    end = data.rfind(_END_MAGIC)
    if end < 0 or len(data) - end < _END.size:
        raise ArtifactError(
            "truncated",
            "The file begins as an archive but its end is missing. Expected "
            "a whole .keras file: copy or download it again.",
        )
    record = data[end : end + _END.size]
    _, disk, first, here, count, size, start, comment = _END.unpack(record)
    if end + _END.size != len(data) or comment:
        raise _layout_error("bytes after its end")
    if disk or first or here != count or start + size != end:
        raise _layout_error("a directory that is not at its end")
    return start, end, count


def _read_entry(directory: bytes) -> tuple[bytes, bytes]:
    """Reads the directory's next entry: the fixed part, and the name."""
    entry = directory[: _ENTRY.size]
    if entry[:4] != _ENTRY_MAGIC or len(entry) != _ENTRY.size:
        raise _layout_error("a damaged directory")
    return entry, directory[_ENTRY.size :][: _ENTRY.unpack(entry)[10]]


def _check_entry(entry: bytes, raw_name: bytes, members: dict) -> str:
    method, size = (_ENTRY.unpack(entry)[i] for i in (4, 9))
    name = raw_name.decode("ascii", "backslashreplace")
    if name not in BUDGETS:
        raise ArtifactError(
            "unexpected-member",
            f"The archive holds {name!r:.40}. Expected only "
            f"{', '.join(BUDGETS)}: it was not written by mnistcnn.",
        )
    if name in members:
        raise ArtifactError(
            "duplicate-member",
            f"The member {name} is there twice. Expected each once: make "
            "the file anew.",
        )
    if method != zipfile.ZIP_STORED:
        raise ArtifactError(
            "compressed-member",
            f"The member {name} is compressed. Expected stored members: "
            "make the file anew.",
        )
    if size > BUDGETS[name]:
        raise ArtifactError(
            "budget",
            f"The member {name} has {size:,} bytes. Expected at most "
            f"{BUDGETS[name]:,}: it is not a network of this kind.",
        )
    return name


def _take(
    data: bytes, entry: bytes, name: bytes, position: int
) -> tuple[bytes, int]:
    """Takes a member that begins at `position`; returns also its end."""
    _, _, _, flags, _, _, _, crc, packed, size, *rest, offset = _ENTRY.unpack(
        entry
    )
    name_size, extra, comment, disk = rest[:4]
    odd = flags or extra or comment or disk or packed != size
    start = position + _LOCAL_SIZE + name_size
    # Both accounts have to agree: the local header repeats the entry's middle.
    local = _LOCAL_MAGIC + entry[6:32] + name
    if odd or offset != position or data[position:start] != local:
        raise _layout_error(f"odd or inconsistent headers of {name.decode()}")
    body = data[start : start + size]
    if len(body) != size or zlib.crc32(body) != crc:
        raise ArtifactError(
            "checksum",
            f"The member {name.decode()} does not match its checksum. "
            "Expected intact bytes: copy or download the file again.",
        )
    return body, start + size


def _layout_error(found: str) -> ArtifactError:
    return ArtifactError(
        "layout",
        f"The archive has {found}. Expected members side by side and "
        "nothing else: make the file anew.",
    )
