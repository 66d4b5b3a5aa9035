"""The reliability diagram: how far probabilities can be trusted."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.ticker import PercentFormatter, StrMethodFormatter

from mnistcnn import units
from mnistcnn.figures.drawing import ACCENT, MUTED, RULE, WIDTH, picture


def draw_reliability(
    rows: Sequence[Mapping[str, Any]],
    path: str | Path,
    *,
    error: float,
    note: str | None = None,
) -> Path:
    """Draws accuracy and confidence per bin, and the number of images.

    Args:
        rows: one mapping per bin with `low`, `high`, `confidence`,
            `accuracy` (0 to 1) and `n`.
        path: where the PNG goes.
        error: the expected calibration error, 0 to 1.
        note: printed across the picture, or None.

    Returns:
        `path`.
    """
    with picture(path, (WIDTH, 4.6), note=note) as figure:
        top, bottom = figure.subplots(
            2, 1, sharex=True, gridspec_kw={"height_ratios": (3, 1)}
        )
        top.plot([0, 1], [0, 1], color=RULE, zorder=1)
        top.plot(
            [row["confidence"] for row in rows],
            [row["accuracy"] for row in rows],
            marker="o",
            markersize=4,
            color=ACCENT,
        )
        top.set_title(f"Expected calibration error {units.percent(error)}")
        top.set_ylabel("right")
        top.set_ylim(0, 1.03)
        top.grid(axis="both")
        bottom.bar(
            [row["low"] for row in rows],
            [row["n"] for row in rows],
            [row["high"] - row["low"] for row in rows],
            align="edge",
            color=MUTED,
        )
        # A log scale: one bin holds nearly all images, but the others matter.
        bottom.set_yscale("log")
        bottom.set_ylim(bottom=0.8)
        # Matplotlib's own labels are formulas, which the style does not draw.
        bottom.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        bottom.set_ylabel("images (log)")
        bottom.set_xlabel("probability of the likeliest class")
        bottom.set_xlim(0, 1)
        for axis in (top.yaxis, bottom.xaxis):
            axis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    return Path(path)
