"""The pictures of the benchmarks, each in a section of their page.

A suite that was not measured has no picture. Numbers stand beside their bars
with the quartiles; the counts of repeats are in the caption.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mnistcnn import units
from mnistcnn.figures import charts, spreads
from mnistcnn.figures.charts import Row
from mnistcnn.figures.spreads import Bar, Block, Line
from mnistcnn.report.contenders import Contender, list_cases, name_path
from mnistcnn.report.html import Markup, image, section
from mnistcnn.report.results import Measurement
from mnistcnn.report.spread import Spread, summarize, write_range, write_spread

_ORDER = ("engine", "classifier", "best", "plain", "fit")
_STAGES = {
    "import": "import",
    "build": "build",
    "first step": "first_step",
    "first label": "first_label",
}


@dataclass(frozen=True)
class Drawing:
    """Where pictures go, and what is printed across them.

    Args:
        folder: where the PNG files go.
        note: printed across every picture, or None.
    """

    folder: Path
    note: str | None


def draw_suites(
    contenders: Sequence[Contender], *, note: str | None, folder: Path
) -> list[Markup]:
    """Draws what was measured.

    Args:
        contenders: the contenders of `contenders.group_results`.
        note: printed across every picture, or None.
        folder: where the PNG files go.

    Returns:
        A section per picture.
    """
    to = Drawing(folder, note)
    sizes = list_cases(contenders, "training", "epoch_seconds", "batch_size")
    panels = [
        _bars(
            to,
            contenders,
            f"Seconds of an epoch at batch {size}",
            lambda one, size=size: one.select(
                "training", "epoch_seconds", batch_size=size, dtype=None
            ),
        )
        for size in sizes
    ]
    panels += [
        _bars(to, contenders, title, pick, name=name, lower=lower)
        for title, pick, name, lower in _PICTURES
    ]
    panels.append(_cold_start(to, contenders))
    panels.append(_parity(to, contenders))
    panels += [_scaling(to, contenders, name) for name in _GROWING]
    return [panel for panel in panels if panel]


def _bars(
    to: Drawing,
    contenders: Iterable[Contender],
    title: str,
    pick: Callable[[Contender], list[Measurement]],
    *,
    name: Callable[[Measurement], str] = name_path,
    lower: bool = True,
) -> Markup:
    blocks = _collect(contenders, pick, name)
    if not blocks:
        return Markup()
    file = to.folder / f"{title.lower().replace(' ', '_')}.png"
    spreads.blocks([block for block, _ in blocks], file, note=to.note)
    caption = (
        f"{'Shorter' if lower else 'Longer'} is better. Line: from the lower "
        f"to the upper quartile; {_count(blocks)}."
    )
    return _embed(file, title, blocks, caption)


def _collect(
    contenders: Iterable[Contender],
    pick: Callable[[Contender], list[Measurement]],
    name: Callable[[Measurement], str],
) -> list[tuple[Block, list[Spread]]]:
    """Makes a block per contender that has what is picked."""
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


def _cold_start(to: Drawing, contenders: Iterable[Contender]) -> Markup:
    title = "Cold start"
    rows, stages = [], _STAGES
    for one in contenders:
        parts = {
            name: one.find("cold_start", "seconds", stage=stage)
            for name, stage in _STAGES.items()
        }
        stages = {name: stages[name] for name in stages if parts[name]}
        whole = one.find("cold_start", "seconds", stage=_WHOLE)
        if any(parts.values()):
            rows.append((one, parts, whole))
    if not rows or not stages:
        return Markup()
    drawn = [
        Row(
            one.label,
            one.backend,
            tuple(parts[name].median for name in stages),
            write_spread("seconds", whole),
        )
        for one, parts, whole in rows
    ]
    file = to.folder / "cold_start.png"
    charts.stacked_bars(drawn, list(stages), file, note=to.note)
    caption = (
        "Medians of the stages, one after another. At the right: from the "
        "process's start to its first label, with quartiles. Shorter is "
        "better."
    )
    alt = "; ".join(f"{row.label}: {row.text}" for row in drawn)
    return section(title, image(file, f"{title}. {alt}", caption=caption))


def _parity(to: Drawing, contenders: Iterable[Contender]) -> Markup:
    title = "Differences between backends"
    blocks = _collect(
        contenders,
        lambda one: one.select("parity", "difference", dtype=None),
        lambda some: ", ".join(
            [str(some.case.get("what", "")), f"to {some.case['against']}"]
            if "against" in some.case
            else [some.title]
        ),
    )
    if not blocks:
        return Markup()
    file = to.folder / "parity.png"
    drawn = [block for block, _ in blocks]
    spreads.blocks(drawn, file, logarithmic=True, note=to.note)
    caption = (
        "Largest relative difference after the same batches from the same "
        "start; further left is better."
    )
    return _embed(file, title, blocks, caption)


def _scaling(to: Drawing, contenders: Sequence[Contender], name: str) -> Markup:
    title, label = _GROWING[name]
    lines = []
    for one in contenders:
        paths: dict[str, list[Measurement]] = {}
        for some in one.select("scaling", "seconds", "epoch_seconds"):
            if name in some.case:
                paths.setdefault(name_path(some), []).append(some)
        for index, (path, some) in enumerate(paths.items()):
            some.sort(key=lambda measurement: measurement.case[name])
            ends = [
                (m.spread.low, m.spread.median, m.spread.high) for m in some
            ]
            lines.append(
                Line(
                    f"{one.label}, {path}",
                    one.backend,
                    tuple(float(m.case[name]) for m in some),
                    tuple(ends),
                    ("-", "--", ":", "-.")[index % 4],
                )
            )
    if not lines:
        return Markup()
    file = to.folder / f"scaling_{name}.png"
    spreads.growth(
        lines, file, xlabel=label, ylabel="seconds of an epoch", note=to.note
    )
    caption = "Both axes start at 0. Bars: from lower to upper quartile."
    ends = [
        f"{line.label}: {units.duration(line.spreads[-1][1])} at "
        f"{line.x[-1]:,g}"
        for line in lines
    ]
    alt = f"{title}. {'; '.join(ends)}"
    return section(title, image(file, alt, caption=caption))


def _embed(
    file: Path,
    title: str,
    blocks: Sequence[tuple[Block, list[Spread]]],
    caption: str,
) -> Markup:
    """Embeds a picture; its alternative text has the numbers in it."""
    said = [
        f"{block.label}: "
        + ", ".join(f"{bar.label} {bar.text}" for bar in block.bars)
        for block, _ in blocks
    ]
    alt = f"{title}. {'; '.join(said)}"
    return section(title, image(file, alt, caption=caption))


def _count(blocks: Sequence[tuple[Block, list[Spread]]]) -> str:
    counts = {spread.n for _, numbers in blocks for spread in numbers}
    low, high = min(counts), max(counts)
    return f"n {low}" if low == high else f"n {low} to {high}"


def _rank(measurement: Measurement) -> int:
    path = measurement.case.get("path")
    return _ORDER.index(path) if path in _ORDER else len(_ORDER)


def _name_memory(some: Measurement) -> str:
    if some.case.get("what") == "host_after_import":
        return "after import"
    return name_path(some)


_WHOLE = "process_to_first_label"
_GROWING = {
    "images": ("Growth with the data", "images in an epoch"),
    "width": ("Growth with the net", "width of the net (1: 32 and 64 filters)"),
}
_PICTURES = (
    (
        "Time to the target accuracy",
        lambda one: one.select("time_to_accuracy", "seconds", dtype=None),
        lambda some: str(some.case.get("recipe", "process to end")),
        True,
    ),
    (
        "Time to classify a single image",
        lambda one: one.select("latency", "microseconds", dtype=None),
        name_path,
        True,
    ),
    (
        "Images classified in a second",
        lambda one: one.select("latency", "images_per_second", dtype=None),
        name_path,
        False,
    ),
    (
        "Peak memory of the host",
        lambda one: [
            some
            for some in one.select("memory", "bytes", dtype=None)
            if some.case.get("what") != "device_peak_training"
        ],
        _name_memory,
        True,
    ),
    (
        "Peak memory of the device",
        lambda one: one.select(
            "memory", "bytes", what="device_peak_training", dtype=None
        ),
        name_path,
        True,
    ),
)
