"""How sources of data are named: by `--data`, by the environment, in Python."""

import os
from pathlib import Path
from typing import Any

from mnistcnn.data.strokefiles import is_strokes
from mnistcnn.errors import DataError, quote

NAMES = frozenset(("auto", "mnist", "strokes"))  # and no paths


def list_named() -> list[str]:
    """Returns what `MNISTCNN_DATA` names: a source, and strokes besides."""
    return split_paths(os.environ.get("MNISTCNN_DATA", ""))


def split_paths(named: str) -> list[str]:
    """Parts a text that names several paths, as `PATH` does.

    Args:
        named: the paths with `os.pathsep` between them; one that exists as
            it stands may have the separator in it.
    """
    if os.path.exists(os.path.expanduser(named)):
        return [named]
    return [name for name in named.split(os.pathsep) if name]


def find_named() -> Path | None:
    """Returns the path that `MNISTCNN_DATA` names first, if it names one."""
    named = next(iter(list_named()), "auto")
    if named in NAMES:
        return None
    return expand(named)


def list_sources(source: Any) -> list[str]:
    """Lists what is named: each source by itself, none empty.

    Args:
        source: what `load_data` takes.

    Returns:
        One or more of `NAMES` and of paths; for `"auto"` what the environment
        names, where it does.

    Raises:
        DataError: it is no text or path, or an empty one.

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
    sources = []
    for each in given or ["auto"]:
        named = list_named() if each == "auto" else []
        sources += (parts := named or split_paths(each))
        if not parts:
            raise DataError(
                f"A source of data is empty. {expected}: is a variable that "
                "names it not set?"
            )
    return sources


def part_sources(sources: list[str]) -> tuple[str | None, list[Path]]:
    """Parts images from strokes, in whatever order they were named.

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
    # Read as files of strokes, the others say what is wrong with them.
    first, *others = images or [None]
    return first, [expand(name) for name in (*strokes, *others) if name]


def expand(source: str) -> Path:
    """Makes a path of a name that may begin with `~`."""
    return Path(os.path.expanduser(source))
