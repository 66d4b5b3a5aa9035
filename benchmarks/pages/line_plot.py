"""Lines of measurements: how they grow, or diverge from step to step."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.ticker import MaxNLocator

from formats.spread import Spread
from mnistcnn.figures import (
    SLIM,
    WIDTH,
    choose_color,
    choose_marker,
    picture,
)
from pages.bar_plot import write_powers


@dataclass(frozen=True)
class Line:
    """How a measurement grows.

    Args:
        label: the name in the legend.
        backend: determines its colour and marker.
        x: what was varied.
        spreads: one for each x.
        style: the line's dashes.
    """

    label: str
    backend: str
    x: tuple[float, ...]
    spreads: tuple[Spread, ...]
    style: str = "-"


def draw_growth(
    lines: Sequence[Line],
    path: str | Path,
    *,
    xlabel: str,
    ylabel: str,
    logarithmic: bool = False,
    note: str | None = None,
) -> Path:
    """Draws how measurements grow, both axes from zero unless logarithmic.

    Args:
        lines: the lines, each a median with its quartiles.
        path: where the PNG is written.
        xlabel: what was varied.
        ylabel: what was measured, with its unit.
        logarithmic: whether the y axis is logarithmic, for numbers above
            zero.
        note: printed across the picture, or None.

    Returns:
        `path`.
    """
    legend = 0.2 * -(-len(lines) // 2)
    with picture(path, (WIDTH, 3.0 + legend), note=note) as figure:
        axes = figure.subplots()
        for line in lines:
            medians = [spread.median for spread in line.spreads]
            below = [spread.median - spread.low for spread in line.spreads]
            above = [spread.high - spread.median for spread in line.spreads]
            axes.errorbar(
                line.x,
                medians,
                (below, above),
                color=choose_color(line.backend),
                marker=choose_marker(line.backend),
                linestyle=line.style,
                markersize=4.5,
                capsize=0 if logarithmic else 3,
                label=line.label,
            )
        axes.set_xlim(left=0)
        if logarithmic:
            axes.set_yscale("log")
            write_powers(axes.yaxis)
        else:
            axes.set_ylim(bottom=0)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(lambda number, _: f"{number:,g}")
        axes.grid(axis="y")
        axes.set_xlabel(xlabel)
        axes.set_ylabel(ylabel)
        slim = SLIM | {"ncols": 2, "handlelength": 2.6}
        figure.legend(loc="outside upper left", **slim)
    return Path(path)
