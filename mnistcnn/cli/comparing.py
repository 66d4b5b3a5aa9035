"""`mnistcnn compare`."""

from pathlib import Path
from typing import Annotated

import typer

from mnistcnn.cli.printer import say


def compare(
    runs: Annotated[
        list[Path], typer.Argument(help="Run directories or metrics.json.")
    ],
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path(
        "comparison.html"
    ),
    pictures: Annotated[
        Path | None,
        typer.Option(help="A folder to keep the page's pictures in, too."),
    ] = None,
) -> None:
    """Put runs side by side on one page."""
    from mnistcnn.report import write_comparison

    path = write_comparison(runs, out, pictures=pictures)
    say(f"wrote {path}")
