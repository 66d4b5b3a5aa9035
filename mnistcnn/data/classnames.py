"""The names of a data set's classes, given or read from beside the images."""

import os
import zipfile
from pathlib import Path

from mnistcnn.data.formats import read_member
from mnistcnn.errors import DataError

KEY = "classes"  # the member of an .npz: an array of texts
FILE = "classes.txt"  # beside IDX files: a name a line
# Labels are uint8, and a card holds names of 40 characters at most.
MAX_CLASSES = 256
MAX_LENGTH = 40

_MAX_BYTES = 4 * MAX_CLASSES * (MAX_LENGTH + 1)


def parse_classes(text: str) -> tuple[str, ...]:
    """Parses what a person types: how many classes, or their names.

    Args:
        text: `"26"`, or names with commas between them.

    Returns:
        The names, by index: `"0"`, `"1"`... for a number.

    Raises:
        DataError: fewer than two, too many, a name twice, or one that is
            empty, too long or not printable.

    Example:
        >>> parse_classes("3"), parse_classes("shirt, coat")
        (('0', '1', '2'), ('shirt', 'coat'))
    """
    if text.strip().isdecimal():
        number = int(text.strip()[:9])
        names = map(str, range(min(number, MAX_CLASSES + 1)))
    else:
        names = (name.strip() for name in text.split(","))
    return check_names(tuple(names), "The list of classes")


def read_classes(path: Path) -> tuple[str, ...] | None:
    """Reads the names that a data set on disk gives its classes.

    Args:
        path: an `.npz`, whose member `classes` holds them, or a folder,
            whose `classes.txt` does.

    Returns:
        The names, by index; `None` where the data set names none.

    Raises:
        DataError: the names are there but not in order.
    """
    path = Path(path)
    if os.path.isdir(path):
        path = path / FILE
        return _read_lines(path) if path.is_file() else None
    if not zipfile.is_zipfile(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            if f"{KEY}.npy" not in archive.namelist():
                return None
            texts = read_member(archive, KEY, kinds="U", max_bytes=_MAX_BYTES)
            if texts.ndim != 1:
                raise ValueError("not a list of texts")
            names = tuple(map(str, texts))
    # zipfile and NumPy raise a dozen classes; which one is an accident.
    except Exception as error:
        raise DataError(
            f"{path}: {KEY} cannot be read ({type(error).__name__}). "
            f"Expected 2 to {MAX_CLASSES} texts: save numpy.array([...]) of "
            "the names, or leave it out."
        ) from error
    return check_names(names, f"{path}: {KEY}")


def check_names(names: tuple[str, ...], what: str) -> tuple[str, ...]:
    """Returns `names`; a `DataError` where they cannot name classes."""
    if not 2 <= len(names) <= MAX_CLASSES:
        count = len(names) if len(names) <= MAX_CLASSES else "too many"
        raise DataError(
            f"{what} has {count} names. Expected 2 to {MAX_CLASSES}: a name "
            "for each class."
        )
    for index, name in enumerate(names):
        if not name or len(name) > MAX_LENGTH or not name.isprintable():
            raise DataError(
                f"{what} has {name[:MAX_LENGTH]!r} at {index}. Expected 1 to "
                f"{MAX_LENGTH} printable characters: choose another name."
            )
        if names.index(name) != index:
            raise DataError(
                f"{what} has {name!r} twice. Expected distinct names: change "
                "one of them."
            )
    return names


def _read_lines(path: Path) -> tuple[str, ...]:
    try:
        with path.open("rb") as stream:
            text = stream.read(_MAX_BYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path} cannot be read ({type(error).__name__}). Expected the "
            "classes' names in UTF-8, one a line: write it anew."
        ) from error
    names = tuple(line.strip() for line in text.strip().splitlines())
    return check_names(names, str(path))
