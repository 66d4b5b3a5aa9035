"""The printer: every line and table that a command puts on a terminal.

Names of classes and files, cards and texts of files are untrusted: they are
never parsed as Rich's markup, and control characters are escaped.
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
    """Protects the terminal from the output, and the output from it.

    Characters that standard output cannot encode are replaced; if it is closed,
    output is discarded. Warnings and log records, which nothing else prints,
    are one line each, escaped like errors.
    """
    # Rich, and typer for --help, would break lines after no character at all.
    if os.environ.get("COLUMNS", "").strip("0") == "":
        os.environ.pop("COLUMNS", None)
    # Standard error replaces them anyway.
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
    """Opens a sink for closed streams, which are None in Python."""
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
    """Prints a sentence in one line, even on a narrow terminal.

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
    """Prints a prominent warning on standard error."""
    console = _open_console(stderr=True)
    title, text = _clean(console, title), _clean(console, text)
    panel = Panel(Text(text), title=Text(title), style="bold yellow")
    console.print(panel)


def complain(text: object) -> None:
    """Prints a sentence on standard error in one line, like an error."""
    sys.stderr.write(f"{make_line(text)}\n")


def show_table(
    head: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    narrow: tuple[Sequence[str], Sequence[Sequence[object]]] | None = None,
) -> None:
    """Prints a table, in another form if the terminal is too narrow.

    Args:
        head: the columns' names.
        rows: the cells.
        narrow: head and rows of a narrower table; by default each row becomes a
            sentence.
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
    """Prints a strict JSON list, each value in a line when it is ready."""
    before = "[\n"
    for value in values:
        line = json.dumps(value, allow_nan=False)
        # The line is completed now, so that readers by line need not wait for
        # the next.
        sys.stdout.write(f"{before}{line}\n")
        sys.stdout.flush()
        before = ","
    sys.stdout.write("]\n" if before == "," else "[]\n")


def _open_console(*, stderr: bool = False) -> Console:
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def _clean(console: Console, text: str, *, keep: str = "") -> str:
    # Escaped before a table's columns are measured.
    code = console.encoding
    text = make_printable(text, keep=keep)
    return text.encode(code, "replace").decode(code)


def _make_table(console: Console, head: Sequence[str], rows: Any) -> Table:
    table = Table()
    for place, name in enumerate(head):
        cells = [str(row[place]) for row in rows]
        # Sentences are wrapped rather than numbers and names.
        whole = not any(" " in cell for cell in cells)
        title = Text(_clean(console, name))
        table.add_column(title, overflow="fold", no_wrap=whole)
    for row in rows:
        table.add_row(*(Text(_clean(console, str(cell))) for cell in row))
    return table


def _least_width(console: Console, table: Table) -> int:
    """Returns how many columns it needs without breaking words."""
    options = console.options.update_width(_WIDE)
    return console.measure(table, options=options).minimum
