"""Feet: pieces of ink that stand on a line, or hang from it."""

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.rulings.bands import Line
from mnistcnn.pictures.shapes.components import find_components

NEAR = 1.5  # times a line's thickness: how far a foot may be beyond its end
ROWS = 2  # rows above a line's band: a stroke in them reaches the line
APART = 2  # columns: least gap between two feet
WIDEST = 1.1  # of a digit's height: largest distance of a digit's feet


def find_rows(
    line: Line, columns: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    """Finds a line's row at some columns, also beyond its ends."""
    at = np.rint(columns - line.start).astype(int)
    return line.middle[at.clip(0, len(line.middle) - 1)]


class Feet(NamedTuple):
    """How pieces stand on a line, or hang from it; each `(n,)`.

    Args:
        on: whether they do.
        x: where.
        up: whether they stand.
        tall: the distance of their tips from the line.
        lean: their lean, columns per row.
    """

    on: npt.NDArray[np.bool_]
    x: npt.NDArray[np.float64]
    up: npt.NDArray[np.bool_]
    tall: npt.NDArray[np.float64]
    lean: npt.NDArray[np.float64]


def find_ends(
    parts: npt.NDArray[np.integer], stats: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Finds the columns of pieces' ends, and how straight the pieces are.

    Args:
        parts: `(h, w)`, the number of the piece that each pixel belongs to.
        stats: `(n, 5)`, as of `find_components`.

    Returns:
        `(n, 2)`, upper and lower; and `(n,)`: a piece's width across the line
        between its ends.
    """
    y, x = np.nonzero(parts)
    own = parts[y, x]
    top = stats[:, 1]
    ends = []
    for on in (y <= top[own] + 1, y >= (top + stats[:, 3])[own] - 2):
        count = np.bincount(own[on], minlength=len(stats))
        total = np.bincount(own[on], x[on], len(stats))
        ends.append(total / np.maximum(count, 1))
    upper, lower = ends
    lean = (lower - upper) / np.maximum(stats[:, 3], 1)
    aside = x - upper[own] - lean[own] * (y - top[own])
    sides = np.zeros((2, len(stats)))
    np.minimum.at(sides[0], own, aside)
    np.maximum.at(sides[1], own, aside)
    return np.stack(ends, axis=1), sides[1] - sides[0]


def find_feet(
    line: Line,
    ends: npt.NDArray[np.float64],
    stats: npt.NDArray[np.integer],
) -> Feet:
    """Finds the pieces that stand on a line, or hang from it.

    Args:
        line: across.
        ends: of `find_ends`.
        stats: `(n, 5)`, as of `find_components`.
    """
    top, high = stats[:, 1], stats[:, 3]
    upper, lower = (find_rows(line, x) for x in ends.T)
    reach, beyond = line.thick / 2 + 3, NEAR * line.thick
    up = np.abs(top + high - lower) < reach
    x = np.where(up, ends[:, 1], ends[:, 0])
    on = (x >= line.start - beyond) & (x < line.end + beyond)
    on &= up | (np.abs(top - upper) < reach)
    tall = np.where(up, lower - top, top + high - upper)
    lean = (ends[:, 1] - ends[:, 0]) / np.maximum(high, 1)
    return Feet(on, x, up, tall, lean)


def close_feet(
    kept: npt.NDArray[np.uint8],
    mask: npt.NDArray[np.uint8],
    lines: list[Line],
    digit: float,
) -> npt.NDArray[np.uint8]:
    """Closes ink that reaches a line with two feet, like a 0 cut off by it.

    No digit is open below, so between two feet of one piece of ink there was an
    arc as dark as the line.

    Args:
        kept: `(h, w)`, 1 where there is ink.
        mask: 1 where there is ink or a line.
        lines: across.
        digit: a digit's height, pixels.

    Returns:
        The ink with those parts of the lines.

    Example:
        >>> ink = np.zeros((20, 20), np.uint8)
        >>> ink[4:14, [5, 12]] = 1
        >>> ink[4, 5:13] = 1  # a zero without its lower arc
        >>> rule = Line(0, np.full(20, 15.0), 2)
        >>> page = ink.copy()
        >>> page[14:16] = 1
        >>> closed = close_feet(ink, page, [rule], 12)
        >>> bool(closed[15, 6:12].all()), bool(closed[15, 14:].any())
        (True, False)
    """
    if not lines or not kept.any():
        return kept
    parts, _ = find_components(kept)
    closed = kept.copy()
    for line in lines:
        columns = np.arange(line.start, line.end)
        half, last_row = line.thick / 2 + 1, len(kept) - 1
        top, bottom = (
            np.rint(line.middle + way).astype(int).clip(0, last_row)
            for way in (-half, half)
        )
        above = (top - np.arange(1, ROWS + 1)[:, None]).clip(0)
        # Ink that ends right above a line does not reach it.
        standing = parts[above, columns].max(axis=0)
        standing = np.where(mask[above[0], columns] > 0, standing, 0)
        below = (bottom + np.arange(1, ROWS + 2)[:, None]).clip(max=last_row)
        crossed = kept[below, columns].max(axis=0) > 0
        span = np.zeros(len(columns), bool)
        for left, right in _list_spans(standing, crossed, line.thick):
            if right - left <= WIDEST * digit:
                span[left : right + 1] = True
        # The whole thickness of the line, since the arc in it is invisible.
        at = np.flatnonzero(span)
        rows = top[at] + np.arange((bottom - top).max(initial=0) + 1)[:, None]
        rows = np.minimum(rows, bottom[at])
        closed[rows, columns[at]] |= mask[rows, columns[at]]
    return closed


def _list_spans(
    standing: np.ndarray, crossed: np.ndarray, thick: float
) -> list[tuple[int, int]]:
    """Lists spans between two feet of a piece that do not cross the line."""
    spans = []
    reach = round(thick / 2) + 2
    for name in np.unique(standing[standing > 0]):
        own = np.flatnonzero(standing == name)
        feet = np.split(own, np.flatnonzero(np.diff(own) > APART) + 1)
        for left, right in itertools.pairwise(feet):
            first, last = max(0, left[0] - reach), right[-1] + reach + 1
            if not crossed[first:last].any():
                spans.append((int(left[-1]), int(right[0])))
    return spans
