"""Lines of writing, of any slope: which signs belong to each."""

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures import measure_lines

STEEPEST = 0.27  # slope of a line, positive down to the right: 15 degrees
SLOPES = 55  # number of slopes that are tried
# In units of a line's height.
CAP = 0.5  # larger gaps, as between lines, count only as this
LEVEL = 0.02  # cost of a slope, times the width of the writing
BESIDE = 0.6  # largest distance of a sign's middle from its line's
TALL = 0.5  # less tall signs, such as bars and points, start no line,
FAR = 1.0  # unless the nearest other sign's middle is so far above or below


def find_lines(boxes: npt.NDArray[np.floating]) -> list[list[int]]:
    """Finds the lines in which signs stand, and their order in each.

    The page's slope is the one at which lines take the least height; each line
    is then followed from left to right, so that it may bend and have a slope of
    its own.

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
    lines = _follow(tall, x, y, heights)
    owner = {sign: line for line in lines for sign in line}
    standing = np.array(list(owner))
    apart = np.zeros(len(boxes), bool)
    for sign in np.flatnonzero(~tall):
        aside, away = x[standing] - x[sign], np.abs(y[standing] - y[sign])
        nearest = int(np.argmin(np.hypot(aside / 2, away)))
        apart[sign] = away[nearest] > FAR * heights[sign]
        if not apart[sign]:
            owner[int(standing[nearest])].append(int(sign))
    lines += _follow(apart, x, y, heights)
    lines.sort(key=lambda line: float(y[line].mean()))
    return [sorted(line, key=lambda k: (x[k], y[k])) for line in lines]


def _follow(chosen, x, y, heights) -> list[list[int]]:
    """Follows lines from left to right, through the chosen signs."""
    lines: list[list[int]] = []
    for sign in np.flatnonzero(chosen)[np.argsort(x[chosen], kind="stable")]:
        ends = [float(y[line[-3:]].mean()) for line in lines]
        away = [abs(float(y[sign]) - end) for end in ends]
        near = int(np.argmin(away)) if away else -1
        if away and away[near] <= BESIDE * heights[sign]:
            lines[near].append(int(sign))
        else:
            lines.append([int(sign)])
    return lines


def _find_slope(middles, height):
    """Finds the slope along which signs lie in the fewest, thinnest lines."""
    slopes = np.linspace(-STEEPEST, STEEPEST, SLOPES)
    # The flattest first: for a single sign all cost the same.
    slopes = slopes[np.argsort(abs(slopes), kind="stable")]
    y = np.sort(middles[:, 1] - slopes[:, None] * middles[:, 0], axis=1)
    cost = np.minimum(np.diff(y, axis=1) / height, CAP).sum(1)
    reach = np.ptp(middles[:, 0]) / height
    return float(slopes[np.argmin(cost + LEVEL * reach * abs(slopes))])
