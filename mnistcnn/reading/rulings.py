"""Ruling lines: straight strokes of a pen that do not belong to a digit.

An underline, a line above a number, a fraction's bar, a table's lines.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.ink import bounding_box
from mnistcnn.reading.retracing import MOST_STROKES

FLAT = 0.25  # of its length: largest height, or width, of a ruling line
STRAIGHT = 0.08  # of its length: largest deviation from its chord
SHARED = 0.3  # of a stroke's columns: least share that it is below or above
# Of the height of the ink above or below it:
WIDE = 0.9  # its least length, if it is below digits that stand apart
APART = 0.08  # or at least this far from near ink, and beyond both its ends;
LONG = 1.6  # its least length otherwise, if it is below, or above several
NEAR = 0.6  # largest distance from ink that counts as near
INSIDE = 0.25  # how far a digit may go beyond it
# Of the tallest stroke anywhere: least height of this ink. The points of a
# division sign are less tall.
DOTS = 0.3
# A wall meets two flat strokes and nothing else. Of the tallest stroke that is
# not thin and straight: a wall's least height, the least length of those
# strokes, and how near they meet.
UPRIGHT, HALF, CORNER = 1.15, 0.5, 0.1

Boxes = npt.NDArray[np.floating]


def find_rulings(
    strokes: Sequence[npt.NDArray[np.floating]],
) -> frozenset[int]:
    """Finds the strokes that are ruling lines.

    Not ruling lines: the foot of a 1 and the bar of a 5, which touch a digit or
    are short, and a long dash, which has nothing above or below it.

    Args:
        strokes: arrays `(n, 2)`, n at least 1.

    Returns:
        Their indices; empty for more than `MOST_STROKES`.

    Example:
        >>> ones = [np.array([[x, 0.0], [x, 40.0]]) for x in (10, 30)]
        >>> strokes = [*ones, np.array([[0.0, 50.0], [45.0, 51.0]])]
        >>> find_rulings(strokes)
        frozenset({2})
    """
    if not 1 < len(strokes) <= MOST_STROKES:
        return frozenset()
    boxes = np.array([bounding_box([stroke]) for stroke in strokes])
    wide, tall = (boxes[:, 2:] - boxes[:, :2]).T
    long, short = np.maximum(wide, tall), np.minimum(wide, tall)
    thin = (long > 0) & (short <= FLAT * long)
    thin[thin] = [_is_straight(strokes[k]) for k in np.where(thin)[0].tolist()]
    flat = thin & (wide > tall)
    # Most drawings have none, and a wall has to meet two flat strokes.
    if not flat.any():
        return frozenset()
    bent = tall[~thin].max(initial=0)
    upright = thin & ~flat & (tall >= UPRIGHT * bent)
    room = CORNER * bent * np.array([-1, -1, 1, 1])
    crossed = _count_meetings(boxes + room, boxes[flat & (wide >= HALF * bent)])
    upright &= (crossed > 1) & (bent > 0)
    others = boxes[~flat & ~upright]
    upright &= _count_meetings(boxes, others) == 0
    # A flat stroke that meets two walls is a ruling line as well.
    found = upright | (
        flat & (_count_meetings(boxes + room, boxes[upright]) > 1)
    )
    found |= [
        f and _rules(s, others) for f, s in zip(flat, strokes, strict=True)
    ]
    return frozenset(np.flatnonzero(found).tolist())


def _is_straight(stroke):
    along, away = stroke[-1] - stroke[0], stroke - stroke[0]
    size = float(np.hypot(*along))
    aside = np.abs(away[:, 0] * along[1] - away[:, 1] * along[0])
    return size > 0 and aside.max() <= STRAIGHT * size**2


def _count_meetings(boxes: Boxes, others: Boxes) -> npt.NDArray[np.int64]:
    """Counts how many others each box meets."""
    low = np.maximum(boxes[:, None, :2], others[:, :2])
    high = np.minimum(boxes[:, None, 2:], others[:, 2:])
    return (high >= low).all(2).sum(1)


def _rules(stroke, others):
    """Whether a flat stroke is below, above or between digits."""
    tallest = (others[:, 3] - others[:, 1]).max(initial=0)
    ends = stroke[[0, -1]][np.argsort(stroke[[0, -1], 0])]
    (left, _), (right, _) = ends
    shared = np.minimum(others[:, 2], right) - np.maximum(others[:, 0], left)
    others = others[shared >= SHARED * (others[:, 2] - others[:, 0])]
    low, bottom = others[:, 1], others[:, 3]
    # The height of the line at the middle of each stroke.
    height = np.interp((others[:, 0] + others[:, 2]) / 2, *ends.T)
    above = (low + bottom) / 2 < height
    away = np.where(above, height - bottom, low - height)
    unit = float((bottom - low).max(initial=0))
    near = away <= NEAR * unit
    if unit == 0 or unit < DOTS * tallest:
        return False
    if not near.any() or away.min() < -INSIDE * unit:
        return False
    spans = others[near]
    apart = away[near].min() >= APART * unit
    apart &= left < spans[:, 0].min() and right > spans[:, 2].max()
    several = any(_stand_apart(spans[above[near] == way]) for way in (0, 1))
    below = above[near].all()
    # The bar of a T is above a single stroke.
    apart &= above[near].any() or several
    if apart or (below and several):
        return right - left >= WIDE * unit
    return bool((below or several) and right - left >= LONG * unit)


def _stand_apart(boxes: Boxes) -> bool:
    """Whether some of the boxes are separated by an empty column."""
    boxes = boxes[np.argsort(boxes[:, 0])]
    reach = np.maximum.accumulate(boxes[:, 2])
    return bool((boxes[1:, 0] > reach[:-1]).any())
