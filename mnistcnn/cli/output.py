"""What the commands share: options, the console, loading data."""

import json
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel

Data = Annotated[
    str,
    typer.Option(
        "--data",
        help="auto, mnist, strokes, or the path of an .npz or of a folder "
        "with the four IDX files.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MaybeArtifact = Annotated[
    Path | None,
    typer.Argument(help="A .keras file; by default the one that ships."),
]


def load(source: str, limit: int | None = None):
    """Loads data; says so where nobody can miss it if it is a stand-in."""
    from mnistcnn.data import GeneratedDataWarning, load_data

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", GeneratedDataWarning)
        dataset = load_data(source, limit=limit)
    for warning in caught:
        if issubclass(warning.category, GeneratedDataWarning):
            Console(stderr=True).print(
                Panel(
                    str(warning.message),
                    title=dataset.name.upper(),
                    style="bold yellow",
                )
            )
        else:
            warnings.warn_explicit(
                warning.message,
                warning.category,
                warning.filename,
                warning.lineno,
            )
    return dataset


def make_console() -> Console:
    """Where results go: standard output."""
    return Console(highlight=True)


def print_json(value: object) -> None:
    """Prints strict JSON."""
    sys.stdout.write(json.dumps(value, indent=1, allow_nan=False) + "\n")
