"""Files: read only if they are regular files, and written atomically.

A path may name a device that never ends, or a pipe that blocks: every file that
a user names is opened here, and so is every file that is replaced. Written by
hand: atomicwrites has had no release since 2022, and does not sync folders.
"""

import errno
import io
import json
import os
import secrets
import stat
from pathlib import Path
from typing import BinaryIO

AnyPath = str | os.PathLike[str]

_KINDS = {
    stat.S_IFDIR: "folder",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}


def find_kind(path: AnyPath) -> str:
    """Finds what a path names, without opening it.

    Args:
        path: followed where it is a link.

    Returns:
        `"file"` for a regular file, `"folder"`, `"pipe"`, `"socket"` or
        `"device"`.

    Raises:
        OSError: the path does not exist, or is not a valid file name.

    Example:
        >>> find_kind(os.curdir), find_kind(os.devnull)
        ('folder', 'device')
    """
    try:
        return _name_kind(os.stat(path))
    # A NUL, or a lone surrogate, in the name.
    except ValueError as error:
        text = "No file has such a name"
        raise OSError(errno.EINVAL, text, str(path)) from error


def open_regular(path: AnyPath) -> BinaryIO:
    """Opens a regular file for reading, and refuses anything else.

    Args:
        path: followed where it is a link.

    Returns:
        A stream of bytes, to be closed.

    Raises:
        OSError: it is missing, may not be read, or is a folder, a pipe, a
            socket or a device; `strerror` says which, for an error's line.
    """
    # Checked before it is opened, since opening may block, or rewind a tape;
    # and after, since another file may have taken the name meanwhile.
    _check_kind(find_kind(path), path)
    more = getattr(os, "O_NOCTTY", 0) | getattr(os, "O_NONBLOCK", 0)
    raw = io.FileIO(path, opener=lambda p, flags: os.open(p, flags | more))
    stream = io.BufferedReader(raw)
    try:
        _check_kind(_name_kind(os.fstat(stream.fileno())), path)
    except BaseException:
        stream.close()
        raise
    return stream


def read_regular(path: AnyPath, *, max_bytes: int) -> bytes:
    """Reads a whole regular file of bounded size.

    Args:
        path: followed where it is a link.
        max_bytes: a larger file is not read.

    Returns:
        The content.

    Raises:
        OSError: as for `open_regular`; or it is too large.

    Example:
        >>> read_regular(os.devnull, max_bytes=10)
        Traceback (most recent call last):
        OSError: [Errno 22] Is a device, not a regular file: '/dev/null'
    """
    with open_regular(path) as stream:
        try:
            size = os.fstat(stream.fileno()).st_size
            # Files in /proc report size 0 and hold more; None: it would block.
            data = stream.read(max_bytes + 1 if size <= max_bytes else 0) or b""
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error
    if max(size, len(data)) > max_bytes:
        text = f"Has more than {max_bytes:,} bytes"
        raise OSError(errno.EFBIG, text, str(path))
    return data


def make_folder(path: AnyPath) -> Path:
    """Makes a folder, with its parents, unless it exists.

    Args:
        path: of the folder.

    Returns:
        The path.

    Raises:
        OSError: something else has that name, or permission is denied.
    """
    path = Path(path)
    try:
        kind = find_kind(path)
    except FileNotFoundError:
        path.mkdir(parents=True, exist_ok=True)
        return path
    if kind != "folder":
        text = f"Is a {kind}, not a folder"
        raise NotADirectoryError(errno.ENOTDIR, text, str(path))
    return path


def write_atomically(path: AnyPath, data: bytes) -> None:
    """Replaces a file by `data`, whole or not at all.

    A temporary file in the same folder is written, synced and renamed over the
    old one, and the folder is synced: after a kill, a full disk or a power cut
    the file has either the old content or the new one. A symbolic link stays,
    and its target is replaced; a file keeps its mode, and a new one has the
    mode that the umask gives.

    Args:
        path: the file. Its folder is made.
        data: the new content.

    Raises:
        OSError: the disk refuses, or the path names something other than a
            regular file; the old content is unchanged.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> write_atomically(folder / "a.txt", b"whole")
        >>> [p.name for p in folder.iterdir()]
        ['a.txt']
    """
    name, mode = str(path), None
    try:
        _check_kind(find_kind(path), path)
        mode = stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        pass
    path = Path(os.path.realpath(path))
    make_folder(path.parent)
    temporary = path.parent / f".{path.name}.{secrets.token_hex(4)}.tmp"
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        handle = os.open(temporary, flags | getattr(os, "O_BINARY", 0), 0o666)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            if mode is not None:
                os.chmod(temporary, mode)
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            # The system's own text names neither the file nor its size.
            text = f"{error.strerror or error}, {len(data):,} bytes to write"
            raise OSError(error.errno, text, name) from error
        raise
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def write_json(path: AnyPath, value: object) -> None:
    """Writes strict JSON, atomically: NaN and infinity are errors."""
    text = json.dumps(value, indent=1, allow_nan=False)
    write_atomically(path, f"{text}\n".encode())


def _name_kind(status: os.stat_result) -> str:
    return _KINDS.get(stat.S_IFMT(status.st_mode), "file")


def _check_kind(kind: str, path: AnyPath) -> None:
    if kind != "file":
        code = errno.EISDIR if kind == "folder" else errno.EINVAL
        raise OSError(code, f"Is a {kind}, not a regular file", str(path))
