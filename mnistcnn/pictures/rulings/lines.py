"""Lines that are not writing: rules, margins, frames, boxes, grids.

They are found in two ways. A closed one, a frame or a box, leaves a hole in the
ink whose hull is a quadrilateral. An open one, a rule or a margin, is a long
level run of ink, which may rise or bend a little.
"""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.rulings.bands import Line
from mnistcnn.pictures.rulings.tracing import trace_lines
from mnistcnn.pictures.shapes.components import find_components

SLOPES = np.linspace(-0.25, 0.25, 51)  # of lines that are tried
_SMALL = 400  # rows in which slopes are measured
_BITS = 16
_PARTS = 1 << _BITS
RUN = 0.025  # of the picture's longer side: least level step of a bent line
MIN_RUN = 12  # pixels
STEEP = 1.5  # runs: least height of a stroke that is not part of a line
MOST = 5000  # pixels by which the slope is measured
GAP = 4  # runs: largest gap in a line where a stroke crosses it
FAINT, STEADY = 0.6, 0.75  # of the ink's threshold; of that, mean over a run


def find_lines(mask: npt.NDArray[np.uint8]) -> list[Line]:
    """Finds lines across: long, thin, straight or slightly bent.

    Args:
        mask: `(h, w)` uint8, 1 where there is ink.

    Returns:
        The candidates, among which there may be digits' bars.
    """
    slope = _find_slope(mask)
    height, width = mask.shape
    shear = np.array([[1, 0, 0], [-slope, 1, max(0, slope * width)]])
    tall = height + int(abs(slope) * width) + 1
    level = cv2.warpAffine(mask, shear, (width, tall), flags=cv2.INTER_NEAREST)
    run = _measure_run(mask.shape)
    # A gap of a few pixels, where a pen skipped, does not end a line.
    closed = cv2.morphologyEx(level, cv2.MORPH_CLOSE, np.ones((1, 5), np.uint8))
    # With zeros beyond the border, which otherwise would extend runs.
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
    # Without thick strokes: those that cross would join line to line.
    runs = np.where(steep > 0, 0, runs)
    joined = cv2.dilate(runs, np.ones((3, GAP * run | 1), np.uint8))
    # A picture without rules has few level runs, so a window is enough.
    x, y, wide, high = cv2.boundingRect(joined)
    if not wide:
        return []
    room = (slice(y, y + high), slice(x, x + wide))
    joined, runs = joined[room], runs[room]
    # 2 on a line's own ink, 1 where a gap was closed.
    closed = np.asarray((closed + level)[room], np.uint8)
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
        found += trace_lines(own, run, *rest)
    return found


def find_faint(
    strength: npt.NDArray[np.float32], floor: float
) -> npt.NDArray[np.uint8]:
    """Finds pale lines: too pale for ink, but even along a level run.

    Args:
        strength: `(h, w)` float32, how much each pixel differs from the paper.
        floor: the threshold of ink.

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
    # Whole columns are sampled, so that level lines stay level.
    step = 1 + cv2.countNonZero(mask) // MOST
    points = cv2.findNonZero(np.ascontiguousarray(mask[:, ::step]))
    if points is None:
        return 0.0
    columns, rows = points.reshape(-1, 2).T.astype(np.int64)
    # In fixed-point arithmetic, which is quick.
    part = _PARTS / max(1, max(mask.shape) / _SMALL)
    rows = ((rows + mask.shape[1]) * part).astype(np.int64)
    slopes = np.rint(SLOPES * part).astype(np.int64)[:, None]
    moved = (rows - step * columns * slopes) >> _BITS
    # All slopes are counted at once, each in its own range of rows.
    size = int(moved.max()) + 1
    moved += size * np.arange(len(slopes))[:, None]
    counts = np.bincount(moved.ravel(), minlength=size * len(slopes))
    counts = counts.reshape(len(slopes), size)
    return float(SLOPES[int((counts**2).sum(axis=1).argmax())])
