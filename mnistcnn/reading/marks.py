"""Punctuation that looks like a digit, recognized by its position.

To a network that sees each sign by itself, a comma, an apostrophe and a bracket
look like a 1, and a question mark's hook like a 2.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

# Shares of the height of the digits beside it. A comma or an apostrophe is less
# tall than MARK. A comma lies in the lowest BEYOND of them, or lower, and an
# apostrophe in the highest, or higher. A comma also reaches BELOW under them,
# or is less tall than LOW.
MARK, BEYOND, LOW, BELOW = 0.45, 0.35, 0.28, 0.06
# How far a bracket bends, at least, in its heights; and how many times as tall
# as the signs between it is.
BENT, TALLER = 0.045, 1.05
# Of a point beneath a mark, in heights of the mark: its largest size, its least
# and largest distance (parts of a broken stem are nearer), and its largest
# sideways offset.
POINT, BENEATH, ASIDE = 0.35, (0.06, 0.75), 0.15

Boxes = npt.NDArray[np.floating]


def find_commas(boxes: Boxes, line: Sequence[int]) -> set[int]:
    """Finds signs that are too low, or too high, to be digits.

    Args:
        boxes: `(n, 4)`, left, top, right and bottom.
        line: the places of its signs, left to right.

    Returns:
        The places of such signs.

    Example:
        >>> boxes = np.array([[0, 0, 6, 20], [8, 18, 10, 24], [12, 0, 18, 20]])
        >>> find_commas(boxes, [0, 1, 2])
        {1}
    """
    found = set()
    for left, place, right in zip(line, line[1:], line[2:], strict=False):
        _, top, _, bottom = boxes[[left, right]].mean(axis=0)
        wide, tall = boxes[place, 2:] - boxes[place, :2]
        most = boxes[[left, right], 3] - boxes[[left, right], 1]
        if tall >= MARK * most.min():
            continue
        beyond = BEYOND * (bottom - top)
        high = boxes[place, 3] <= top + beyond and 2 * wide <= tall
        low = boxes[place, 1] >= bottom - beyond
        # A small digit stands on the line and does not reach below it.
        below = boxes[place, 3] >= bottom + BELOW * (bottom - top)
        if high or (low and (below or tall < LOW * most.min())):
            found.add(place)
    return found


def find_brackets(
    boxes: Boxes, line: Sequence[int], bends: npt.NDArray[np.floating]
) -> set[int]:
    """Finds pairs of brackets round other signs: they bend apart.

    Args:
        boxes: `(n, 4)`, left, top, right and bottom.
        line: the places of its signs, left to right.
        bends: `(n,)`, for a sign that looks like a 1, how far it bends to the
            left, in its heights; 0 for all others.

    Returns:
        The places of such signs.

    Example:
        >>> boxes = np.array([[0, 0, 4, 24], [6, 2, 18, 22], [20, 0, 24, 24]])
        >>> find_brackets(boxes, [0, 1, 2], np.array([0.1, 0.0, -0.1]))
        {0, 2}
    """
    tall = boxes[:, 3] - boxes[:, 1]
    found: set[int] = set()
    first = -1
    for place, k in enumerate(line):
        if bends[k] > BENT:
            first = place
        elif bends[k] < -BENT and first >= 0:
            within = list(line[first + 1 : place])
            ends = {line[first], k}
            if within and tall[list(ends)].min() >= TALLER * tall[within].max():
                found |= ends
            first = -1
    return found


def has_point(parts: Boxes) -> bool:
    """Whether a point is right beneath the rest, as in "!" and "?".

    Args:
        parts: `(n, 4)`, the boxes of some ink, left, top, right and bottom.

    Example:
        >>> has_point(np.array([[0, 0, 4, 20], [1, 24, 3, 26]]))
        True
        >>> has_point(np.array([[0, 0, 4, 20], [6, 18, 8, 20]]))
        False
    """
    lowest = int(parts[:, 1].argmax())
    rest = np.delete(parts, lowest, axis=0)
    if not len(rest):
        return False
    left, top = rest[:, :2].min(axis=0)
    right, bottom = rest[:, 2:].max(axis=0)
    tall, point = bottom - top, parts[lowest]
    middle, below = (point[0] + point[2]) / 2, point[1] - bottom
    return bool(
        (point[2:] - point[:2]).max() <= POINT * tall
        and BENEATH[0] * tall <= below <= BENEATH[1] * tall
        and left - ASIDE * tall <= middle <= right + ASIDE * tall
    )
