"""The pictures of one run and of its data.

Each function writes one PNG and returns its path. A `note` is printed across
the top of the picture: that is how a run on generated strokes says so.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

from mnistcnn import units
from mnistcnn.errors import DataError
from mnistcnn.figures.drawing import (
    ACCENT,
    INK,
    MUTED,
    RULE,
    SLIM,
    WIDTH,
    picture,
)


def learning_curves(
    history: Sequence[Mapping], path: str | Path, *, note: str | None = None
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


def confusion_matrix(
    confusion: np.ndarray,
    classes: Sequence[str],
    path: str | Path,
    *,
    note: str | None = None,
) -> Path:
    """Draws what was taken for what: mistakes coloured, the diagonal muted.

    Args:
        confusion: `(k, k)` counts, rows true, columns predicted.
        classes: the k names.
        path: where the PNG goes.
        note: printed across the picture, or None.

    Returns:
        `path`.

    Raises:
        DataError: the shape is not `(k, k)`.
    """
    table = np.asarray(confusion)
    size = len(classes)
    if table.shape != (size, size):
        raise DataError(
            f"Expected a confusion matrix of shape {(size, size)} for {size} "
            f"classes. Received: shape {table.shape}. Give one row and one "
            "column per class."
        )
    wrong = np.where(np.eye(size, dtype=bool), 0, table)
    # One mistake has to show beside a hundred: a log scale, from below 1.
    norm = LogNorm(0.6, max(2, wrong.max()))
    with picture(path, (WIDTH, 4.9), note=note) as figure:
        axes = figure.subplots()
        shown = np.ma.masked_equal(wrong, 0)
        axes.imshow(shown, cmap="Purples", norm=norm, aspect="equal")
        for (row, column), number in np.ndenumerate(table):
            if row == column:
                axes.add_patch(
                    Rectangle((row - 0.5, row - 0.5), 1, 1, fc="#f0f1f4")
                )
            if number == 0:
                continue
            dark = row != column and norm(number) > 0.55
            axes.text(
                column,
                row,
                str(number),
                ha="center",
                va="center",
                color="white" if dark else MUTED if row == column else INK,
                fontsize=min(8.5, 34 / size**0.5, 90 / size),
            )
        right = int(np.trace(table))
        axes.set_title(
            f"{units.count(right)} of {units.count(table.sum())} right; "
            "colour: mistakes (log)"
        )
        axes.set_xticks(range(size), classes)
        axes.set_yticks(range(size), classes)
        axes.set_xticks(np.arange(size + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(size + 1) - 0.5, minor=True)
        axes.grid(which="minor")
        axes.tick_params(which="both", length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")
    return Path(path)


def class_histogram(
    counts: Mapping[str, Sequence[int]],
    path: str | Path,
    *,
    classes: Sequence[str],
    note: str | None = None,
) -> Path:
    """Draws how many images of each class every part of the data has.

    Args:
        counts: per part (`"train"`, ...) the `(k,)` counts.
        path: where the PNG goes.
        classes: the k names.
        note: printed across the picture, or None.

    Returns:
        `path`.
    """
    with picture(path, (WIDTH, 3.2), note=note) as figure:
        axes = figure.subplots()
        width = 0.84 / max(1, len(counts))
        shades = (ACCENT, "#a79fe0", MUTED, RULE)
        for index, (name, numbers) in enumerate(counts.items()):
            left = np.arange(len(classes)) - 0.42 + index * width
            label = f"{name} ({units.count(sum(numbers))})"
            color = shades[index % len(shades)]
            axes.bar(left, numbers, width, align="edge", label=label, fc=color)
        axes.set_xticks(range(len(classes)), classes)
        axes.tick_params(axis="x", length=0)
        axes.set_title("Images per class", pad=22)
        axes.grid(axis="y")
        axes.yaxis.set_major_formatter(lambda number, _: units.count(number))
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.99), **SLIM)
    return Path(path)


def _curve(
    axes: Axes, history: Sequence[Mapping], name: str, color: str, label: str
) -> None:
    """Draws one value of the epochs that have it."""
    rows = [row for row in history if row.get(name) is not None]
    if not rows:
        return
    # A lone epoch is a point, which a line does not show.
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
