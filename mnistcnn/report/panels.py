"""The pictures of a comparison.

Which picture is drawn depends on what the runs have: without a validation
there is no time to the best of it, without a GPU no memory of one.
"""

import functools
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mnistcnn import figures, units
from mnistcnn.figures import Curve, Row
from mnistcnn.report.groups import Group, find_best, time_to_best
from mnistcnn.report.page import Figure, read_figure

_COLD_START = {"import": "import", "build": "build", "first step": "first_step"}


def draw_panels(
    groups: Sequence[Group], *, note: str | None, folder: Path
) -> list[Figure]:
    """Draws what there are numbers for.

    Args:
        groups: the groups of `groups.group_runs`, fastest first.
        note: printed across every picture, or None.
        folder: where the PNG files go.

    Returns:
        The pictures.
    """
    panels = []
    for name, (title, list_rows, draw, caption) in _PANELS.items():
        rows = list_rows(groups)
        if not rows:
            continue
        path = draw(rows, folder / f"{name}.png", note=note)
        alt = title
        if list_rows is not _list_curves:
            said = "; ".join(f"{row.label}: {row.text}" for row in rows)
            alt = f"{title}. {said}"
        # A cold start's values are its parts.
        runs = list_rows not in (_list_curves, _list_cold_starts)
        if runs and any(len(row.values) > 1 for row in rows):
            caption += " Dots: single runs."
        panels.append(read_figure(path, title, alt=alt, caption=caption))
    return panels


def _list_accuracies(groups: Sequence[Group]) -> list[Row]:
    return [
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


def _list_epochs(groups: Sequence[Group]) -> list[Row]:
    return [
        Row(
            group.label,
            group.backend,
            tuple(group.epochs),
            f"{units.duration(group.epoch)} "
            f"({units.ratio(group.time_over(groups[0]))})",
        )
        for group in groups
        if group.epoch
    ]


def _list_curves(groups: Sequence[Group]) -> list[Curve]:
    lines = []
    for group, run in ((one, run) for one in groups for run in one.runs):
        rows = [row for row in run["history"] if "val_accuracy" in row]
        if rows:
            seconds = itertools.accumulate(row["seconds"] for row in rows)
            values = tuple(row["val_accuracy"] for row in rows)
            lines.append(
                Curve(group.label, group.backend, tuple(seconds), values)
            )
    return lines


def _list_cold_starts(groups: Sequence[Group]) -> list[Row]:
    rows = []
    for group in groups:
        means = [
            group.mean(lambda run, key=key: run["timing"][key])
            for key in _COLD_START.values()
        ]
        parts = tuple(mean for mean in means if mean is not None)
        if len(parts) == len(means):
            text = units.duration(sum(parts))
            rows.append(Row(group.label, group.backend, parts, text))
    return rows


def _list_best(groups: Sequence[Group]) -> list[Row]:
    rows = []
    for group in groups:
        if seconds := group.values(time_to_best):
            text = f"{units.duration(group.mean(time_to_best))}"
            text += f" ({units.percent(group.mean(_read_best))})"
            rows.append(Row(group.label, group.backend, tuple(seconds), text))
    return rows


def _read_best(run: dict[str, Any]) -> float | None:
    best = find_best(run)
    return best["val_accuracy"] if best else None


def _list_memory(groups: Sequence[Group], where: str) -> list[Row]:
    def read(run: dict[str, Any]) -> float | None:
        return run["memory"][f"peak_{where}_bytes"]

    return [
        Row(
            group.label,
            group.backend,
            tuple(group.values(read)),
            units.memory(group.mean(read)),
        )
        for group in groups
        if group.values(read)
    ]


# By the name of the file: the title, what lists the rows, what draws them,
# and what stands below.
_PANELS: dict[str, tuple[str, Callable, Callable, str]] = {
    "accuracy": (
        "Test accuracy",
        _list_accuracies,
        figures.draw_intervals,
        "Line: 95 % Wilson interval. Where the lines overlap, the difference "
        "may be chance.",
    ),
    "epoch_seconds": (
        "Time of a steady epoch",
        _list_epochs,
        figures.draw_bars,
        "Median of the epochs after the first, and how many times the fastest. "
        "Shorter is better.",
    ),
    "validation_curves": (
        "Validation accuracy by epoch and by time",
        _list_curves,
        figures.draw_curves,
        "Each line is one run. The accuracy axes are zoomed.",
    ),
    "cold_start": (
        "Cold start",
        _list_cold_starts,
        functools.partial(figures.draw_stacked_bars, parts=list(_COLD_START)),
        "What passes before the second step; the first one holds the "
        "compilation. Shorter is better.",
    ),
    "time_to_best": (
        "Time to the best validation accuracy",
        _list_best,
        figures.draw_bars,
        "Training time up to the end of that epoch, and the accuracy, which "
        "is not the same for all. Shorter is better.",
    ),
    "memory_host": (
        "Peak memory of the host",
        functools.partial(_list_memory, where="host"),
        figures.draw_bars,
        "Shorter is better.",
    ),
    "memory_device": (
        "Peak memory of the device",
        functools.partial(_list_memory, where="device"),
        figures.draw_bars,
        "Shorter is better.",
    ),
}
