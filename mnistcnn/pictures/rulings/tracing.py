"""Tracing: fits a curve to level runs of ink, which makes them a line."""

import cv2
import numpy as np
import numpy.typing as npt
from numpy.polynomial.chebyshev import chebvander

from mnistcnn.pictures.light.surfaces import find_median
from mnistcnn.pictures.rulings.bands import Line
from mnistcnn.pictures.rulings.parallels import part_across, part_gaps, peel

COVER = 0.6  # of its columns: least share of level runs
WHOLE = 0.92  # of its columns: least share of ink; a row of digits has gaps
OWN = 0.85  # of its columns: the same, without closed gaps
BROKEN = 0.75  # of its columns: the same for a line from border to border
THIN, SOFT = 7, 1.5  # least length, in its thickness with its soft edges
SEVERAL = 1.5  # times its thickness: larger from top to bottom is several lines
EDGE = 0.5  # of its columns: if ink goes on at one side in more, it is an edge
STRAIGHT = 0.02  # of its length: how far a line may be from its curve


def trace_lines(
    own: npt.NDArray[np.bool_],
    run: int,
    closed: npt.NDArray[np.uint8],
    place: tuple[int, float],
    slope: float,
    width: int,
) -> list[Line]:
    """Makes a line of level runs, or several.

    Args:
        own: `(h, w)`, true on the runs, in a window of the leveled picture.
        run: the least length of a run, pixels.
        closed: `(h, w)` uint8, 2 where there is ink, 1 where a gap was closed.
        place: the window's left column, and the row of its top in the picture
            at column 0.
        slope: along which the picture was leveled, rows down a column.
        width: the picture's, in pixels.

    Returns:
        The lines; empty if the runs do not follow a curve.
    """
    rest = closed, place, slope, width
    return _trace(own, *rest) or _trace_parts(own, run, *rest)


def _trace_parts(own, run, closed, *rest) -> list[Line]:
    """Makes lines of level runs that do not lie along one curve."""
    found = []
    # Several lines that are close, or joined by a digit's bar.
    for piece in peel(own, run // 2):
        # The whole has been tried already.
        whole = np.array_equal(piece, own)
        traced = [] if whole else _trace(piece, closed, *rest)
        if not traced:  # or one, and the foot of a digit beside it
            for part in part_gaps(piece, closed, run):
                traced += _trace(part, closed, *rest)
        found += traced
    if not found:
        for piece in part_across(own, run):
            found += _trace(piece, closed, *rest)
    return found


def _trace(own, closed, place, slope, own_side) -> list[Line]:
    """Makes a line of level runs, if they lie along a curve."""
    left, up = place
    counts = own.sum(axis=0)
    columns = np.flatnonzero(counts)
    length = columns[-1] - columns[0] + 1
    if len(columns) < COVER * length:
        return []
    thick = counts[columns]
    usual = find_median(thick)
    if length < THIN * (usual + SOFT):
        return []
    first = own.argmax(axis=0)[columns]
    last = len(own) - own[::-1].argmax(axis=0)[columns]
    if find_median(last - first) > SEVERAL * usual:
        return []
    rows = (np.arange(own.shape[0], dtype=float) @ own)[columns] / thick
    every = np.arange(columns[0], columns[-1] + 1)
    powers = chebvander(2 * (every - columns[0]) / length - 1, 3)
    own_powers = powers[columns - columns[0]]
    # Without columns where a digit's bar makes the line thicker.
    good = thick <= usual + 1
    away, middle = np.zeros(len(rows)), np.zeros(len(every))
    for _ in range(3):
        basis = own_powers[good, : 1 + min(3, max(1, int(good.sum() // 8)))]
        factors = np.linalg.solve(basis.T @ basis, basis.T @ rows[good])
        middle = powers[:, : len(factors)] @ factors
        away = np.abs(middle[columns - columns[0]] - rows)
        spread = max(1.0, 3 * find_median(away[good]))
        before, good = good, away <= spread
        if good.sum() < 0.5 * len(columns):
            return []
        if (good == before).all():
            break
    if find_median(away) > max(1.0, STRAIGHT * length):
        return []
    near = np.rint(middle + np.array([[-1], [0], [1]])).astype(int)
    on = closed[near.clip(0, own.shape[0] - 1), every].max(axis=0)
    leaving = length > 0.9 * own_side
    if (on > 0).mean() < (BROKEN if leaving else WHOLE):
        return []
    if (on > 1).mean() < (0 if leaving else OWN):
        return []
    # At the edge of a wide stroke the ink goes on to one side.
    if _is_edge(closed, every, middle, usual):
        return []
    middle = middle + up + slope * (every + left)
    return [Line(left + int(columns[0]), middle, usual)]


def _is_edge(closed, columns, middle, thick: float) -> bool:
    """Whether its ink is the edge of wider ink, which goes on to one side."""
    steps = np.arange(1, round(thick + 3))[:, None]
    room = cv2.copyMakeBorder(closed, 1, 1, 0, 0, cv2.BORDER_CONSTANT) > 0
    sides = (np.rint(middle + way * steps).astype(int) for way in (-1, 1))
    rows = (side.clip(-1, len(closed)) + 1 for side in sides)
    return any(room[r, columns].all(axis=0).mean() > EDGE for r in rows)
