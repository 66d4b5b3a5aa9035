"""The printer: every line and table that a command puts on a terminal.

Names of classes and files, cards and texts of files are data: they are never
read as Rich's markup, and what a terminal would obey is written out.
"""

import contextlib
import io
import json
import logging
import os
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mnistcnn.errors import make_line, make_printable

_WIDE = 100_000  # columns: no line is longer


@contextlib.contextmanager
def clean_terminal() -> Iterator[None]:
    """Sees to it that nothing breaks a terminal, nor is broken by it.

    What standard output cannot encode is replaced; where it is closed, what is
    printed goes nowhere. Warnings and log records,
    which nobody else prints, are one line each, written out as errors are.
    """
    # Standard error replaces by itself.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    last, before = logging.lastResort, warnings.formatwarning
    warnings.formatwarning = lambda message, *_args, **_options: (
        f"Warning: {make_line(message)}\n"
    )
    if last:
        last.setFormatter(_OneLine())
    try:
        with _open_closed():
            yield
    finally:
        warnings.formatwarning = before
        if last:
            last.setFormatter(None)


@contextlib.contextmanager
def _open_closed() -> Iterator[None]:
    """Gives closed streams, which Python has as None, a place to write to."""
    with contextlib.ExitStack() as nowhere:
        for name in ("stdout", "stderr"):
            if getattr(sys, name) is None:
                stream = nowhere.enter_context(open(os.devnull, "w"))
                setattr(sys, name, stream)
                nowhere.callback(setattr, sys, name, None)
        yield


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return make_line(super().format(record))


def say(*parts: str | tuple[str, str]) -> None:
    """Prints a sentence, in one line however narrow the terminal is.

    Args:
        parts: texts, or pairs of a text and a style of Rich's.
    """
    console = _open_console()
    pairs = [(part, "") if isinstance(part, str) else part for part in parts]
    line = Text()
    for text, style in pairs:
        line.append(_clean(console, text), style=style)
    console.print(line, soft_wrap=True)


def warn(title: str, text: str) -> None:
    """Prints a warning where nobody can miss it, on standard error."""
    console = _open_console(stderr=True)
    title, text = _clean(console, title), _clean(console, text)
    panel = Panel(Text(text), title=Text(title), style="bold yellow")
    console.print(panel)


def complain(text: object) -> None:
    """Prints a sentence on standard error, in one line as an error has it."""
    sys.stderr.write(f"{make_line(text)}\n")


def show_table(
    head: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    narrow: tuple[Sequence[str], Sequence[Sequence[object]]] | None = None,
) -> None:
    """Prints a table, or what it says in another form where it has no room.

    Args:
        head: the columns' names.
        rows: the cells.
        narrow: head and rows of a table that needs less room; by default
            each row becomes a sentence.
    """
    console = _open_console()
    table = _make_table(console, head, rows)
    if _least_width(console, table) <= console.width:
        console.print(table)
    elif narrow:
        show_table(*narrow)
    else:
        for first, *others in rows:
            pairs = zip(head[1:], others, strict=True)
            said = ", ".join(f"{name} {cell}" for name, cell in pairs)
            say(f"{first}: {said}")


def show_json(value: object) -> None:
    """Prints JSON for a person to read."""
    console = _open_console()
    text = json.dumps(value, indent=2, ensure_ascii=False)
    shown = JSONHighlighter()(_clean(console, text, keep="\n"))
    console.print(shown, soft_wrap=True)


def print_json(value: object) -> None:
    """Prints strict JSON for a program to read, in ASCII."""
    sys.stdout.write(json.dumps(value, indent=1, allow_nan=False) + "\n")


def print_json_list(values: Iterable[object]) -> None:
    """Prints a strict JSON list, each value in a line as soon as it comes."""
    before = "[\n"
    for value in values:
        line = json.dumps(value, allow_nan=False)
        # The line is whole: who reads by lines has it now, not with the next.
        sys.stdout.write(f"{before}{line}\n")
        sys.stdout.flush()
        before = ","
    sys.stdout.write("]\n" if before == "," else "[]\n")


def _open_console(*, stderr: bool = False) -> Console:
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def _clean(console: Console, text: str, *, keep: str = "") -> str:
    # Replaced before a table's columns are measured.
    code = console.encoding
    text = make_printable(text, keep=keep)
    return text.encode(code, "replace").decode(code)


def _make_table(console: Console, head: Sequence[str], rows: Any) -> Table:
    table = Table()
    for place, name in enumerate(head):
        cells = [str(row[place]) for row in rows]
        # A number or a name is not broken where a sentence can be.
        whole = not any(" " in cell for cell in cells)
        title = Text(_clean(console, name))
        table.add_column(title, overflow="fold", no_wrap=whole)
    for row in rows:
        table.add_row(*(Text(_clean(console, str(cell))) for cell in row))
    return table


def _least_width(console: Console, table: Table) -> int:
    """How many columns it needs so that no word is broken."""
    options = console.options.update_width(_WIDE)
    return console.measure(table, options=options).minimum
