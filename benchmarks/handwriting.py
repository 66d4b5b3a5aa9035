"""How well an artifact reads real pen strokes, drawn on the canvas.

`KERAS_BACKEND=jax python benchmarks/handwriting.py [ARTIFACT] [--writers HALF]
[--data FILE] [--out FILE]`. README.md says what is measured, and on what.
"""

import datetime
import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from commands import errors_in_one_line, make_parser
from machine import check_variables, describe_commit
from pendigits import HALVES, VARIABLE, describe_data, draw, read_strokes_file
from result_files import parse
from rich.console import Console
from rich.table import Table
from robustness_results import HandwritingResult

from mnistcnn.files import write_json


def main() -> None:
    """Reads the command line; errors are a few lines and an exit code."""
    parser = make_parser(__doc__)
    parser.add_argument("artifact", nargs="?", type=Path)
    parser.add_argument("--writers", choices=HALVES, default="report")
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get(VARIABLE),
        help=f"the .npz of pen strokes [{VARIABLE}]",
    )
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with errors_in_one_line():
        check_variables()
        result = measure(options.artifact, options.data, options.writers)
        if options.out:
            parse(json.dumps(result), HandwritingResult, "the result")
            write_json(options.out, result)
        show(result)


def measure(artifact: Path | None, data: Path | None, half: str) -> dict:
    """Draws every digit of a half of the writers, and reads it.

    Args:
        artifact: a `.keras` file, or `None` for the one that ships.
        data: the file of strokes.
        half: a key of `HALVES`.

    Returns:
        The contents of a result file.

    Raises:
        DataError: the file of strokes is missing or another.
        ArtifactError: the artifact is.
    """
    from mnistcnn import DigitClassifier, inspect_artifact
    from mnistcnn.artifact import pretrained_path

    rows = read_strokes_file(data)
    path = artifact or pretrained_path()
    card = inspect_artifact(path).card
    classifier = DigitClassifier.from_artifact(path)
    return {
        "format": 1,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        **describe_commit(),
        "artifact": {
            "recipe": card.get("recipe"),
            "seed": card.get("seed"),
            "weights_sha256": card.get("weights_sha256"),
            "threshold": classifier.threshold,
        },
        "backend": classifier.backend,
        "data": describe_data(data, half),
        **score(classifier, rows, half),
    }


def score(classifier, rows: list[tuple], half: str) -> dict:
    """Draws the digits of a half of the writers, and reads them.

    Args:
        classifier: a `DigitClassifier`.
        rows: of `read_strokes_file`.
        half: a key of `HALVES`.

    Returns:
        What `summarize` does.
    """
    answers = [
        (label, writer, classifier.read_strokes(draw(strokes).strokes))
        for label, writer, strokes in rows
        if int(writer[1:]) % 2 == HALVES[half]
    ]
    return summarize(answers, classifier.classes_)


def summarize(answers: list[tuple], classes: tuple[str, ...]) -> dict:
    """Makes scores of readings.

    Args:
        answers: for each digit its label, its writer and what was read.
        classes: the classes' names.

    Returns:
        `accuracy`: one digit was found, and its likeliest class is right.
        `shown`: its label was, which it is not where that is "?".
        `refused`: one digit was found, and it is "?". `pieces`: none or
        several were found. `calibration_error`; and `by_digit`, `by_writer`,
        `confusions`.
    """
    from mnistcnn.calibration import calibration_error, measure_reliability

    single = [answer for answer in answers if len(answer[2]) == 1]
    likeliest = [
        (label, writer, classes[int(readings[0].probabilities.argmax())])
        if len(readings) == 1
        else (label, writer, None)
        for label, writer, readings in answers
    ]
    shown = sum(r[0].label == label for label, _, r in single)
    refused = sum(r[0].label not in classes for _, _, r in single)
    reliability = measure_reliability(
        np.array([classes.index(label) for label, _, _ in single]),
        np.array([r[0].probabilities for _, _, r in single]),
    )
    wrong: dict[tuple, int] = {}
    for label, _, read in likeliest:
        if label != read:
            wrong[label, read] = wrong.get((label, read), 0) + 1
    return {
        "accuracy": _share([label == read for label, _, read in likeliest]),
        "shown": _share([True] * shown + [False] * (len(answers) - shown)),
        "refused": refused / len(answers),
        "pieces": 1 - len(single) / len(answers),
        "calibration_error": calibration_error(reliability),
        "by_digit": list(_group(likeliest, 0)),
        "by_writer": list(_group(likeliest, 1)),
        "confusions": [
            {"label": label, "read": read, "n": n}
            for (label, read), n in sorted(wrong.items(), key=lambda i: -i[1])
        ],
    }


def show(result: dict) -> None:
    """Prints a result as tables."""
    console = Console(highlight=False, soft_wrap=True)
    score = result["accuracy"]
    low, high = score["interval"]
    console.print(
        f"{score['accuracy']:.2%} of {score['n']:,} digits of the "
        f"{result['data']['writers']} half of the writers right (95 % "
        f"interval {low:.2%} to {high:.2%}); shown "
        f"{result['shown']['accuracy']:.2%}, refused {result['refused']:.2%}, "
        f"in pieces {result['pieces']:.2%}, expected calibration error "
        f"{result['calibration_error']:.4f}"
    )
    for key in ("by_digit", "by_writer"):
        table = Table(key.removeprefix("by_"), "right", "n")
        for row in result[key]:
            table.add_row(row["name"], f"{row['accuracy']:.2%}", str(row["n"]))
        console.print(table)
    console.print(
        "most often: "
        + ", ".join(
            f"{row['label']} as {row['read'] or 'pieces'} ({row['n']})"
            for row in result["confusions"][:6]
        )
    )


def _group(rows, place: int) -> Iterator[dict]:
    for name in sorted({row[place] for row in rows}):
        right = [row[0] == row[2] for row in rows if row[place] == name]
        yield {"name": name, **_share(right)}


def _share(right: list[bool]) -> dict:
    from mnistcnn.calibration import wilson_interval

    n = len(right)
    return {
        "accuracy": sum(right) / n,
        "n": n,
        "interval": list(wilson_interval(sum(right), n)),
    }


if __name__ == "__main__":
    main()
