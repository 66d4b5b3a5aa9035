"""Figures of lines: costs as data and network grow, differences by step."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeGuard

from formats.spread import summarize
from mnistcnn import units
from mnistcnn.pages import Figure, read_figure
from pages.bar_figures import Drawing
from pages.line_plot import Line, draw_growth
from pages.series import Series, name_path
from suites.suite_results import Measurement

GROWING = {
    "images": ("Growth with the data", "images in an epoch"),
    "width": (
        "Growth with the network",
        "width of the network (1: 32 and 64 filters)",
    ),
}
_DASHES = ("-", "--", ":", "-.")


def draw_scaling(
    to: Drawing, series: Sequence[Series], name: str
) -> Figure | None:
    """Draws the cost of an epoch as one quantity grows.

    Args:
        to: where the picture is written.
        series: whose measurements are drawn.
        name: the quantity, of `GROWING`.

    Returns:
        The figure, or None if nothing was measured.
    """
    title, xlabel = GROWING[name]
    lines = []
    for one in series:
        paths: dict[str, list[Measurement]] = {}
        for some in one.select("scaling", "seconds", "epoch_seconds"):
            if name in some.case:
                paths.setdefault(name_path(some), []).append(some)
        for index, (path, some) in enumerate(paths.items()):
            some.sort(key=lambda measurement: measurement.case[name])
            x = tuple(float(m.case[name]) for m in some)
            spreads = tuple(m.spread for m in some)
            label, dashes = f"{one.label}, {path}", _DASHES[index % 4]
            lines.append(Line(label, one.backend, x, spreads, dashes))
    if not lines:
        return None
    file = to.folder / f"scaling_{name}.png"
    seconds = "seconds of an epoch"
    draw_growth(lines, file, xlabel=xlabel, ylabel=seconds, note=to.note)
    ends = [
        f"{line.label}: {units.duration(line.spreads[-1].median)} at "
        f"{line.x[-1]:,g}"
        for line in lines
    ]
    return read_figure(
        file,
        title,
        alt=f"{title}. {'; '.join(ends)}",
        caption="Both axes start at 0. Bars: from lower to upper quartile.",
    )


def draw_steps(to: Drawing, series: Iterable[Series]) -> Figure | None:
    """Draws how differences grow by step, if the protocol has them.

    Args:
        to: where the picture is written.
        series: whose parity is drawn.

    Returns:
        The figure, or None if no protocol has them.
    """
    lines = [line for one in series for line in _list_steps(one)]
    if not lines:
        return None
    file = to.folder / "parity_steps.png"
    labels = {"xlabel": "step", "ylabel": "difference (logarithmic axis)"}
    draw_growth(lines, file, logarithmic=True, note=to.note, **labels)
    caption = "Against float64, from the same start on the same batches."
    return read_figure(file, "Differences from step to step", caption=caption)


def _list_steps(one: Series) -> Iterator[Line]:
    """Yields the lines of a series' differences, one per quantity."""
    for result in one.results:
        steps = result.protocol.model_dump().get("differences_by_step")
        if result.suite != "parity" or not _is_series(steps):
            continue
        for index, what in enumerate(steps[0]):
            points = [
                (number, step[what])
                for number, step in enumerate(steps, start=1)
                if step[what] > 0  # the axis is logarithmic
            ]
            if points:
                x, values = zip(*points, strict=True)
                spreads = tuple(summarize([value]) for value in values)
                label, dashes = f"{one.label}, {what}", _DASHES[index % 4]
                yield Line(label, one.backend, x, spreads, dashes)


def _is_series(steps: Any) -> TypeGuard[list[dict[str, float]]]:
    """Whether a free fact is a list of objects of non-negative numbers."""
    if not isinstance(steps, list) or not steps:
        return False
    alike = all(
        isinstance(step, dict) and step.keys() == steps[0].keys()
        for step in steps
    )
    return alike and all(
        isinstance(value, float) and 0 <= value < 1e300
        for step in steps
        for value in step.values()
    )
