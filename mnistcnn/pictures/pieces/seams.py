"""Seams: where connected ink of a picture may be cut into digits."""

import cv2
import numpy as np
import numpy.typing as npt

# Lengths are in units of a line's height.
EACH = 0.3  # of width: at most one cut for each
APART = 0.08  # least distance of two cuts, and of a cut from an edge
# Nearer to an edge than ASIDE a cut has to separate two 1s: both at least TALL,
# with at most BETWEEN of a pen's width cut through. Otherwise it would go along
# a stem with its flag.
ASIDE, TALL, BETWEEN = 0.12, 0.85, 0.9
SLANT = 4.5  # cost of a step aside, in pens' widths, per piece's height
SMOOTH = 0.01
LOW = 0.6  # least height of a part that is cut off; a 1's flag is less tall
RIDGE = 0.05  # pens' widths: how much more ink there is between two cuts
CONTACT = 1.0  # pens' widths: largest cost of a column of ink
TWO = 0.9  # least width of two digits
ALONG = 2.0  # pens' widths of ink in a seam that runs along a stroke
BROAD = 0.7  # of these rows: least share that the stroke fills beside the seam
PENS = 2.2  # pens' widths: most ink that is cut through


def measure_pen(ink: npt.NDArray[np.float32]) -> float:
    """Measures the width of the pen, in pixels; 1 if there is no ink.

    Args:
        ink: `(h, w)`, the share of each pixel that is ink, 0 to 1.
    """
    mask = (ink >= 0.5).astype(np.uint8)
    mask = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    gap = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    # Across a line of width w the distance to its edge is w / 4 on average.
    return 4 * (float(gap[gap > 0].mean()) - 0.5) + 1 if gap.any() else 1.0


def choose_seams(
    ink: npt.NDArray[np.float32], line: float, pen: float
) -> list[tuple[npt.NDArray[np.int32], float]]:
    """Chooses seams at a distance from each other, by least ink.

    A seam is the best path up and the best path down from a place in the middle
    row (dynamic programming).

    Args:
        ink: `(rows, columns)`, the share of each pixel that is ink, 0 to 1.
        line: how tall its line is, in rows.
        pen: how wide the pen is, in columns.

    Returns:
        From left to right, each seam's column in every row, and how much ink it
        crosses, in pens' widths.
    """
    rows, columns = ink.shape
    # Where two digits touch side by side, a seam runs a long way through ink.
    price = ink * np.minimum(1 / max(pen, 1), CONTACT / _measure_columns(ink))
    middle = rows // 2
    slant = SLANT / rows
    up, up_steps = _find_seams(price[: middle + 1], slant)
    down, down_steps = _find_seams(price[middle:][::-1], slant)
    cost = up + down - price[middle]
    apart = APART * line
    # With smoothing, a flat stretch has its minimum in the middle.
    smooth = cv2.blur(cost[None], (2 * round(apart / 2) + 1, 1))[0]
    mask = ink >= 0.5
    inked = mask.any(axis=1)
    # The ends of each row's ink; an empty row has nothing on either side.
    first = np.where(inked, mask.argmax(axis=1), columns)
    last = np.where(inked, columns - 1 - mask[:, ::-1].argmax(axis=1), -1)
    paths = _follow(up_steps), _follow(down_steps)[::-1][1:]
    paths = np.concatenate(paths, dtype=np.int32)
    # The end of a bar, or the side of a ring, is not tall enough for a digit.
    beside = first[:, None] < paths, last[:, None] >= paths
    tall = np.minimum(*map(_measure_span, beside))
    chosen: list[int] = []
    for place in np.argsort(cost + SMOOTH * smooth, kind="stable").tolist():
        if len(chosen) >= columns / (EACH * line) - 0.9:
            break
        aside = min(place, columns - place) / line
        least, most = (TALL, BETWEEN) if aside < ASIDE else (LOW, PENS)
        if cost[place] > most or aside < APART or tall[place] < least * line:
            continue
        if all(
            abs(place - other) >= apart
            and cost[min(place, other) : max(place, other)].max()
            >= cost[place] + RIDGE
            for other in chosen
        ):
            chosen.append(place)
    seams = [(paths[:, place], float(cost[place])) for place in sorted(chosen)]
    return seams if columns < TWO * line else _add_middles(ink, seams, pen)


def _add_middles(ink, seams, pen):
    """Adds seams along the middle of a stroke that two digits share."""
    rows, half = np.arange(len(ink)), round(pen / 2)
    found = list(seams)
    for path, cost in seams:
        along = ink[rows, path] >= 0.5
        if along.sum() < ALONG * pen:
            continue
        sides = np.clip([path - half, path + half], 0, ink.shape[1] - 1)
        inked = ink[rows, sides][:, along].mean(axis=1)
        side = sides[int(np.argmax(inked))]
        near = min(abs((side - other).mean()) for other, _ in found)
        if inked.max() >= BROAD and near >= pen / 3:
            found.append((side, cost))
    return sorted(found, key=lambda each: each[0].mean())


def _measure_columns(ink):
    """Measures the vertical run of ink through each pixel, at least 1."""
    total = np.cumsum(ink, axis=0, dtype=np.float64)
    before = np.maximum.accumulate(np.where(ink > 0, 0, total), axis=0)
    # After a run its last total holds until the next one starts.
    last = np.where(ink > 0, np.inf, total)
    last[-1] = total[-1]
    after = np.minimum.accumulate(last[::-1], axis=0)[::-1]
    return np.maximum(after - before, 1).astype(np.float32)


def _find_seams(ink, slant):
    """Finds the least ink above each place of the last row, and the steps."""
    cost = ink[0].copy()
    best = np.zeros(ink.shape, np.int8)
    # Straight on comes first, so that it wins ties.
    ways = np.full((3, len(cost)), np.inf, np.float32)
    for row in range(1, len(ink)):
        ways[0] = cost
        np.add(cost[:-1], slant, out=ways[1, 1:])
        np.add(cost[1:], slant, out=ways[2, :-1])
        best[row] = ways.argmin(0)
        cost = ways.min(0) + ink[row]
    return cost, np.array([0, -1, 1], np.int8)[best]


def _follow(steps):
    """Traces the seam to each place of the last row: its column per row."""
    paths = np.empty(steps.shape, np.intp)
    paths[-1] = np.arange(steps.shape[1])
    for row in range(len(steps) - 1, 0, -1):
        paths[row - 1] = paths[row] + steps[row, paths[row]]
    return paths


def _measure_span(beside):
    """Measures the span of rows in each column; -1 for an empty one."""
    some = beside.any(axis=0)
    ends = beside.argmax(axis=0) + beside[::-1].argmax(axis=0)
    return np.where(some, len(beside) - 1 - ends, -1)
