"""How well numbers are read, by writers whom no network and no prior has seen.

`python benchmarks/reading.py [ARTIFACT] [--strokes FILE ...] [--each N]
[--out FILE]`: numbers put together from strokes, read as strokes and as
pictures; and single digits by `read_strokes` and by the network alone. Without
`KERAS_BACKEND` NumPy reads. README.md says what is measured, and on what.
"""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from composed_numbers.composing import read_writers
from composed_numbers.number_scores import list_kinds, score_kind, score_single
from composed_numbers.reading_results import ReadingResult
from formats.result_files import write
from running.commands import add_strokes, errors_in_one_line, make_parser
from running.readers import open_reader


def main() -> None:
    """Reads the command line; errors are a few lines and an exit code."""
    parser = make_parser(__doc__)
    parser.add_argument("artifact", nargs="?", type=Path)
    add_strokes(parser)
    parser.add_argument("--each", type=int, default=300, help="of a kind")
    parser.add_argument("--part", default="report", help="of the writers")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with errors_in_one_line():
        result = measure(options)
        if options.out:
            write(options.out, result, ReadingResult)
        show(result)


def measure(options) -> dict:
    """Reads composed numbers, and counts those that were read exactly.

    Args:
        options: of `main`.

    Returns:
        The contents of a result file.
    """
    classifier, facts = open_reader(options.artifact)
    writers = read_writers(options.strokes, options.part)
    kinds = [
        score_kind(classifier, writers, kind, options.each, options.seed)
        for kind in list_kinds()
    ]
    return {
        "format": 1,
        **facts,
        "part": options.part,
        "writers": len(writers),
        "seed": options.seed,
        "kinds": [row for kind in kinds for row in kind],
        "single": score_single(classifier, writers, options.seed),
    }


def show(result: dict) -> None:
    """Prints a result as tables."""
    console = Console(highlight=False, soft_wrap=True)
    table = Table(
        "kind", "as", "exact", "95 % interval", "shown", "lost / added"
    )
    for row in result["kinds"]:
        low, high = row["exact"]["interval"]
        table.add_row(
            row["name"],
            row["form"],
            f"{row['exact']['accuracy']:.1%}",
            f"{low:.1%} to {high:.1%}",
            f"{row['shown']['accuracy']:.1%}",
            f"{row['lost']} / {row['added']}",
        )
    console.print(table)
    for name, share in result["single"].items():
        low, high = share["interval"]
        console.print(
            f"single digits, {name}: {share['accuracy']:.2%} of "
            f"{share['n']} ({low:.2%} to {high:.2%})"
        )


if __name__ == "__main__":
    main()
