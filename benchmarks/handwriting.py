"""How well an artifact reads, and rejects, what people write with a pen.

`KERAS_BACKEND=jax python benchmarks/handwriting.py [ARTIFACT]
[--strokes FILE ...] [--out FILE]`. README.md says what is measured, and on
what.
"""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from formats.result_files import write
from mnistcnn.errors import DataError
from running.commands import add_strokes, errors_in_one_line, make_parser
from running.machine import check_variables
from running.readers import open_reader
from unlike_mnist.robustness_results import HandwritingResult
from unlike_mnist.stroke_scores import score


def main() -> None:
    """Reads the command line; errors are a few lines and an exit code."""
    parser = make_parser(__doc__)
    parser.add_argument("artifact", nargs="?", type=Path)
    add_strokes(parser)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with errors_in_one_line():
        check_variables()
        result = measure(options.artifact, options.strokes)
        if options.out:
            write(options.out, result, HandwritingResult)
        show(result)


def measure(artifact: Path | None, files: Sequence[Path]) -> dict:
    """Reads the characters of the test writers of each file.

    Args:
        artifact: a `.keras` file, or `None` for the one that ships.
        files: of pen strokes.

    Returns:
        The contents of a result file.

    Raises:
        DataError: no file is named, or one is missing or invalid.
        ArtifactError: the artifact is missing or invalid.
    """
    if not files:
        raise DataError(
            "MNISTCNN_STROKES is not set. Expected the paths of files of pen "
            "strokes: set it, or give --strokes FILE."
        )
    classifier, facts = open_reader(artifact)
    return {"format": 2, **facts, "collections": score(classifier, files)}


def show(result: dict) -> None:
    """Prints a result as tables."""
    console = Console(highlight=False, soft_wrap=True)
    for name, found in result["collections"].items():
        table = Table(f"{name}, {found['writers']} writers", "right", "n")
        for title, key in (("the network", "digits"), ("strokes", "read")):
            for kind in ("accuracy", "shown"):
                row = found[key][kind]
                table.add_row(
                    f"{title}, {kind}", f"{row['accuracy']:.2%}", str(row["n"])
                )
        table.add_section()
        for kind, row in found["rejected"].items():
            part = f"{row['refused'] / row['n']:.1%}"
            table.add_row(f"rejected: {kind}", part, str(row["n"]))
        console.print(table)
        console.print(
            "most often: "
            + ", ".join(
                f"{row['label']} as {row['read'] or 'pieces'} ({row['n']})"
                for row in found["read"]["confusions"][:6]
            )
        )


if __name__ == "__main__":
    main()
