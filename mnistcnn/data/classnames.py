"""The names of a data set's classes."""

from collections.abc import Mapping
from typing import Any

from mnistcnn.errors import DataError, MnistcnnError

# Labels are uint8, and a card holds names of 40 characters at most.
MAX_CLASSES = 256
MAX_LENGTH = 40
MAX_BYTES = 4 * MAX_CLASSES * (MAX_LENGTH + 1)  # of all names, in any encoding


def parse_classes(text: str) -> tuple[str, ...]:
    """Parses a user's input: the number of classes, or their names.

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


def take_names(
    classes: Any, error: type[MnistcnnError] = DataError
) -> tuple[str, ...]:
    """Takes the names of classes as users give them.

    Args:
        classes: a list, an array or anything else with an order; a number is
            the name that it is written by.
        error: what is raised.

    Returns:
        The names, unchecked.

    Raises:
        DataError: they are a single value; or a dict or a set, in which it is
            not clear which name is of which output.

    Example:
        >>> take_names(range(3))
        ('0', '1', '2')
    """
    try:
        if not isinstance(classes, Mapping | set | frozenset | bytes):
            return tuple(map(str, classes))
    except TypeError:
        pass
    raise error(
        f"classes is a {type(classes).__name__}. Expected the classes' names "
        "in the order of their labels: a list of texts."
    )


def check_names(names: tuple[str, ...], what: str) -> tuple[str, ...]:
    """Returns `names`; a `DataError` if they are not valid class names."""
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
