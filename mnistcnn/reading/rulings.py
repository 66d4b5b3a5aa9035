"""Ruling lines: straight strokes of a pen that are no digit's.

An underline, a line above a number, a fraction's bar, a table's lines.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.ink import bounding_box
from mnistcnn.reading.retracing import MOST_STROKES

FLAT = 0.25  # of its length, that a ruling line is tall at most, or wide
STRAIGHT = 0.08  # of its length, that it is from the line between its ends
SHARED = 0.3  # of a stroke's columns, that it has below or above it
# Of the height of the ink above or below it:
WIDE = 0.9  # how long it is at least, where it is below digits that stand apart
APART = 0.08  # or is so far from all that is near, and goes beyond both ends;
LONG = 1.6  # and else, where it is below them, or above several
NEAR = 0.6  # from what is near
INSIDE = 0.25  # how far a digit may go beyond it
# Of the tallest stroke anywhere, that this ink is tall: of a division sign
# it is points.
DOTS = 0.3
# Of the tallest stroke that is not straight: how tall a wall is at least, which
# meets two flat strokes, half as long at least, and nothing else; how near.
UPRIGHT, HALF, CORNER = 1.15, 0.5, 0.1

Boxes = npt.NDArray[np.floating]


def find_rulings(
    strokes: Sequence[npt.NDArray[np.floating]],
) -> frozenset[int]:
    """Finds the strokes that are ruling lines.

    The foot of a 1 and the bar of a 5 touch a digit, or are short, and a long
    dash has nothing above and below it: these are none.

    Args:
        strokes: arrays `(n, 2)`, n at least 1.

    Returns:
        Their places; none among more than `MOST_STROKES`.

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
    # Most drawings have none, and what stands has to meet two.
    if not flat.any():
        return frozenset()
    bent = tall[~thin].max(initial=0)
    upright = thin & ~flat & (tall >= UPRIGHT * bent)
    room = CORNER * bent * np.array([-1, -1, 1, 1])
    crossed = _count_meetings(boxes + room, boxes[flat & (wide >= HALF * bent)])
    upright &= (crossed > 1) & (bent > 0)
    others = boxes[~flat & ~upright]
    upright &= _count_meetings(boxes, others) == 0
    # And so is a flat one that meets two walls.
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
    # Of the line, beside the middle of each.
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
    # A T's bar is above a single stroke.
    apart &= above[near].any() or several
    if apart or (below and several):
        return right - left >= WIDE * unit
    return bool((below or several) and right - left >= LONG * unit)


def _stand_apart(boxes: Boxes) -> bool:
    """Whether a column without ink is between some of them."""
    boxes = boxes[np.argsort(boxes[:, 0])]
    reach = np.maximum.accumulate(boxes[:, 2])
    return bool((boxes[1:, 0] > reach[:-1]).any())
