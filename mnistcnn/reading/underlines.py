"""Underlines: strokes that a pen draws below a number, and are no digit's."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FLAT = 0.25  # of its length, that an underline is tall at most
STRAIGHT = 0.08  # of its length, that it is from the line between its ends
SHARED = 0.3  # of a stroke's columns, that it has below or above it
# Of the height of the ink above it:
WIDE = 0.9  # how long it is at least, where two digits stand apart above it,
APART = 0.08  # or it is so far below what is above, and goes beyond both ends;
LONG = 1.6  # and else
ABOVE = (-0.25, 0.6)  # how far below them, at most so far inside, it is
BELOW = 0.4  # ink this near below it: a fraction's, an equals sign's


def find_underlines(
    strokes: Sequence[npt.NDArray[np.floating]],
    boxes: npt.NDArray[np.floating],
) -> frozenset[int]:
    """Finds the strokes that underline others.

    The foot of a 1 and the bar of a 5 are beside one digit, a fraction's bar
    and an equals sign's have ink below them: these are none.

    Args:
        strokes: arrays `(n, 2)`, n at least 1.
        boxes: `(strokes, 4)`, left, top, right and bottom of each.

    Returns:
        Their places.

    Example:
        >>> ones = [np.array([[x, 0.0], [x, 40.0]]) for x in (10, 30)]
        >>> strokes = [*ones, np.array([[0.0, 50.0], [45.0, 51.0]])]
        >>> boxes = np.array([[*s.min(0), *s.max(0)] for s in strokes])
        >>> find_underlines(strokes, boxes)
        frozenset({2})
    """
    wide, tall = (boxes[:, 2:] - boxes[:, :2]).T
    flat = (wide > 0) & (tall <= FLAT * wide)
    places = np.flatnonzero(flat).tolist()
    found = [k for k in places if _is_straight(strokes[k])]
    rest = np.setdiff1d(np.arange(len(strokes)), found)
    others = boxes[rest]
    return frozenset(k for k in found if _is_below(strokes[k], others))


def _is_straight(stroke):
    along, away = stroke[-1] - stroke[0], stroke - stroke[0]
    size = float(np.hypot(*along))
    aside = np.abs(away[:, 0] * along[1] - away[:, 1] * along[0])
    return size > 0 and aside.max() <= STRAIGHT * size**2


def _is_below(stroke, others):
    """Whether digits stand on a straight stroke, and nothing below it."""
    ends = stroke[[0, -1]][np.argsort(stroke[[0, -1], 0])]
    (left, _), (right, _) = ends
    shared = np.minimum(others[:, 2], right) - np.maximum(others[:, 0], left)
    others = others[shared >= SHARED * (others[:, 2] - others[:, 0])]
    if not len(others):
        return False
    low, bottom = others[:, 1], others[:, 3]
    # Of the line, beside the middle of each.
    height = np.interp((others[:, 0] + others[:, 2]) / 2, *ends.T)
    above = (low + bottom) / 2 < height
    unit = float((bottom - low)[above].max(initial=0))
    away = (height - bottom) / max(unit, 1e-12)
    near = above & (away <= ABOVE[1])
    if not near.any() or away[above].min() < ABOVE[0]:
        return False
    if (~above & (low - height <= BELOW * unit)).any():
        return False
    spans = others[near][np.argsort(others[near, 0])]
    reach = np.maximum.accumulate(spans[:, 2])
    several = bool((spans[1:, 0] > reach[:-1]).any())
    # A 1's foot and a 2's touch the rest.
    alone = away[near].min() >= APART and left < spans[0, 0]
    alone &= reach[-1] < right
    return right - left >= (WIDE if several or alone else LONG) * unit
