"""Curves over the epochs: of one run, and of several side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from mnistcnn import units
from mnistcnn.errors import DataError
from mnistcnn.figures.drawing import (
    ACCENT,
    MUTED,
    WIDTH,
    choose_color,
    choose_marker,
    picture,
)


@dataclass(frozen=True)
class Curve:
    """One run's line in `curves`.

    Args:
        label: the name in the legend; curves of one name share an entry.
        backend: whose colour and marker it has.
        seconds: time since the start of training at the end of each epoch.
        values: accuracy (0 to 1) after each epoch.
    """

    label: str
    backend: str
    seconds: tuple[float, ...]
    values: tuple[float, ...]


def draw_learning_curves(
    history: Sequence[Mapping[str, Any]],
    path: str | Path,
    *,
    note: str | None = None,
) -> Path:
    """Draws accuracy and loss over the epochs, and marks the best epoch.

    Args:
        history: one mapping per epoch with `epoch` (from 1), `accuracy` (0 to
            1), `loss`, and with validation `val_accuracy` and `val_loss`.
        path: where the PNG goes.
        note: printed across the picture, or None.

    Returns:
        `path`.

    Raises:
        DataError: the history is empty.
    """
    if not history:
        raise DataError(
            "Expected a history of at least one epoch. Received: an empty "
            "list. Train for one epoch before drawing its curves."
        )
    with picture(path, (WIDTH, 5.4), note=note) as figure:
        top, bottom = figure.subplots(2, 1, sharex=True)
        for axes, name in ((top, "accuracy"), (bottom, "loss")):
            _curve(axes, history, name, MUTED, "training")
            _curve(axes, history, f"val_{name}", ACCENT, "validation")
            axes.grid(axis="y")
        best = max(history, key=lambda row: row.get("val_accuracy", -1.0))
        top.set_title("Accuracy")
        if "val_accuracy" in best:
            top.set_title(
                f"Accuracy: best validation "
                f"{units.percent(best['val_accuracy'])} in epoch "
                f"{best['epoch']}"
            )
            for axes in (top, bottom):
                axes.axvline(best["epoch"], color=ACCENT, alpha=0.35, lw=1)
        top.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        top.set_ylabel("axis does not start at 0")
        top.legend(loc="lower right")
        bottom.set_title("Loss")
        bottom.set_ylim(bottom=0)
        bottom.set_xlim(0.5, max(row["epoch"] for row in history) + 0.5)
        bottom.set_xlabel("epoch")
        bottom.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    return Path(path)


def draw_curves(
    lines: Sequence[Curve],
    path: str | Path,
    *,
    note: str | None = None,
) -> Path:
    """Draws accuracy over epochs, and the same over seconds.

    Args:
        lines: one per run; runs of one label share colour and legend.
        path: where the PNG goes.
        note: printed across the picture, or None.

    Returns:
        `path`.
    """
    with picture(path, (WIDTH, 5.4), note=note) as figure:
        top, bottom = figure.subplots(2, 1)
        named: dict[str, str] = {}
        for line in lines:
            # Two groups of one backend share the colour, not the dashes.
            taken = [known for known in named if named[known] == line.backend]
            fresh = line.label not in named
            dashes = taken.index(line.label) if not fresh else len(taken)
            style = {
                "color": choose_color(line.backend),
                "marker": choose_marker(line.backend),
                "markersize": 4,
                "linestyle": ("-", "--", ":", "-.")[dashes % 4],
                "label": line.label if fresh else None,
            }
            named[line.label] = line.backend
            top.plot(range(1, len(line.values) + 1), line.values, **style)
            bottom.plot(line.seconds, line.values, **style)
        top.set_xlabel("epoch")
        top.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        top.legend()
        bottom.set_xlabel("training time in seconds")
        bottom.set_xlim(left=0)
        for axes in (top, bottom):
            axes.grid(axis="y")
            axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
            axes.set_ylabel("axis does not start at 0")
    return Path(path)


def _curve(
    axes: Axes,
    history: Sequence[Mapping[str, Any]],
    name: str,
    color: str,
    label: str,
) -> None:
    """Draws one value of the epochs that have it."""
    rows = [row for row in history if row.get(name) is not None]
    if not rows:
        return
    # A single epoch is a point, which a line does not show.
    marker = "o" if len(rows) <= 20 else ""
    axes.plot(
        [row["epoch"] for row in rows],
        [row[name] for row in rows],
        color=color,
        label=label,
        linestyle="-" if name.startswith("val_") else "--",
        marker=marker,
        markersize=3.5,
    )
