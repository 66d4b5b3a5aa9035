"""Bars and intervals, a row per backend or run, in the backends' colours.

Bars of times and of memory always start at zero. Accuracies cannot: their axis
is zoomed, and labelled so.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from mnistcnn.figures.drawing import (
    INK,
    SLIM,
    WIDTH,
    choose_color,
    choose_marker,
    picture,
)

BAR = 0.36  # a bar's thickness, as a share of the distance of rows


@dataclass(frozen=True)
class Row:
    """The contents of one bar.

    Args:
        label: the name above the bar.
        backend: whose colour it has.
        values: one number per run, or in `stacked_bars` one per part.
        text: the number, written out at the right.
        bounds: lower and upper end of the interval, for `intervals`.
    """

    label: str
    backend: str
    values: tuple[float, ...]
    text: str
    bounds: tuple[float, float] | None = None


def draw_bars(
    rows: Sequence[Row], path: str | Path, *, note: str | None = None
) -> Path:
    """Draws a bar per row from zero to the mean of its values.

    Args:
        rows: the bars from top to bottom; several values are dots as well.
        path: where the PNG goes.
        note: printed across the picture, or None.

    Returns:
        `path`.
    """
    with picture(path, _size(rows), note=note) as figure:
        axes = figure.subplots()
        for place, row in enumerate(rows):
            mean = statistics.fmean(row.values)
            axes.barh(place, mean, BAR, color=choose_color(row.backend))
            _dots(axes, row, place)
        longest = max(max(row.values) for row in rows) or 1.0
        axes.set_xlim(0, 1.02 * longest)
        _label(axes, rows)
    return Path(path)


def draw_stacked_bars(
    rows: Sequence[Row],
    path: str | Path,
    *,
    parts: Sequence[str],
    note: str | None = None,
) -> Path:
    """Draws a bar per row, made of parts one after another.

    Args:
        rows: the bars from top to bottom, `values` one per part.
        path: where the PNG goes.
        parts: the names of the parts, at most four.
        note: printed across the picture, or None.

    Returns:
        `path`.
    """
    shades = (1.0, 0.6, 0.3, 0.15)[: len(parts)]
    with picture(path, _size(rows, extra=0.25), note=note) as figure:
        axes = figure.subplots()
        for place, row in enumerate(rows):
            start, color = 0.0, choose_color(row.backend)
            for value, shade in zip(row.values, shades, strict=True):
                axes.barh(
                    place, value, BAR, left=start, color=color, alpha=shade
                )
                start += value
        # The legend is grey: a shade means the same in every colour.
        for part, shade in zip(parts, shades, strict=True):
            axes.barh(0, 0, color=INK, alpha=shade, label=part)
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.98), **SLIM)
        longest = max(sum(row.values) for row in rows) or 1.0
        axes.set_xlim(0, 1.02 * longest)
        _label(axes, rows)
    return Path(path)


def draw_intervals(
    rows: Sequence[Row], path: str | Path, *, note: str | None = None
) -> Path:
    """Draws accuracies with their intervals, on a zoomed axis that says so.

    Args:
        rows: accuracies (0 to 1) with `bounds`; several values are dots.
        path: where the PNG goes.
        note: printed across the picture, or None.

    Returns:
        `path`.
    """
    with picture(path, _size(rows, extra=0.4), note=note) as figure:
        axes = figure.subplots()
        for place, row in enumerate(rows):
            mean = statistics.fmean(row.values)
            low, high = row.bounds or (mean, mean)
            color = choose_color(row.backend)
            marker = choose_marker(row.backend)
            axes.plot([low, high], [place] * 2, color=color, lw=4, alpha=0.6)
            axes.plot(mean, place, marker=marker, color=color, ms=9)
            _dots(axes, row, place)
        axes.margins(x=0.06)
        axes.grid(axis="x")
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        axes.set_xlabel("axis zoomed: does not start at 0")
        _label(axes, rows)
    return Path(path)


def _size(rows: Sequence[Row], *, extra: float = 0.0) -> tuple[float, float]:
    return WIDTH, 0.2 + extra + 0.52 * len(rows)


def _dots(axes: Axes, row: Row, place: float) -> None:
    """Shows the single runs behind a mean."""
    if len(row.values) > 1:
        places = [place] * len(row.values)
        axes.plot(row.values, places, "o", mfc="white", mec=INK, ms=4, mew=1)


def _label(axes: Axes, rows: Sequence[Row]) -> None:
    """Writes names and numbers above the bars, where any length has room."""
    across = axes.get_yaxis_transform()
    for place, row in enumerate(rows):
        line = {"y": place - 0.3, "transform": across, "va": "bottom"}
        axes.text(x=0, s=row.label, fontweight="bold", **line)
        axes.text(x=1, s=row.text, ha="right", **line)
    axes.set_ylim(len(rows) - 0.7, -0.75)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    if not axes.get_xlabel():  # the numbers are written out: no scale
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
