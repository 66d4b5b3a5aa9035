"""Figures of bars: medians with their quartiles, in blocks by series."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from formats.spread import summarize, write_spread
from mnistcnn.pages import Figure, bind_units, read_figure
from pages.bar_plot import Bar, Block, draw_blocks
from pages.series import Series, name_path
from suites.suite_results import Measurement

_ORDER = ("engine", "classifier", "best", "plain", "keras", "tuned", "fit")


@dataclass(frozen=True)
class Drawing:
    """Where pictures are written, and the note printed across them.

    Args:
        folder: where the PNG files are written.
        note: printed across every picture, or nothing.
    """

    folder: Path
    note: str


@dataclass(frozen=True)
class Bars:
    """The specification of a bar figure.

    Args:
        title: the heading; the file is named after it.
        pick: selects a series' measurements.
        name: the label of a measurement's bar; measurements of the same name
            (a case for each seed) are combined.
        said: a sentence below the picture, or nothing.
    """

    title: str
    pick: Callable[[Series], list[Measurement]]
    name: Callable[[Measurement], str] = name_path
    said: str = ""


def draw_bars(
    to: Drawing, series: Sequence[Series], wanted: Bars
) -> Figure | None:
    """Draws medians with their quartiles, a block per series.

    Args:
        to: where the picture is written.
        series: whose measurements are drawn.
        wanted: the figure.

    Returns:
        The figure, or None if nothing was measured.
    """
    blocks = collect_blocks(series, wanted)
    if not blocks:
        return None
    stem = re.sub(r"\W+", "_", wanted.title.lower())
    file = to.folder / f"{stem}.png"
    draw_blocks(blocks, file, note=to.note)
    picked = next(filter(None, map(wanted.pick, series)))[0]
    better = "Longer" if picked.better == "higher" else "Shorter"
    counts = sorted({bar.spread.n for block in blocks for bar in block.bars})
    n = " to ".join(map(str, dict.fromkeys([counts[0], counts[-1]])))
    caption = (
        f"{better} is better. Line: from the lower to the upper quartile; "
        f"n {n}. {wanted.said}"
    ).strip()
    return read_blocks(file, wanted.title, blocks, caption)


def collect_blocks(series: Iterable[Series], wanted: Bars) -> list[Block]:
    """Makes a block for each series that has such measurements.

    Args:
        series: whose measurements are drawn.
        wanted: the figure.

    Returns:
        The blocks, each with at least one bar.
    """
    found = []
    for one in series:
        measured: dict[str, list[Measurement]] = {}
        for some in sorted(wanted.pick(one), key=_rank):
            measured.setdefault(wanted.name(some), []).append(some)
        bars = []
        for label, some in measured.items():
            spread = some[0].spread
            if len(some) > 1:  # a case for each seed
                spread = summarize([v for m in some for v in m.values])
            text = write_spread(some[0].metric, spread, counted=False)
            bars.append(Bar(label, spread, text))
        if bars:
            found.append(Block(one.label, one.backend, tuple(bars)))
    return found


def read_blocks(
    file: Path, title: str, blocks: Sequence[Block], caption: str
) -> Figure:
    """Reads a picture; its alternative text has the numbers in it.

    Args:
        file: the picture.
        title: the heading.
        blocks: what was drawn.
        caption: the text below the picture.

    Returns:
        The figure.
    """
    said = [
        f"{block.label}: "
        + ", ".join(f"{bar.label} {bar.text}" for bar in block.bars)
        for block in blocks
    ]
    alt = f"{title}. {'; '.join(said)}"
    return read_figure(file, title, alt=alt, caption=bind_units(caption))


def _rank(measurement: Measurement) -> int:
    path = measurement.case.get("path")
    return _ORDER.index(path) if path in _ORDER else len(_ORDER)
