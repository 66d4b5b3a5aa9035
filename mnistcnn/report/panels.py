"""The pictures of a comparison.

Which pictures are drawn depends on the runs: without validation there is no
time to the best accuracy, without a GPU no GPU memory.
"""

import functools
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

from mnistcnn import figures, units
from mnistcnn.figures import Curve, Row
from mnistcnn.pages import Figure, read_figure
from mnistcnn.report.groups import Group, Run, find_best, read_at, time_to_best

_COLD_START = {"import": "import", "build": "build", "first step": "first_step"}
_SHORTER = "Shorter is better."


def draw_panels(
    groups: Sequence[Group], *, note: str | None, folder: Path
) -> list[Figure]:
    """Draws the pictures for which there are numbers.

    Args:
        groups: fastest first.
        note: printed across every picture, or None.
        folder: where the PNG files go.

    Raises:
        ConfigError: a file of another origin is in their place.
    """
    figures.check_pictures(folder, [f"{name}.png" for name in _PANELS])
    panels = []
    for name, (title, list_rows, draw, caption) in _PANELS.items():
        rows = list_rows(groups)
        if not rows:
            continue
        path = draw(rows, folder / f"{name}.png", note=note)
        texts = [f"{r.label}: {r.text}" for r in rows if isinstance(r, Row)]
        alt = f"{title}. {'; '.join(texts)}" if texts else title
        # Other values are a run's epochs, or the parts of a bar.
        single = draw in (figures.draw_bars, figures.draw_intervals)
        if single and any(len(row.values) > 1 for row in rows):
            caption += " Dots: single runs."
        panels.append(read_figure(path, title, alt=alt, caption=caption))
    return panels


def _make_row(group: Group, values: Sequence[float], text: str) -> Row:
    return Row(group.label, group.backend, tuple(values), text, group.bounds)


def _list_accuracies(groups: Sequence[Group]) -> list[Row]:
    return [
        _make_row(group, group.accuracies, units.percent(group.accuracy))
        for group in groups
        if group.tests
    ]


def _list_epochs(groups: Sequence[Group]) -> list[Row]:
    return [
        _make_row(
            group,
            group.epochs,
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
            seconds = tuple(
                itertools.accumulate(row["seconds"] for row in rows)
            )
            values = tuple(row["val_accuracy"] for row in rows)
            lines.append(Curve(group.label, group.backend, seconds, values))
    return lines


def _list_cold_starts(groups: Sequence[Group]) -> list[Row]:
    rows = []
    for group in groups:
        means = [group.mean(read_at("timing", k)) for k in _COLD_START.values()]
        parts = [mean for mean in means if mean is not None]
        if len(parts) == len(means):
            rows.append(_make_row(group, parts, units.duration(sum(parts))))
    return rows


def _list_best(groups: Sequence[Group]) -> list[Row]:
    return [
        _make_row(
            group,
            seconds,
            f"{units.duration(group.mean(time_to_best))} "
            f"({units.percent(group.mean(_read_best))})",
        )
        for group in groups
        if (seconds := group.values(time_to_best))
    ]


def _read_best(run: Run) -> float | None:
    best = find_best(run)
    return best["val_accuracy"] if best else None


def _list_memory(groups: Sequence[Group], where: str) -> list[Row]:
    read = read_at("memory", f"peak_{where}_bytes")
    return [
        _make_row(group, sizes, units.memory(group.mean(read)))
        for group in groups
        if (sizes := group.values(read))
    ]


# By the name of the file: the title, the function that lists the rows, the one
# that draws them, and the caption.
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
        "Median of the epochs after the first, and how many times as long as "
        "on the fastest. " + _SHORTER,
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
        "The time before the second step; the first one includes the "
        "compilation. " + _SHORTER,
    ),
    "time_to_best": (
        "Time to the best validation accuracy",
        _list_best,
        figures.draw_bars,
        "Training time up to the end of that epoch, and the accuracy, which "
        "is not the same for all. " + _SHORTER,
    ),
} | {
    f"memory_{where}": (
        f"Peak memory of the {where}",
        functools.partial(_list_memory, where=where),
        figures.draw_bars,
        _SHORTER,
    )
    for where in ("host", "device")
}
