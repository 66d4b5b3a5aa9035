"""The pictures of a comparison, each in a section of its page.

Which picture is drawn depends on what the runs have: without a validation
there is no time to the best of it, without a GPU no memory of one.
"""

import itertools
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mnistcnn import figures, units
from mnistcnn.figures import Curve, Row
from mnistcnn.report.groups import Group, find_best, time_to_best
from mnistcnn.report.html import Markup, image, section

_COLD_START = {"import": "import", "build": "build", "first step": "first_step"}


def draw_panels(
    groups: Sequence[Group], *, note: str | None, folder: Path
) -> list[Markup]:
    """Draws what there are numbers for.

    Args:
        groups: the groups of `groups.group_runs`, fastest first.
        note: printed across every picture, or None.
        folder: where the PNG files go.

    Returns:
        A section per picture.
    """
    panels = [
        _accuracy(groups, folder / "accuracy.png", note),
        _epochs(groups, folder / "epoch_seconds.png", note),
        _curves(groups, folder / "validation_curves.png", note),
        _cold_start(groups, folder / "cold_start.png", note),
        _best(groups, folder / "time_to_best.png", note),
        _memory(groups, folder / "memory_host.png", note, "host"),
        _memory(groups, folder / "memory_device.png", note, "device"),
    ]
    return [panel for panel in panels if panel]


def _accuracy(groups: Sequence[Group], path: Path, note: str | None) -> Markup:
    title = "Test accuracy"
    rows = [
        Row(
            group.label,
            group.backend,
            tuple(test["accuracy"] for test in group.tests),
            units.percent(group.accuracy),
            group.bounds,
        )
        for group in groups
        if group.tests
    ]
    if not rows:
        return Markup()
    figures.intervals(rows, path, note=note)
    caption = (
        "Line: 95 % Wilson interval. Where the lines overlap, the difference "
        "may be chance."
    )
    return _panel(path, title, rows, caption)


def _epochs(groups: Sequence[Group], path: Path, note: str | None) -> Markup:
    title = "Time of a steady epoch"
    rows = [
        Row(
            group.label,
            group.backend,
            tuple(group.epochs),
            f"{units.duration(group.epoch)} "
            f"({units.ratio(group.epoch / groups[0].epoch)})",
        )
        for group in groups
        if group.epoch
    ]
    if not rows:
        return Markup()
    figures.bars(rows, path, note=note)
    caption = (
        "Median of the epochs after the first, and how many times the fastest. "
        "Shorter is better."
    )
    return _panel(path, title, rows, caption)


def _best(groups: Sequence[Group], path: Path, note: str | None) -> Markup:
    title = "Time to the best validation accuracy"
    rows = []
    for group in groups:
        if seconds := group.values(time_to_best):
            reached = group.mean(_read_best)
            text = f"{units.duration(group.mean(time_to_best))}"
            text += f" ({units.percent(reached)})"
            rows.append(Row(group.label, group.backend, tuple(seconds), text))
    if not rows:
        return Markup()
    figures.bars(rows, path, note=note)
    caption = (
        "Training time up to the end of that epoch, and the accuracy, which "
        "is not the same for all. Shorter is better."
    )
    return _panel(path, title, rows, caption)


def _cold_start(
    groups: Sequence[Group], path: Path, note: str | None
) -> Markup:
    title = "Cold start"
    rows = []
    for group in groups:
        parts = [
            group.mean(lambda run, key=key: run["timing"][key])
            for key in _COLD_START.values()
        ]
        if None not in parts:
            text = units.duration(sum(parts))
            rows.append(Row(group.label, group.backend, tuple(parts), text))
    if not rows:
        return Markup()
    names = list(_COLD_START)
    figures.stacked_bars(rows, names, path, note=note)
    caption = (
        "What passes before the second step; the first one holds the "
        "compilation. Shorter is better."
    )
    return _embed(path, title, rows, caption)


def _curves(groups: Sequence[Group], path: Path, note: str | None) -> Markup:
    title = "Validation accuracy by epoch and by time"
    lines = []
    for group in groups:
        for run in group.runs:
            history = [row for row in run["history"] if "val_accuracy" in row]
            if history:
                lines.append(
                    Curve(
                        group.label,
                        group.backend,
                        tuple(
                            itertools.accumulate(r["seconds"] for r in history)
                        ),
                        tuple(row["val_accuracy"] for row in history),
                    )
                )
    if not lines:
        return Markup()
    figures.curves(lines, path, note=note)
    caption = "Each line is one run. The accuracy axes are zoomed."
    return section(title, image(path, title, caption=caption))


def _memory(
    groups: Sequence[Group], path: Path, note: str | None, where: str
) -> Markup:
    title = f"Peak memory of the {where}"
    rows = []
    for group in groups:
        if sizes := group.values(
            lambda run: run["memory"][f"peak_{where}_bytes"]
        ):
            text = units.memory(statistics.fmean(sizes))
            rows.append(Row(group.label, group.backend, tuple(sizes), text))
    if not rows:
        return Markup()
    figures.bars(rows, path, note=note)
    return _panel(path, title, rows, "Shorter is better.")


def _panel(path: Path, title: str, rows: Sequence[Row], caption: str) -> Markup:
    """Embeds a picture and says what its dots are."""
    if any(len(row.values) > 1 for row in rows):
        caption += " Dots: single runs."
    return _embed(path, title, rows, caption)


def _embed(path: Path, title: str, rows: Sequence[Row], caption: str) -> Markup:
    """Embeds a picture; its alternative text has the numbers in it."""
    alt = "; ".join(f"{row.label}: {row.text}" for row in rows)
    return section(title, image(path, f"{title}. {alt}", caption=caption))


def _read_best(run: dict[str, Any]) -> float | None:
    best = find_best(run)
    return best and best["val_accuracy"]
