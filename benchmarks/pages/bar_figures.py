"""Pictures of bars in blocks, a block per contender of the benchmarks."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from spread import Spread, summarize, write_range
from suite_results import Measurement

from mnistcnn import units
from mnistcnn.report.html import Markup, bind, image, section
from pages.bar_plot import Bar, Block, draw_blocks
from pages.series import Contender, name_path

_ORDER = ("engine", "classifier", "best", "plain", "fit")


@dataclass(frozen=True)
class Drawing:
    """Where pictures go, and what is printed across them.

    Args:
        folder: where the PNG files go.
        note: printed across every picture, or None.
    """

    folder: Path
    note: str | None


def draw_bars(
    to: Drawing,
    contenders: Sequence[Contender],
    title: str,
    pick: Callable[[Contender], list[Measurement]],
    *,
    name: Callable[[Measurement], str] = name_path,
    said: str = "",
) -> Markup:
    """Draws medians with their quartiles, a block per contender.

    Args:
        to: where the picture goes.
        contenders: whose measurements are drawn.
        title: the section's heading; the file is named after it.
        pick: finds a contender's measurements.
        name: what stands beside a measurement's bar; those of one name (a
            case for each seed) are put together.
        said: a sentence below the picture, or nothing.

    Returns:
        The section, or nothing where nothing was measured.
    """
    blocks = collect(contenders, pick, name)
    if not blocks:
        return Markup()
    stem = re.sub(r"\W+", "_", title.lower())
    file = to.folder / f"{stem}.png"
    draw_blocks([block for block, _ in blocks], file, note=to.note)
    picked = next(filter(None, map(pick, contenders)))[0]
    better = "Longer" if picked.better == "higher" else "Shorter"
    caption = (
        f"{better} is better. Line: from the lower to the upper quartile; "
        f"{_count(blocks)}. {said}"
    ).strip()
    return embed(file, title, blocks, caption)


def collect(
    contenders: Iterable[Contender],
    pick: Callable[[Contender], list[Measurement]],
    name: Callable[[Measurement], str],
) -> list[tuple[Block, list[Spread]]]:
    """Makes a block per contender that has what is picked.

    Args:
        contenders: whose measurements are drawn.
        pick: finds a contender's measurements.
        name: what stands beside a bar.

    Returns:
        The blocks, each with the spreads of its bars.
    """
    found = []
    for one in contenders:
        measured: dict[str, list[Measurement]] = {}
        for some in sorted(pick(one), key=_rank):
            measured.setdefault(name(some), []).append(some)
        bars, numbers = [], []
        for label, some in measured.items():
            spread = some[0].spread
            if len(some) > 1:  # a case for each seed
                spread = summarize([v for m in some for v in m.values])
            text = units.quantity(some[0].metric, spread.median)
            if spread.n > 1:
                text += f" ({write_range(some[0].metric, spread)})"
            bars.append(
                Bar(label, spread.low, spread.median, spread.high, text)
            )
            numbers.append(spread)
        if bars:
            block = Block(one.label, one.backend, tuple(bars))
            found.append((block, numbers))
    return found


def embed(
    file: Path,
    title: str,
    blocks: Sequence[tuple[Block, list[Spread]]],
    caption: str,
) -> Markup:
    """Embeds a picture; its alternative text has the numbers in it.

    Args:
        file: the picture.
        title: the section's heading.
        blocks: what was drawn.
        caption: what stands below the picture.

    Returns:
        The section.
    """
    said = [
        f"{block.label}: "
        + ", ".join(f"{bar.label} {bar.text}" for bar in block.bars)
        for block, _ in blocks
    ]
    alt = f"{title}. {'; '.join(said)}"
    return section(title, image(file, alt, caption=bind(caption)))


def _count(blocks: Sequence[tuple[Block, list[Spread]]]) -> str:
    counts = {spread.n for _, numbers in blocks for spread in numbers}
    low, high = min(counts), max(counts)
    return f"n {low}" if low == high else f"n {low} to {high}"


def _rank(measurement: Measurement) -> int:
    path = measurement.case.get("path")
    return _ORDER.index(path) if path in _ORDER else len(_ORDER)
