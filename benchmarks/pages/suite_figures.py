"""The figures of the page, suite by suite.

A suite that was not measured has no figure. Numbers are beside their bars
with the quartiles; the counts of repeats are in the caption.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from mnistcnn import figures, units
from mnistcnn.figures import Row
from mnistcnn.pages import Figure, read_figure
from pages.bar_figures import (
    Bars,
    Drawing,
    collect_blocks,
    draw_bars,
    read_blocks,
)
from pages.bar_plot import draw_blocks
from pages.line_figures import GROWING, draw_scaling, draw_steps
from pages.series import Series, list_cases, name_path
from pages.waits import TARGETS, list_waits
from suites.suite_results import Measurement


def draw_suites(
    series: Sequence[Series], *, note: str, folder: Path
) -> list[Figure]:
    """Draws what was measured.

    Args:
        series: of `series.group_results`.
        note: printed across every picture, or nothing.
        folder: where the PNG files are written.

    Returns:
        The figures, only of what was measured.
    """
    to = Drawing(folder, note)
    sizes = list_cases(series, "training", "epoch_seconds", "batch_size")
    wanted = [
        Bars(
            f"Seconds of an epoch at batch {size}",
            lambda one, size=size: [
                some
                for some in one.select(
                    "training", "epoch_seconds", batch_size=size, dtype=None
                )
                if some.case["path"] != "grid"
            ],
        )
        for size in sizes
    ]
    wanted += [*_BARS, _time_to_accuracy(series)]
    drawn = [draw_bars(to, series, bars) for bars in wanted]
    drawn.append(_draw_cold_start(to, series))
    drawn.append(_draw_parity(to, series))
    drawn.append(draw_steps(to, series))
    drawn += [draw_scaling(to, series, name) for name in GROWING]
    return [figure for figure in drawn if figure]


def _time_to_accuracy(series: Sequence[Series]) -> Bars:
    """Specifies the times to an accuracy, with how often it was reached."""
    reached = [
        f"{one.label} {wait.said}" for one in series for wait in list_waits(one)
    ]
    said = f"On the test set: {'; '.join(reached)}." if reached else ""
    return Bars(
        "Time to accuracy",
        lambda one: [
            some
            for suite in TARGETS
            for some in one.select(suite, "seconds", dtype=None)
        ],
        lambda some: f"{some.case['target']} %, {some.case['recipe']}",
        said,
    )


def _draw_cold_start(to: Drawing, series: Iterable[Series]) -> Figure | None:
    title = "Cold start of training"
    found = []
    for one in series:
        stages = {
            name: spread.median
            for name, stage in _STAGES.items()
            if (spread := one.find("cold_start", "seconds", stage=stage))
        }
        if stages:
            found.append((one, stages))
    # Only stages that all of them have can be compared.
    names = [n for n in _STAGES if all(n in stages for _, stages in found)]
    if not found or not names:
        return None
    rows = []
    for one, stages in found:
        seconds = tuple(stages[name] for name in names)
        text = units.duration(sum(seconds))
        rows.append(Row(one.label, one.backend, seconds, text))
    file = to.folder / "cold_start.png"
    figures.draw_stacked_bars(rows, file, parts=names, note=to.note)
    said = "; ".join(f"{row.label}: {row.text}" for row in rows)
    caption = (
        "Medians, one after another; their quartiles are in the table below. "
        "The first step holds the compilation. Shorter is better."
    )
    return read_figure(file, title, alt=f"{title}. {said}", caption=caption)


def _draw_parity(to: Drawing, series: Iterable[Series]) -> Figure | None:
    wanted = Bars(
        "Differences between backends",
        _select("parity", "difference"),
        _name_difference,
    )
    blocks = collect_blocks(series, wanted)
    if not blocks:
        return None
    file = to.folder / "parity.png"
    draw_blocks(blocks, file, logarithmic=True, note=to.note)
    caption = (
        "Largest relative difference after the same batches from the same "
        "start; further left is better."
    )
    return read_blocks(file, wanted.title, blocks, caption)


def _select(
    suite: str, metric: str, name: str = "", values: Sequence[str] = ()
) -> Callable[[Series], list[Measurement]]:
    """Picks a suite's measurements whose case has one of some values."""

    def pick(one: Series) -> list[Measurement]:
        found = one.select(suite, metric, dtype=None)
        return [m for m in found if not name or m.case.get(name) in values]

    return pick


def _name_difference(some: Measurement) -> str:
    if "against" not in some.case:
        return some.title
    return f"{some.case.get('what', '')}, to {some.case['against']}"


def _name_memory(some: Measurement) -> str:
    if some.case.get("what") == "host_after_import":
        return "after import"
    return name_path(some)


_STAGES = {"import": "import", "build": "build", "first step": "first_step"}
_STARTS = {
    "process_to_first_label": "first start",
    "process_to_first_label_again": "started again",
}
_ONE, _MANY = "microseconds", "images_per_second"
_HOST = ("host_after_import", "host_peak_training")
_BARS = (
    Bars(
        "From the process's start to a first label",
        _select("cold_start", "seconds", "stage", [*_STARTS]),
        lambda some: _STARTS[str(some.case["stage"])],
    ),
    Bars(
        "Time to classify a single image",
        _select("latency", _ONE, "path", ["classifier", "native"]),
    ),
    Bars("A single image by every call path", _select("latency", _ONE)),
    Bars("Images classified in a second", _select("latency", _MANY)),
    Bars(
        "An epoch by processes and threads",
        lambda one: [
            some
            for some in one.select("scaling", "seconds")
            if "processes" in some.case
        ],
    ),
    Bars(
        "Peak memory of the host",
        _select("memory", "bytes", "what", _HOST),
        _name_memory,
    ),
    Bars(
        "Peak memory of the device",
        _select("memory", "bytes", "what", ["device_peak_training"]),
    ),
)
