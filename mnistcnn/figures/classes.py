"""Counts by class: confusion matrix, and histogram of a data set."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.colors import ListedColormap, LogNorm

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


def draw_confusion_matrix(
    confusion: npt.ArrayLike,
    classes: Sequence[str],
    path: str | Path,
    *,
    note: str | None = None,
) -> Path:
    """Draws a confusion matrix: mistakes coloured, the diagonal muted.

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
    # A log scale from below 1, so that one mistake is visible beside a hundred.
    norm = LogNorm(0.6, max(2, wrong.max()))
    with picture(path, (WIDTH, 4.9), note=note) as figure:
        axes = figure.subplots()
        shown = np.ma.masked_equal(wrong, 0)
        axes.imshow(shown, cmap="Purples", norm=norm, aspect="equal")
        diagonal = np.ma.masked_equal(np.eye(size), 0)
        axes.imshow(diagonal, cmap=ListedColormap(["#f0f1f4"]))
        for row, column in np.argwhere(table):
            number = table[row, column]
            dark = row != column and norm(number) > 0.55
            text = axes.text(
                column,
                row,
                str(number),
                ha="center",
                va="center",
                color="white" if dark else MUTED if row == column else INK,
                fontsize=min(8.5, 34 / size**0.5, 90 / size),
            )
            # It is within the picture anyway, so the layout need not measure
            # it.
            text.set_in_layout(False)
        right = int(np.trace(table))
        axes.set_title(
            f"{units.count(right)} of {units.count(table.sum())} right; "
            "colour: mistakes (log)"
        )
        axes.set_xticks(range(size), classes)
        axes.set_yticks(range(size), classes)
        edges = np.arange(size + 1) - 0.5
        for draw in (axes.hlines, axes.vlines):
            draw(edges, -0.5, size - 0.5, color=RULE, lw=0.7)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")
    return Path(path)


def draw_class_histogram(
    counts: Mapping[str, npt.ArrayLike],
    path: str | Path,
    *,
    classes: Sequence[str],
    note: str | None = None,
) -> Path:
    """Draws the number of images per class in every part of the data.

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
            label = f"{name} ({units.count(np.sum(numbers))})"
            color = shades[index % len(shades)]
            axes.bar(left, numbers, width, align="edge", label=label, fc=color)
        axes.set_xticks(range(len(classes)), classes)
        axes.tick_params(axis="x", length=0)
        axes.set_title("Images per class", pad=22)
        axes.grid(axis="y")
        axes.yaxis.set_major_formatter(lambda number, _: units.count(number))
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.99), **SLIM)
    return Path(path)
