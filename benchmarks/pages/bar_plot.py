"""Bars of measurements: medians, with a line from quartile to quartile.

Times, sizes and rates start at zero. Differences span powers of ten and have
a logarithmic axis, which has no zero for bars to start at: they are dots.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import NullFormatter

from formats.spread import Spread
from mnistcnn.figures import (
    INK,
    WIDTH,
    choose_color,
    choose_marker,
    picture,
)

ROW = 0.25  # inches from one bar to the next
SHADES = (1.0, 0.62, 0.42, 0.28, 0.18)


@dataclass(frozen=True)
class Bar:
    """One measurement.

    Args:
        label: the name at the left.
        spread: the median is the length of the bar.
        text: the number, printed at the right.
    """

    label: str
    spread: Spread
    text: str


@dataclass(frozen=True)
class Block:
    """The bars of one series, under its name.

    Args:
        label: the name above the bars.
        backend: determines the colour.
        bars: at least one bar.
    """

    label: str
    backend: str
    bars: tuple[Bar, ...]


def draw_blocks(
    rows: Sequence[Block],
    path: str | Path,
    *,
    logarithmic: bool = False,
    note: str | None = None,
) -> Path:
    """Draws blocks of bars from zero, or of dots on a logarithmic axis.

    Args:
        rows: the blocks from top to bottom.
        path: where the PNG is written.
        logarithmic: dots instead of bars; zeros are at the left edge.
        note: printed across the picture, or None.

    Returns:
        `path`.
    """
    count = sum(1 + len(block.bars) for block in rows)
    height = 0.2 + ROW * count + (0.4 if logarithmic else 0)
    with picture(path, (WIDTH, height), note=note) as figure:
        axes = figure.subplots()
        spreads = [bar.spread for block in rows for bar in block.bars]
        ends = [end for s in spreads for end in (s.low, s.median, s.high)]
        least = min(filter(None, ends), default=1.0) / 2
        floor = least if logarithmic else 0.0
        places, labels, place = [], [], 0.0
        # Series of one backend share its shades: labels distinguish them.
        names = list(dict.fromkeys(b.label for r in rows for b in r.bars))
        for block in rows:
            _head(axes, block.label, place)
            for bar in block.bars:
                place += 1
                shade = SHADES[min(names.index(bar.label), len(SHADES) - 1)]
                _draw(axes, bar, place, block.backend, shade, floor)
                places.append(place)
                labels.append(bar.label)
            place += 1.15
        if logarithmic:
            axes.set_xscale("log")
            axes.set_xlim(least, 2 * max(ends) or 1)
            axes.grid(axis="x")
            axes.set_xlabel("logarithmic axis")
            write_powers(axes.xaxis)
        else:
            axes.set_xlim(0, 1.02 * (max(ends) or 1.0))
            axes.set_xticks([])  # the numbers are printed: no scale needed
            axes.spines["bottom"].set_visible(False)
        axes.set_ylim(place - 0.45, -0.5)
        axes.set_yticks(places, labels, fontsize=9)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
    return Path(path)


def write_powers(axis: Axis) -> None:
    """Labels a logarithmic axis by its powers of ten."""
    # Matplotlib's own labels are formulas, which the house style turns off.
    axis.set_major_formatter(lambda number, _: f"{number:.0e}")
    axis.set_minor_formatter(NullFormatter())


def _head(axes: Axes, label: str, place: float) -> None:
    across = axes.get_yaxis_transform()
    axes.text(0, place, label, transform=across, va="center", weight="bold")


def _draw(
    axes: Axes, bar: Bar, place: float, backend: str, shade: float, floor: float
) -> None:
    """Draws a bar from zero or, on an axis with a floor, a dot."""
    color, spread = choose_color(backend), bar.spread
    if floor:
        marker = choose_marker(backend)
        axes.plot(max(spread.median, floor), place, marker, color=color)
    else:
        axes.barh(place, spread.median, 0.72, color=color, alpha=shade)
    if spread.high > spread.low:
        ends = [max(spread.low, floor), spread.high]
        axes.plot(ends, [place] * 2, color=INK, lw=1.3, marker="|", ms=5)
    across = axes.get_yaxis_transform()
    place_text = {"transform": across, "va": "center", "fontsize": 9}
    axes.text(1.02, place, bar.text, **place_text)
