"""Shared by the benchmarks' commands: options, errors and progress."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from mnistcnn.errors import MnistcnnError
from running.processes import MeasurementError

STROKES = "MNISTCNN_STROKES"


def make_parser(doc: str | None) -> argparse.ArgumentParser:
    """Makes a parser whose description is a module docstring's first line."""
    return argparse.ArgumentParser(description=(doc or "").split("\n")[0])


def add_strokes(parser: argparse.ArgumentParser) -> None:
    """Adds the option that names the files of pen strokes."""
    named = os.environ.get(STROKES, "").split(os.pathsep)
    parser.add_argument(
        "--strokes",
        type=expand,
        nargs="+",
        default=[expand(name) for name in named if name],
        help=f"files of pen strokes [{STROKES}]",
    )


def expand(name: str) -> Path:
    """Makes a path from a name that may begin with `~`."""
    return Path(os.path.expanduser(name))


@contextlib.contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Ends the process on an error: its text, its exit code, no traceback."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(130)
    except (MnistcnnError, OSError) as error:
        text = str(error)
        # The last output of another process has several lines.
        if not isinstance(error, MeasurementError):
            text = " ".join(text.split())
        sys.stderr.write(f"benchmarks: {text}\n")
        sys.exit(getattr(error, "exit_code", 2))


def say(line: str) -> None:
    """Reports a command's progress, separate from its output."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
