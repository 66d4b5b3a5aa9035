"""What `robustness.py` found: tables, a picture, an artifact's card."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from pages.markdown import format_table
from result_files import Machine
from rich.console import Console
from rich.table import Table

from mnistcnn import units

SHIPPED = "the network that ships"
NUM_WORST = 3
NUM_PICTURED, COLUMNS = 4, 4  # digits of a cell, cells of a row


def show(result: dict) -> None:
    """Prints a result: an artifact a column."""
    console = Console(highlight=False, soft_wrap=True)
    rows, data = result["artifacts"], result["data"]
    table = Table(f"right of {units.count(data['n'])} ({data['name']})")
    for row in rows:
        digest = (row["weights_sha256"] or "")[:8]
        title = f"{row['name']}\n{row['recipe']}, {digest}"
        table.add_column(title, justify="right")

    def add(name: str, shares: list[float], **options) -> None:
        table.add_row(name, *map(units.percent, shares), **options)

    add("clean", [r["clean"]["accuracy"] for r in rows])
    means = [r["mean"] for r in rows]
    add(f"mean of {len(rows[0]['corrupted'])}", means, end_section=True)
    for name in rows[0]["corrupted"]:
        add(name, [r["corrupted"][name]["accuracy"] for r in rows])
    table.add_section()
    if all("strokes" in row for row in rows):
        shares = [r["strokes"]["accuracy"]["accuracy"] for r in rows]
        add("pen strokes", shares)
    counts = [count_refused(row) for row in rows]
    add("no digit: refused", [refused / n for refused, n in counts])
    add("MNIST: refused", [r["clean"]["refused"] for r in rows])
    console.print(table)


def write_table(result: dict) -> str:
    """Writes a result as the README has it, in Markdown.

    Args:
        result: the contents of a result file.

    Returns:
        A row an artifact, and a note: the worst corruptions of the first.
    """
    rows = result["artifacts"]
    number = len(rows[0]["corrupted"])
    head = [
        "recipe",
        "parameters",
        f"MNIST (n = {units.count(result['data']['n'])})",
        f"mean of {number} corruptions",
        "pen strokes",
        f"no digit: refused (n = {units.count(count_refused(rows[0])[1])})",
        "MNIST: refused",
    ]
    cells = [_write_row(row) for row in rows]
    worst = rows[0]["corrupted"]
    worst = sorted(worst, key=lambda name: worst[name]["accuracy"])
    shares = [rows[0]["corrupted"][n]["accuracy"] for n in worst[:NUM_WORST]]
    listed = ", ".join(
        f"{name} {units.percent(share, digits=1)}"
        for name, share in zip(worst, shares, strict=False)
    )
    title = rows[0]["recipe"] or rows[0]["name"]
    machine = Machine.model_validate(result["environment"])
    note = (
        f"In parentheses 95 % intervals. {title} reads worst: {listed}. "
        f"{machine.hardware}; {', '.join(machine.software)}; commit "
        f"{result['commit']}; {result['date']}."
    )
    return format_table([head, *cells], note)


def _write_row(row: dict) -> list[str]:
    refused, drawings = count_refused(row)
    strokes = row.get("strokes")
    recipe = row["recipe"] or row["name"]
    if row["name"] == SHIPPED and row["recipe"]:
        recipe += ", ships"
    return [
        recipe,
        units.count(row["parameters"]),
        _write_share(row["clean"]),
        units.percent(row["mean"]),
        _write_share(strokes["accuracy"]) if strokes else units.DASH,
        units.percent(refused / drawings, digits=1),
        units.percent(row["clean"]["refused"]),
    ]


def _write_share(share: dict) -> str:
    low, high = (f"{100 * end:.2f}" for end in share["interval"])
    return f"{units.percent(share['accuracy'])} ({low} to {high})"


def count_refused(row: dict) -> tuple[int, int]:
    """How many drawings that are no digit were refused, and how many there are.

    Args:
        row: of an artifact.

    Example:
        >>> count_refused({"nondigits": {"boxes": {"refused": 3, "n": 4}}})
        (3, 4)
    """
    kinds = row["nondigits"].values()
    return sum(k["refused"] for k in kinds), sum(k["n"] for k in kinds)


def describe_scores(row: dict) -> dict:
    """What an artifact's card is to say of what was measured.

    Args:
        row: of an artifact.

    Returns:
        `mnist`, `corrupted`, `nondigits` and, where they were read,
        `pen_strokes`.
    """
    refused, drawings = count_refused(row)
    scores = {
        "mnist": row["clean"],
        "corrupted": {
            "mean": row["mean"],
            **{k: v["accuracy"] for k, v in row["corrupted"].items()},
        },
        "nondigits": {"refused": refused / drawings, "n": drawings},
    }
    if "strokes" in row:
        keys = ("refused", "pieces", "calibration_error")
        strokes = {key: row["strokes"][key] for key in keys}
        scores["pen_strokes"] = row["strokes"]["accuracy"] | strokes
    return scores


def write_cards(paths: Sequence[Path], result: dict) -> None:
    """Puts what was measured into the cards of artifacts.

    Args:
        paths: the artifacts, none for the one that ships; they are written
            anew, their weights as they are. Of each recipe one seed was
            trained, its own.
        result: what was measured of them.
    """
    from mnistcnn.artifact import (
        inspect_artifact,
        pretrained_path,
        rebuild,
        save_artifact,
    )

    paths = paths or [pretrained_path()]
    for path, row in zip(paths, result["artifacts"], strict=True):
        artifact = inspect_artifact(path)
        card = {
            **artifact.card,
            "seeds_tried": [row["seed"]],
            "scores": describe_scores(row),
        }
        save_artifact(rebuild(artifact), path, card=card)


def draw(
    images: Mapping[str, np.ndarray], path: Path, *, note: str | None = None
) -> None:
    """Draws the first few digits in each form, as the net sees them.

    Args:
        images: as `make_images` gives them.
        path: where the PNG goes.
        note: printed across the picture, or `None`.
    """
    from mnistcnn.figures import WIDTH, picture

    rows = -(-len(images) // COLUMNS)
    with picture(path, (WIDTH, 0.48 * rows), note=note) as figure:
        cells = list(figure.subplots(rows, COLUMNS, squeeze=False).flat)
        for axes in cells:
            axes.set_axis_off()
        for axes, (name, stack) in zip(cells, images.items(), strict=False):
            row = np.hstack(stack[:NUM_PICTURED])
            axes.imshow(row, "gray", vmin=0, vmax=255, interpolation="nearest")
            axes.set_title(name, fontsize=7, fontweight="normal", pad=2)
