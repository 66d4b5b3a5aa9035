"""The mark of our own pictures, which may be replaced, as others may not."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

from mnistcnn.errors import ConfigError
from mnistcnn.files import open_regular

# Without a version: the same numbers give the same bytes.
MARK = {"Software": "mnistcnn"}
_CHUNK = b"tEXtSoftware\0mnistcnn"
_REACH = 256  # bytes; the chunk follows the header


def check_pictures(folder: Path, names: Iterable[str]) -> None:
    """Raises a `ConfigError` if pictures would replace files of others.

    Args:
        folder: where the pictures will go; it need not exist.
        names: of the pictures' files.

    Example:
        >>> check_pictures(Path("new"), ["samples.png"])
    """
    for path in (folder / name for name in names):
        if path.exists() and not _is_own(path):
            raise ConfigError(
                f"{path} exists and is not a picture of mnistcnn's, which "
                "would replace it. Expected a folder without it: choose "
                "another, or move that file."
            )


def _is_own(path: Path) -> bool:
    with contextlib.suppress(OSError), open_regular(path) as stream:
        return _CHUNK in stream.read(_REACH)
    return False
