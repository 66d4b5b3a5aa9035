"""Seams: where connected ink of a picture may be cut into digits."""

import cv2
import numpy as np
import numpy.typing as npt

# Lengths are in units of a line's height.
EACH = 0.3  # of width has one cut at most
APART = 0.08  # between two cuts, and between a cut and an edge
# Nearer to an edge a cut parts two 1s: both are as tall, and so much of a pen's
# width is cut through; or else it would go along a stem, with its flag.
ASIDE, TALL, BETWEEN = 0.12, 0.85, 0.9
SLANT = 4.5  # what a way aside costs, in pens' widths, per piece's height
SMOOTH = 0.01
LOW = 0.6  # what is cut off is no lower, as the flag of a 1 is
RIDGE = 0.05  # in pens' widths: so much more ink is between two cuts
CONTACT = 1.0  # pens' widths that a column of ink counts as, at most
TWO = 0.9  # of width: two digits are wider
ALONG = 2.0  # pens' widths of ink that a seam goes along a stroke
BROAD = 0.7  # of the rows, that a stroke beside a seam fills
PENS = 2.2  # at most so many pens' widths of ink are cut through


def measure_pen(ink: npt.NDArray[np.float32]) -> float:
    """Measures how wide the pen is, in pixels; 1 where there is no ink.

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
    """Chooses seams that lie apart, those through the least ink first.

    For each place in the middle row the best way up and the best way down.

    Args:
        ink: `(rows, columns)`, the share of each pixel that is ink, 0 to 1.
        line: how tall its line is, in rows.
        pen: how wide the pen is, in columns.

    Returns:
        From left to right, the column in each row and how much ink lies in
        the way, in pens' widths.
    """
    rows, columns = ink.shape
    # Where two digits touch side by side there is a long way through ink.
    price = ink * np.minimum(1 / max(pen, 1), CONTACT / _measure_columns(ink))
    middle = rows // 2
    slant = SLANT / rows
    up, up_steps = _find_seams(price[: middle + 1], slant)
    down, down_steps = _find_seams(price[middle:][::-1], slant)
    cost = up + down - price[middle]
    apart = APART * line
    # Smoothed, the middle of a flat stretch is its least.
    smooth = cv2.blur(cost[None], (2 * round(apart / 2) + 1, 1))[0]
    mask = ink >= 0.5
    inked = mask.any(axis=1)
    # Of each row; where there is none, nothing is on either side of a path.
    first = np.where(inked, mask.argmax(axis=1), columns)
    last = np.where(inked, columns - 1 - mask[:, ::-1].argmax(axis=1), -1)
    paths = _follow(up_steps), _follow(down_steps)[::-1][1:]
    paths = np.concatenate(paths, dtype=np.int32)
    # The end of a bar, or the side of a ring, is no digit.
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
    """Adds seams that halve a stroke: two digits' sides on each other."""
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
    """How long the column of ink is that each pixel is in, 1 at least."""
    total = np.cumsum(ink, axis=0, dtype=np.float64)
    before = np.maximum.accumulate(np.where(ink > 0, 0, total), axis=0)
    # Behind a run its last total stands till the next one starts.
    last = np.where(ink > 0, np.inf, total)
    last[-1] = total[-1]
    after = np.minimum.accumulate(last[::-1], axis=0)[::-1]
    return np.maximum(after - before, 1).astype(np.float32)


def _find_seams(ink, slant):
    """The least ink above each place of the last row, and the steps there."""
    cost = ink[0].copy()
    best = np.zeros(ink.shape, np.int8)
    # Straight on first: it is taken where nothing is gained.
    ways = np.full((3, len(cost)), np.inf, np.float32)
    for row in range(1, len(ink)):
        ways[0] = cost
        np.add(cost[:-1], slant, out=ways[1, 1:])
        np.add(cost[1:], slant, out=ways[2, :-1])
        best[row] = ways.argmin(0)
        cost = ways.min(0) + ink[row]
    return cost, np.array([0, -1, 1], np.int8)[best]


def _follow(steps):
    """The column in each row of the seam to each place of the last row."""
    paths = np.empty(steps.shape, np.intp)
    paths[-1] = np.arange(steps.shape[1])
    for row in range(len(steps) - 1, 0, -1):
        paths[row - 1] = paths[row] + steps[row, paths[row]]
    return paths


def _measure_span(beside):
    """From the first to the last row, in each column; -1 where none is."""
    some = beside.any(axis=0)
    ends = beside.argmax(axis=0) + beside[::-1].argmax(axis=0)
    return np.where(some, len(beside) - 1 - ends, -1)
