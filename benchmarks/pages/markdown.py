"""Tables in Markdown, and the marked regions of a README they go into."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from formats.result_files import Machine
from mnistcnn import units
from mnistcnn.errors import DataError, make_printable
from mnistcnn.files import write_atomically


def format_table(rows: Sequence[Sequence[str]], note: str) -> str:
    r"""Writes a table whose first column is text and the others numbers.

    Args:
        rows: of cells, the header first.
        note: the text below.

    Returns:
        Markdown; the texts are escaped, so that they add no HTML or cells.

    Example:
        >>> print(format_table([["network", "right"], ["a|b", "99 %"]], "So."))
        | network | right |
        | --- | --: |
        | a\|b | 99 % |
        <BLANKLINE>
        So.
    """
    head, *others = rows
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *others]
    table = "\n".join(f"| {' | '.join(map(escape, row))} |" for row in lines)
    return f"{table}\n\n{escape(note)}"


def escape(text: str) -> str:
    r"""Escapes a text for a cell: it adds no cell, link, picture or HTML.

    Args:
        text: any; between backquotes it stays code.

    Returns:
        One line of printable characters.

    Example:
        >>> print(escape("`fit` ![a](https://b)<i>"))
        `fit` !\[a\](https://b)&lt;i>
    """
    text = make_printable(" ".join(text.split()))
    text = re.sub(r"[\\|*\[\]]", r"\\\g<0>", text)
    return text.replace("&", "&amp;").replace("<", "&lt;")


def list_once(texts: Iterable[str]) -> str:
    """Joins texts by commas, without duplicates.

    Example:
        >>> list_once(["2 cores", "4 cores", "2 cores"])
        '2 cores, 4 cores'
    """
    return ", ".join(dict.fromkeys(texts))


def describe_origin(machines: Sequence[Machine], runs: Sequence[Any]) -> str:
    """Describes where, with what, at which commits and when was measured.

    Args:
        machines: at least one.
        runs: the measurements there, each with its `commit`, whether it was
            `dirty`, and its `date`.
    """
    versions = list_once(text for one in machines for text in one.software)
    commits = list_once(
        one.commit + (" with changes" if one.dirty else "") for one in runs
    )
    days = sorted({one.date for one in runs})
    return (
        f"{list_once(one.hardware for one in machines)}; {versions}; commit "
        f"{commits}; {' to '.join(dict.fromkeys([days[0], days[-1]]))}"
    )


def write_score(score: Any) -> str:
    """Writes an object with an `accuracy` and its `interval`.

    Example:
        >>> from types import SimpleNamespace
        >>> write_score(SimpleNamespace(accuracy=0.5, interval=(0.4, 0.6)))
        '50.00 % (40.00 to 60.00)'
    """
    low, high = (f"{100 * end:.2f}" for end in score.interval)
    return f"{units.percent(score.accuracy)} ({low} to {high})"


def insert_text(file: str | Path, text: str, *, name: str) -> Path:
    """Replaces the text between two markers of a README.

    Args:
        file: a UTF-8 text with `<!-- name -->` and, after it,
            `<!-- /name -->`, each once.
        text: the new text between them.
        name: of the markers.

    Returns:
        The file.

    Raises:
        DataError: the file cannot be read, or its markers are not there.
    """
    whole, start, end = _find(file, name)
    text = f"\n\n{text}\n\n" if text else "\n"
    whole = f"{whole[:start]}{text}{whole[end:]}"
    write_atomically(file, whole.encode())
    return Path(file)


def read_text(file: str | Path, *, name: str) -> str:
    """Reads the text between two markers of a README, stripped.

    Args:
        file: as for `insert_text`.
        name: of the markers.

    Raises:
        DataError: the file cannot be read, or its markers are not there.
    """
    whole, start, end = _find(file, name)
    return whole[start:end].strip()


def _find(file: str | Path, name: str) -> tuple[str, int, int]:
    """Reads a file; returns its text and the bounds of its marked region."""
    opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
    try:
        text = Path(file).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no UTF-8 text"
        raise DataError(
            f"Expected a text with the markers {opening} and {closing}. "
            f"Received: {file} ({reason}). Give the README."
        ) from error
    counts = [text.count(marker) for marker in (opening, closing)]
    start, end = text.find(opening) + len(opening), text.find(closing)
    if counts != [1, 1] or end < start:
        raise DataError(
            f"{file}: expected {opening} and then {closing}, each once. "
            f"Received: {counts[0]} and {counts[1]} of them. Put them where "
            "the table goes."
        )
    return text, start, end
