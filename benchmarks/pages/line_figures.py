"""Pictures of lines: costs as data and net grow, differences by step."""

from collections.abc import Iterable, Sequence

from spread import Spread
from suite_results import Measurement

from mnistcnn import units
from mnistcnn.report.html import Markup, image, section
from pages.bar_figures import Drawing
from pages.bar_plot import Line, draw_growth
from pages.series import Contender, name_path

GROWING = {
    "images": ("Growth with the data", "images in an epoch"),
    "width": ("Growth with the net", "width of the net (1: 32 and 64 filters)"),
}
_DASHES = ("-", "--", ":", "-.")


def draw_scaling(
    to: Drawing, contenders: Sequence[Contender], name: str
) -> Markup:
    """Draws what an epoch costs as one thing grows.

    Args:
        to: where the picture goes.
        contenders: whose measurements are drawn.
        name: what grows, of `GROWING`.

    Returns:
        The section, or nothing where nothing was measured.
    """
    title, label = GROWING[name]
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
                    tuple(_ends(m.spread) for m in some),
                    _DASHES[index % 4],
                )
            )
    if not lines:
        return Markup()
    file = to.folder / f"scaling_{name}.png"
    draw_growth(
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


def draw_steps(to: Drawing, contenders: Iterable[Contender]) -> Markup:
    """Draws how differences grow by step, where the protocol has them.

    Args:
        to: where the picture goes.
        contenders: whose parity is drawn.

    Returns:
        The section, or nothing where no protocol has them.
    """
    title = "Differences from step to step"
    lines = []
    for one in contenders:
        for result in one.results:
            steps = result.protocol.model_dump().get("differences_by_step")
            if result.suite != "parity" or not _is_series(steps):
                continue
            for index, what in enumerate(steps[0]):
                points = [
                    (number, step[what])
                    for number, step in enumerate(steps, start=1)
                    if step[what] > 0  # zero has no place on the axis
                ]
                if points:
                    x, values = zip(*points, strict=True)
                    ends = tuple((value,) * 3 for value in values)
                    label, style = f"{one.label}, {what}", _DASHES[index % 4]
                    lines.append(Line(label, one.backend, x, ends, style))
    if not lines:
        return Markup()
    file = to.folder / "parity_steps.png"
    labels = {"xlabel": "step", "ylabel": "difference (logarithmic axis)"}
    draw_growth(lines, file, logarithmic=True, note=to.note, **labels)
    caption = "Against float64, from the same start on the same batches."
    return section(title, image(file, title, caption=caption))


def _is_series(steps: object) -> bool:
    """Whether a free fact is a row of objects of positive numbers."""
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


def _ends(spread: Spread) -> tuple[float, float, float]:
    return spread.low, spread.median, spread.high
