"""Lines of writing: which signs stand in one, whatever its slope."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures import measure_lines

STEEPEST = 0.27  # the slope of a line, down to the right: 15 degrees
SLOPES = 55  # that are tried
# In units of a line's height.
CAP = 0.5  # signs of different lines are no more than this apart, to count
LEVEL = 0.02  # what a slope costs, times how far the writing goes
BESIDE = 0.6  # a sign's middle is no farther from its line's
# Of the digits beside it: a comma is lower, and all of it below so much of
# them, an apostrophe above; a comma goes below them, or is lower still.
MARK, BEYOND, LOW, BELOW = 0.45, 0.35, 0.28, 0.06
TALL = 0.5  # lower signs, bars and points, make no line


def find_lines(boxes: npt.NDArray[np.floating]) -> list[list[int]]:
    """Finds the lines in which signs stand, and their order in each.

    The page's slope is the one that leaves the least height to lines; each
    line is then followed from left to right, so that it may bend and have a
    slope of its own.

    Args:
        boxes: `(n, 4)`, left, top, right and bottom.

    Returns:
        The lines from the top, of indices from left to right.

    Example:
        >>> boxes = np.array([[9, 1, 14, 11], [0, 0, 5, 10], [0, 20, 5, 30]])
        >>> find_lines(boxes)
        [[1, 0], [2]]
    """
    if not len(boxes):
        return []
    heights = np.maximum(measure_lines(boxes), 1e-12)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    tall = boxes[:, 3] - boxes[:, 1] >= TALL * heights
    tall |= not tall.any()
    slope = _find_slope(middles[tall], float(np.median(heights[tall])))
    x = middles[:, 0] + slope * middles[:, 1]
    y = middles[:, 1] - slope * middles[:, 0]
    lines: list[list[int]] = []
    for sign in np.flatnonzero(tall)[np.argsort(x[tall], kind="stable")]:
        ends = [float(y[line[-3:]].mean()) for line in lines]
        away = [abs(float(y[sign]) - end) for end in ends]
        near = int(np.argmin(away)) if away else -1
        if away and away[near] <= BESIDE * heights[sign]:
            lines[near].append(int(sign))
        else:
            lines.append([int(sign)])
    owner = {sign: line for line in lines for sign in line}
    for sign in np.flatnonzero(~tall):
        ways = [np.hypot((x[k] - x[sign]) / 2, y[k] - y[sign]) for k in owner]
        owner[list(owner)[int(np.argmin(ways))]].append(int(sign))
    lines.sort(key=lambda line: float(y[line].mean()))
    return [sorted(line, key=lambda k: (x[k], y[k])) for line in lines]


def find_commas(
    boxes: npt.NDArray[np.floating], line: Sequence[int]
) -> set[int]:
    """Finds what is too low, or too high, between digits to be one.

    A comma and an apostrophe look like a 1.

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


def _find_slope(middles, height):
    """Finds the slope along which signs lie in the fewest, thinnest lines."""
    slopes = np.linspace(-STEEPEST, STEEPEST, SLOPES)
    # The flattest first: of a single sign all are equal.
    slopes = slopes[np.argsort(abs(slopes), kind="stable")]
    y = np.sort(middles[:, 1] - slopes[:, None] * middles[:, 0], axis=1)
    cost = np.minimum(np.diff(y, axis=1) / height, CAP).sum(1)
    reach = np.ptp(middles[:, 0]) / height
    return float(slopes[np.argmin(cost + LEVEL * reach * abs(slopes))])
