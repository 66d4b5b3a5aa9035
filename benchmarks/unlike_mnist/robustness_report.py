"""Reports of `robustness.py`: tables, a picture, an artifact's card."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from mnistcnn import units
from mnistcnn.calibration import wilson_interval
from pages.markdown import describe_origin, format_table, write_score
from unlike_mnist.robustness_results import (
    ArtifactScores,
    RobustnessResult,
    Score,
)

SHIPPED = "the network that ships"
NUM_WORST = 3
NUM_PICTURED, COLUMNS = 4, 4  # digits per cell, cells per row


def show(result: RobustnessResult) -> None:
    """Prints a result, with a column per artifact."""
    console = Console(highlight=False, soft_wrap=True)
    rows, data = result.artifacts, result.data
    table = Table(f"right of {units.count(data.n)} ({data.name})")
    for row in rows:
        digest = (row.weights_sha256 or "")[:8]
        title = f"{row.name}\n{row.recipe}, {digest}"
        table.add_column(title, justify="right")

    def add(name: str, shares: list[float], **options) -> None:
        table.add_row(name, *map(units.percent, shares), **options)

    add("clean", [r.clean.accuracy for r in rows])
    means = [r.mean for r in rows]
    add(f"mean of {len(rows[0].corrupted)}", means, end_section=True)
    for name in rows[0].corrupted:
        add(name, [r.corrupted[name].accuracy for r in rows])
    table.add_section()
    for name in rows[0].handwriting or {}:
        found = [r.handwriting[name] for r in rows if r.handwriting]
        add(name, [part.digits.accuracy.accuracy for part in found])
    add("non-digits rejected", [r.rejections.share for r in rows])
    add("MNIST rejected", [r.clean.refused for r in rows])
    console.print(table)


def write_table(result: RobustnessResult) -> str:
    """Writes a result as in the README, in Markdown.

    Args:
        result: the contents of a result file.

    Returns:
        A row per artifact, and a note: the worst corruptions of the first.
    """
    rows = result.artifacts
    number = len(rows[0].corrupted)
    head = [
        "recipe",
        "parameters",
        f"MNIST (n = {units.count(result.data.n)})",
        f"mean of {number} corruptions",
        "pen strokes",
        f"non-digits rejected (n = {units.count(rows[0].rejections.n)})",
        "MNIST rejected",
    ]
    cells = [_write_row(row) for row in rows]
    scores = rows[0].corrupted.items()
    worst = sorted(scores, key=lambda item: item[1].accuracy)[:NUM_WORST]
    listed = ", ".join(
        f"{name} {units.percent(score.accuracy, digits=1)}"
        for name, score in worst
    )
    title = rows[0].recipe or rows[0].name
    note = (
        f"In parentheses 95 % intervals. {title} reads worst: {listed}. "
        f"{describe_origin([result.environment], [result])}."
    )
    return format_table([head, *cells], note)


def _write_row(row: ArtifactScores) -> list[str]:
    recipe = row.recipe or row.name
    if row.name == SHIPPED and row.recipe:
        recipe += ", ships"
    return [
        recipe,
        units.count(row.parameters),
        write_score(row.clean),
        units.percent(row.mean),
        _write_pens(row),
        units.percent(row.rejections.share, digits=1),
        units.percent(row.clean.refused),
    ]


def _write_pens(row: ArtifactScores) -> str:
    """The digits of all test writers together."""
    if not row.handwriting:
        return write_score(row.strokes.accuracy) if row.strokes else units.DASH
    found = [one.digits.accuracy for one in row.handwriting.values()]
    n = sum(score.n for score in found)
    right = sum(round(score.accuracy * score.n) for score in found)
    ends = list(wilson_interval(right, n))
    return write_score(Score(accuracy=right / n, n=n, interval=ends))


def describe_scores(row: ArtifactScores) -> dict:
    """Returns the part of an artifact's scores that its card contains.

    Args:
        row: of an artifact.

    Returns:
        `mnist`, `corrupted`, `nondigits` and, by name, each collection of
        pen strokes that was read.
    """
    rejections = row.rejections
    scores: dict[str, dict] = {
        "mnist": row.clean.model_dump(),
        "corrupted": {
            "mean": row.mean,
            **{k: v.accuracy for k, v in row.corrupted.items()},
        },
        "nondigits": {"refused": rejections.share, "n": rejections.n},
    }
    for name, part in (row.handwriting or {}).items():
        keys = {"refused", "calibration_error"}
        digits = part.digits.model_dump(include=keys)
        scores[name] = {
            **part.digits.accuracy.model_dump(),
            **digits,
            "read": part.read.accuracy.accuracy,
            "rejected": {k: v.share for k, v in part.rejected.items()},
        }
    return scores


def write_cards(paths: Sequence[Path], result: RobustnessResult) -> None:
    """Writes the scores into the cards of artifacts.

    Args:
        paths: the artifacts, none for the one that ships; they are rewritten
            with unchanged weights.
        result: their scores.
    """
    from mnistcnn.artifact import (
        inspect_artifact,
        pretrained_path,
        rebuild,
        save_artifact,
    )

    paths = paths or [pretrained_path()]
    for path, row in zip(paths, result.artifacts, strict=True):
        artifact = inspect_artifact(path)
        card = {
            **artifact.card,
            "seeds_tried": sorted({r.seed or 0 for r in result.artifacts}),
            "scores": describe_scores(row),
        }
        save_artifact(rebuild(artifact), path, card=card)


def draw(
    images: Mapping[str, np.ndarray], path: Path, *, note: str | None = None
) -> None:
    """Draws the first few digits in each form, as the network sees them.

    Args:
        images: as `make_images` returns them.
        path: where the PNG is written.
        note: printed across the picture, or `None`.
    """
    from mnistcnn.figures import WIDTH, picture

    rows = -(-len(images) // COLUMNS)
    with picture(path, (WIDTH, 0.48 * rows), note=note) as figure:
        cells = list(figure.subplots(rows, COLUMNS, squeeze=False).flat)
        for axes in cells:
            axes.set_axis_off()
        for axes, (name, stack) in zip(cells, images.items(), strict=False):
            row = np.hstack([*stack[:NUM_PICTURED]])
            axes.imshow(row, "gray", vmin=0, vmax=255, interpolation="nearest")
            axes.set_title(name, fontsize=7, fontweight="normal", pad=2)
