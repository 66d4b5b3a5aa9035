"""Lines that are no writing: rules, margins, frames, boxes, grids.

Two ways lead to them. What is closed, a frame or a box, leaves a hole in the
ink whose hull is a quadrilateral; what is open, a rule or a margin, is a long
level run of ink, or one that rises or bends a little.
"""

import cv2
import numpy as np
import numpy.typing as npt
from numpy.polynomial.chebyshev import chebvander

from mnistcnn.pictures.rulings.bands import Line
from mnistcnn.pictures.rulings.parallels import part_across, part_gaps, peel
from mnistcnn.pictures.shapes.components import find_components

SLOPES = np.linspace(-0.25, 0.25, 51)  # pixels down a pixel that lines rise
_SMALL = 400  # rows, in which slopes are looked for
_BITS = 16
_PARTS = 1 << _BITS
RUN = 0.025  # of the picture's longer side: the level steps of a bent line
MIN_RUN = 12  # pixels
STEEP = 1.5  # runs: what is as thick is no line
COVER = 0.6  # of its columns: level runs
WHOLE = 0.92  # of its columns: a row of digits has gaps
OWN = 0.85  # of its columns, without what closes gaps
BROKEN = 0.75  # of its columns, for a line from border to border
MOST = 5000  # pixels that the slope is found by
GAP = 4  # runs: how far a stroke that crosses a line parts it
THIN, SOFT = 7, 1.5  # times as long as it is thick, with its soft edges: a line
SEVERAL = 1.5  # times as thick, from top to bottom: lines, not one
FAINT, STEADY = 0.6, 0.75  # of what is ink; of a run
EDGE = 0.5  # of its columns, in which more ink than its own is at one side
STRAIGHT = 0.02  # of its length: how far a line strays from its curve


def find_lines(mask: npt.NDArray[np.uint8]) -> list[Line]:
    """Finds what runs across: long, thin, straight or slightly bent.

    Args:
        mask: `(h, w)` uint8, 1 where there is ink.

    Returns:
        The candidates; a digit's bars are among them.
    """
    slope = _find_slope(mask)
    height, width = mask.shape
    shear = np.array([[1, 0, 0], [-slope, 1, max(0, slope * width)]])
    tall = height + int(abs(slope) * width) + 1
    level = cv2.warpAffine(mask, shear, (width, tall), flags=cv2.INTER_NEAREST)
    run = _measure_run(mask.shape)
    # A gap of a few pixels, where a pen skipped, ends no line.
    closed = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    # Beyond the border there is none: else a line along it would be a run.
    runs, steep = (
        cv2.morphologyEx(
            closed,
            cv2.MORPH_OPEN,
            np.ones(size, np.uint8),
            borderType=cv2.BORDER_CONSTANT,
            borderValue=0,
        )
        for size in ((1, run), (round(STEEP * run), 1))
    )
    # Not what is as thick: strokes that cross would join line to line.
    runs = np.where(steep > 0, 0, runs)
    joined = cv2.dilate(runs, np.ones((3, GAP * run | 1), np.uint8))
    # A picture without rules has little that is level.
    x, y, wide, high = cv2.boundingRect(joined)
    if not wide:
        return []
    room = (slice(y, y + high), slice(x, x + wide))
    joined, runs = joined[room], runs[room]
    # With what a line has of its own, and what only joins it.
    closed = (closed + level)[room]
    parts, stats = find_components(joined)
    found = []
    for part in range(1, len(stats)):
        left, top, wide, high, _ = stats[part]
        if wide < 3 * run:
            continue
        window = (slice(top, top + high), slice(left, left + wide))
        own = (parts[window] == part) & (runs[window] > 0)
        place = (left + x, top + y - shear[1, 2])
        rest = closed[window], place, slope, width
        found += _trace(own, *rest) or _trace_parts(own, run, *rest)
    return found


def find_faint(
    strength: npt.NDArray[np.float32], floor: float
) -> npt.NDArray[np.uint8]:
    """Finds what is too pale for ink, but steadily so along a level run.

    Args:
        strength: `(h, w)` float32, what departs from the paper.
        floor: from here on it is ink.

    Returns:
        `(h, w)` uint8, 1 where a pale line may be.
    """
    low = FAINT * floor
    clipped = np.clip(strength, 0, low)
    steady = cv2.blur(clipped, (_measure_run(strength.shape), 1))
    found = (steady > STEADY * low) & (strength > low / 2)
    return found.astype(np.uint8)


def _measure_run(shape: tuple[int, ...]) -> int:
    return max(MIN_RUN, round(RUN * max(shape)))


def _find_slope(mask: np.ndarray) -> float:
    """Finds the slope along which the most ink lies in the fewest rows."""
    # Of whole columns, so that what is level is.
    step = 1 + cv2.countNonZero(mask) // MOST
    rows, columns = np.nonzero(mask[:, ::step])
    # In whole numbers, which are quick: of so many parts of a row.
    part = _PARTS / max(1, max(mask.shape) / _SMALL)
    rows = ((rows + mask.shape[1]) * part).astype(np.int64)
    columns *= step
    best = []
    for slope in SLOPES:
        moved = (rows - columns * round(slope * part)) >> _BITS
        counts = np.bincount(moved)
        best.append(int(counts @ counts))
    return float(SLOPES[int(np.argmax(best))])


def _trace_parts(own, run, closed, *rest) -> list[Line]:
    """Makes lines of level runs that lie along no curve together."""
    found = []
    # Two lines, which a digit's bar joins, or that are close.
    for piece in peel(own, run // 2):
        traced = _trace(piece, closed, *rest)
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
    usual = float(np.median(thick))
    if length < THIN * (usual + SOFT):
        return []
    first = own.argmax(axis=0)[columns]
    last = len(own) - own[::-1].argmax(axis=0)[columns]
    if np.median(last - first) > SEVERAL * usual:
        return []
    rows = (np.arange(own.shape[0], dtype=float) @ own)[columns] / thick
    every = np.arange(columns[0], columns[-1] + 1)
    powers = chebvander(2 * (every - columns[0]) / length - 1, 3)
    own_powers = powers[columns - columns[0]]
    # Where a digit's bar lies beside it the line is thicker: not those.
    good = thick <= usual + 1
    away, middle = np.zeros(len(rows)), np.zeros(len(every))
    for _ in range(3):
        basis = own_powers[good, : 1 + min(3, max(1, int(good.sum() // 8)))]
        factors = np.linalg.solve(basis.T @ basis, basis.T @ rows[good])
        middle = powers[:, : len(factors)] @ factors
        away = np.abs(middle[columns - columns[0]] - rows)
        spread = max(1.0, 3 * float(np.median(away[good])))
        good = away <= spread
        if good.sum() < 0.5 * len(columns):
            return []
    if np.median(away) > max(1.0, STRAIGHT * length):
        return []
    near = np.rint(middle + np.array([[-1], [0], [1]])).astype(int)
    on = closed[near.clip(0, own.shape[0] - 1), every].max(axis=0)
    leaving = length > 0.9 * own_side
    if (on > 0).mean() < (BROKEN if leaving else WHOLE):
        return []
    if (on > 1).mean() < (0 if leaving else OWN):
        return []
    # Along the edge of a wide stroke the ink goes on to one side.
    if _is_edge(closed, every, middle, usual):
        return []
    middle = middle + up + slope * (every + left)
    return [Line(left + int(columns[0]), middle, usual)]


def _is_edge(closed, columns, middle, thick: float) -> bool:
    """Whether its ink is a part of wider ink, beyond it on one side."""
    steps = np.arange(1, round(thick + 3))[:, None]
    room = np.pad(closed > 0, ((1, 1), (0, 0)))
    sides = (np.rint(middle + way * steps).astype(int) for way in (-1, 1))
    rows = (side.clip(-1, len(closed)) + 1 for side in sides)
    return any(room[r, columns].all(axis=0).mean() > EDGE for r in rows)
