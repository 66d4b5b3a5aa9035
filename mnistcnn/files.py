"""Files written so that a crash never leaves half of one.

By hand: atomicwrites has had no release since 2022, and no sync of folders.
"""

import json
import os
import tempfile
from pathlib import Path


def write_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Replaces a file by `data`, whole or not at all.

    A temporary file in the same folder, synced, renamed over the old one,
    and the folder synced: after a kill, a full disk or a power cut the old
    content is there, or the new one.

    Args:
        path: the file. Its folder is made.
        data: the new content.

    Raises:
        OSError: the disk refuses; the old file is as it was.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_atomically(folder / "a.txt", b"whole")
        >>> [p.name for p in folder.iterdir()]
        ['a.txt']
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.name}.", suffix=".tmp"
    )
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp makes files that only their owner may read.
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            # The system's own text names neither the file nor the need.
            text = f"{error.strerror or error}, {len(data):,} bytes to write"
            raise OSError(error.errno, text, str(path)) from error
        raise
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_json(path: str | os.PathLike[str], value: object) -> None:
    """Writes strict JSON, atomically: NaN and infinity are errors."""
    text = json.dumps(value, indent=1, allow_nan=False)
    write_atomically(path, f"{text}\n".encode())
