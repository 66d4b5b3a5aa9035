"""Names of data sources: in `--data`, in the environment, in Python."""

import os
from pathlib import Path
from typing import Any

from mnistcnn.data.strokefiles import is_strokes
from mnistcnn.errors import DataError, quote

NAMES = frozenset(("auto", "mnist", "strokes"))  # all others are paths


def list_named() -> list[str]:
    """Returns the sources in `MNISTCNN_DATA`: one, and files of strokes."""
    return split_paths(os.environ.get("MNISTCNN_DATA", ""))


def split_paths(named: str) -> list[str]:
    """Splits a text of several paths, like `PATH`.

    Args:
        named: the paths with `os.pathsep` between them; a path that exists may
            contain the separator.
    """
    if os.path.exists(os.path.expanduser(named)):
        return [named]
    return [name for name in named.split(os.pathsep) if name]


def find_named() -> Path | None:
    """Returns the first path in `MNISTCNN_DATA`, if there is one."""
    named = next(iter(list_named()), "auto")
    if named in NAMES:
        return None
    return expand(named)


def list_sources(source: Any) -> list[str]:
    """Lists the named sources separately, without empty ones.

    Args:
        source: as of `load_data`.

    Returns:
        One or more of `NAMES` and of paths; for `"auto"` those in the
        environment, if any.

    Raises:
        DataError: it is not a text or path, or it is empty.

    Example:
        >>> list_sources(["mnist", Path("a.npz")])
        ['mnist', 'a.npz']
    """
    alone = isinstance(source, str | bytes | os.PathLike)
    expected = "Expected auto, mnist, strokes or a path, or several of them"
    try:
        given = [os.fsdecode(each) for each in ([source] if alone else source)]
    except TypeError as error:
        raise DataError(
            f"The source of data is {quote(source, 60)}. {expected}."
        ) from error
    if not given:
        raise DataError(
            f"The list of sources of data is empty. {expected}: does the "
            "pattern that lists them match no file?"
        )
    sources = []
    for each in given:
        if "://" in each:
            raise DataError(
                f"The source of data is {quote(each, 100)}, a URL. {expected}: "
                "download the file first."
            )
        named = list_named() if each == "auto" else []
        sources += (parts := named or split_paths(each))
        if not "".join(parts).strip():
            said = quote(each, 20) if parts else "empty"
            raise DataError(
                f"A source of data is {said}. {expected}: is a variable that "
                "names it not set?"
            )
    return sources


def part_sources(sources: list[str]) -> tuple[str | None, list[Path]]:
    """Separates sources of images from files of strokes, in any order.

    Args:
        sources: of `list_sources`.

    Returns:
        The source of images, if there is one, and the files of strokes.

    Raises:
        DataError: there are two sources of images.
    """
    strokes = [
        name
        for name in sources
        if name not in NAMES and is_strokes(expand(name))
    ]
    images = [name for name in sources if name not in strokes]
    if len(images) > 1 and NAMES & set(images[1:]):
        raise DataError(
            f"{images[0]} and {images[1]} are two sources of images. Expected "
            "one, and files of pen strokes besides: leave one out."
        )
    # Others are read as files of strokes, which reports what is wrong.
    first, *others = images or [None]
    return first, [expand(name) for name in (*strokes, *others) if name]


def expand(source: str) -> Path:
    """Makes a path from a name that may begin with `~`."""
    return Path(os.path.expanduser(source))
