"""What `robustness.py` found, as a table, as the README's, as a picture."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from mnistcnn import units

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
    console.print(table)


def write_table(result: dict) -> str:
    """Writes a result as the README has it, in Markdown.

    Args:
        result: the contents of a result file.

    Returns:
        A row an artifact: the accuracy on clean images with its interval,
        the mean of the corrupted ones, and the worst three of those.
    """
    number = len(result["artifacts"][0]["corrupted"])
    lines = [
        f"| | clean | mean of {number} | worst {NUM_WORST} |",
        "| --- | --: | --: | --- |",
    ]
    for row in result["artifacts"]:
        clean, shares = row["clean"], row["corrupted"]
        low, high = (f"{100 * end:.2f}" for end in clean["interval"])
        worst = sorted(shares, key=lambda name: shares[name]["accuracy"])
        said = [
            f"{name} {units.percent(shares[name]['accuracy'], digits=1)}"
            for name in worst[:NUM_WORST]
        ]
        recipe = f" (`{row['recipe']}`)" if row["recipe"] else ""
        lines.append(
            f"| {row['name']}{recipe} | {units.percent(clean['accuracy'])} "
            f"({low} to {high}) | {units.percent(row['mean'])} | "
            f"{', '.join(said)} |"
        )
    return "\n".join(lines)


def draw(
    images: Mapping[str, np.ndarray], path: Path, *, note: str | None = None
) -> None:
    """Draws the first few digits in each form, as the net sees them.

    Args:
        images: as `make_images` gives them.
        path: where the PNG goes.
        note: printed across the picture, or `None`.
    """
    from mnistcnn.figures.drawing import WIDTH, picture

    rows = -(-len(images) // COLUMNS)
    with picture(path, (WIDTH, 0.48 * rows), note=note) as figure:
        cells = list(figure.subplots(rows, COLUMNS, squeeze=False).flat)
        for axes in cells:
            axes.set_axis_off()
        for axes, (name, stack) in zip(cells, images.items(), strict=False):
            row = np.hstack(stack[:NUM_PICTURED])
            axes.imshow(row, "gray", vmin=0, vmax=255, interpolation="nearest")
            axes.set_title(name, fontsize=7, fontweight="normal", pad=2)
