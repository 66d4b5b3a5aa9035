"""Marks beside digits that look like one, and are none, by where they stand.

A comma, an apostrophe and a bracket look like a 1, and a question mark's hook
like a 2, to a network that sees each by itself.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

# Of the digits beside it: a comma is lower, and all of it below so much of
# them, an apostrophe above; a comma goes below them, or is lower still.
MARK, BEYOND, LOW, BELOW = 0.45, 0.35, 0.28, 0.06
# Of its height, that a bracket is bent, and how much taller than what is
# between it is.
BENT, TALLER = 0.045, 1.05
# Of the height of what is above it: how large a point beneath is at most, how
# far below, least and most (a stem in pieces is nearer), and how far aside.
POINT, BENEATH, ASIDE = 0.35, (0.06, 0.75), 0.15

Boxes = npt.NDArray[np.floating]


def find_commas(boxes: Boxes, line: Sequence[int]) -> set[int]:
    """Finds what is too low, or too high, between digits to be one.

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
        # A small digit may stand on the line, and not below it.
        below = boxes[place, 3] >= bottom + BELOW * (bottom - top)
        if high or (low and (below or tall < LOW * most.min())):
            found.add(place)
    return found


def find_brackets(
    boxes: Boxes, line: Sequence[int], bends: npt.NDArray[np.floating]
) -> set[int]:
    """Finds brackets: pairs round other signs that bend away from each other.

    Args:
        boxes: `(n, 4)`, left, top, right and bottom.
        line: the places of its signs, left to right.
        bends: `(n,)`, of what looks like a 1 how far it bends to the left, in
            its heights; 0 of all others.

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
    """Whether a point is right beneath the rest, as of "!" and "?".

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
