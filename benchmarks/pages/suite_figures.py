"""The pictures of the benchmarks, each in a section of their page.

A suite that was not measured has no picture. Numbers stand beside their bars
with the quartiles; the counts of repeats are in the caption.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from spread import write_spread
from suite_results import Measurement

from mnistcnn import figures, units
from mnistcnn.figures import Row
from mnistcnn.report.html import Markup, image, section
from pages.bar_figures import Drawing, collect, draw_bars, embed
from pages.bar_plot import draw_blocks
from pages.line_figures import GROWING, draw_scaling, draw_steps
from pages.series import Contender, list_cases, name_path

_STAGES = {
    "import": "import",
    "build": "build",
    "first step": "first_step",
}


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
        draw_bars(
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
        draw_bars(to, contenders, title, pick, name=name)
        for title, pick, name in _PICTURES
    ]
    panels.append(_accuracy(to, contenders))
    panels.append(_cold_start(to, contenders))
    panels.append(_parity(to, contenders))
    panels.append(draw_steps(to, contenders))
    panels += [draw_scaling(to, contenders, name) for name in GROWING]
    return [panel for panel in panels if panel]


def _accuracy(to: Drawing, contenders: Sequence[Contender]) -> Markup:
    """Times to an accuracy mean nothing without the accuracy reached."""
    reached = [
        f"{one.label} {write_spread('accuracy', spread)}"
        for one in contenders
        if (spread := one.find("time_to_accuracy", "accuracy"))
    ]
    said = f"Accuracy on the test set: {'; '.join(reached)}." if reached else ""
    return draw_bars(
        to,
        contenders,
        "Time to accuracy",
        lambda one: one.select("time_to_accuracy", "seconds", dtype=None),
        name=lambda some: str(some.case.get("recipe", "whole process")),
        said=said,
    )


def _cold_start(to: Drawing, contenders: Iterable[Contender]) -> Markup:
    title = "Cold start of training"
    rows, stages = [], _STAGES
    for one in contenders:
        parts = {
            name: one.find("cold_start", "seconds", stage=stage)
            for name, stage in _STAGES.items()
        }
        stages = {name: stages[name] for name in stages if parts[name]}
        if any(parts.values()):
            rows.append((one, parts))
    if not rows or not stages:
        return Markup()
    drawn = [
        Row(
            one.label,
            one.backend,
            tuple(parts[name].median for name in stages),
            units.duration(sum(parts[name].median for name in stages)),
        )
        for one, parts in rows
    ]
    file = to.folder / "cold_start.png"
    figures.draw_stacked_bars(drawn, file, parts=list(stages), note=to.note)
    caption = (
        "Medians, one after another; their quartiles are in the table below. "
        "The first step holds the compilation. Shorter is better."
    )
    alt = "; ".join(f"{row.label}: {row.text}" for row in drawn)
    return section(title, image(file, f"{title}. {alt}", caption=caption))


def _parity(to: Drawing, contenders: Iterable[Contender]) -> Markup:
    title = "Differences between backends"
    blocks = collect(
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
    draw_blocks(drawn, file, logarithmic=True, note=to.note)
    caption = (
        "Largest relative difference after the same batches from the same "
        "start; further left is better."
    )
    return embed(file, title, blocks, caption)


def _name_memory(some: Measurement) -> str:
    if some.case.get("what") == "host_after_import":
        return "after import"
    return name_path(some)


_STARTS = {
    "process_to_first_label": "first start",
    "process_to_first_label_again": "started again",
}
_PICTURES = (
    (
        "From the process's start to a first label",
        lambda one: [
            some
            for some in one.select("cold_start", "seconds")
            if some.case.get("stage") in _STARTS
        ],
        lambda some: _STARTS[some.case["stage"]],
    ),
    (
        "Time to classify a single image",
        lambda one: [
            some
            for some in one.select("latency", "microseconds", dtype=None)
            if some.case.get("path") in ("classifier", "native")
        ],
        name_path,
    ),
    (
        "A single image by every call path",
        lambda one: one.select("latency", "microseconds", dtype=None),
        name_path,
    ),
    (
        "Images classified in a second",
        lambda one: one.select("latency", "images_per_second", dtype=None),
        name_path,
    ),
    (
        "Peak memory of the host",
        lambda one: [
            some
            for some in one.select("memory", "bytes", dtype=None)
            if some.case.get("what") != "device_peak_training"
        ],
        _name_memory,
    ),
    (
        "Peak memory of the device",
        lambda one: one.select(
            "memory", "bytes", what="device_peak_training", dtype=None
        ),
        name_path,
    ),
)
