"""Crossings: where ink lies over a line, beside it, or goes through."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.bands import Line, paint_lines

DARKER = 1.35  # than a line: ink over it
THICKER = 0.35  # than a line: where ink lies beside it, or across
SPECK = 0.25  # of a digit's height: smaller rests of a line are no ink
SLANTS = (-1.0, -0.5, 0.0, 0.5, 1.0)  # of strokes that cross a line


def keep_ink(
    strength: npt.NDArray[np.float32],
    mask: npt.NDArray[np.uint8],
    lines: list[list[Line]],
    rings: npt.NDArray[np.uint8],
    digit: float,
) -> npt.NDArray[np.bool_]:
    """Tells the ink from the lines: beside them, across, or darker than they.

    Args:
        strength: `(h, w)`, what departs from the paper.
        mask: 1 where that is ink or a line.
        lines: across, and down (by columns in place of rows).
        rings: 1 on the lines of boxes that are none of these.
        digit: a digit's height, pixels.

    Returns:
        `(h, w)`, true where there is ink.
    """
    bands = [
        paint_lines(lines[0], mask.shape),
        paint_lines(lines[1], mask.shape[::-1]).T,
    ]
    band = bands[0] | bands[1] | rings
    rest = mask & ~band & 1
    if not rest.any():
        return rest > 0
    ink = float(np.median(strength[rest > 0]))
    kept = rest.copy()
    for found, own, turn in zip(lines, bands, (False, True), strict=True):
        # Without the lines that cross it, which are no ink.
        free = mask & (own | (1 - band))
        if turn:
            strength, free, kept = strength.T, free.T, kept.T
        for line in found:
            _keep_beside(line, strength, free, kept, ink)
    kept = kept.T
    thick = max([e.thick for e in (*lines[0], *lines[1])], default=3)
    for slant in SLANTS:
        for turn in (False, True):
            crossed = _bridge(rest, round(thick + 4), slant, turn)
            kept |= crossed & band & mask
    # Where two lines cross, they are darker than one.
    _drop_rests(kept, band, max(5, SPECK * digit, 2.5 * thick))
    # The soft edge of ink that stays.
    soft = cv2.dilate(kept, np.ones((3, 3), np.uint8))
    return (kept > 0) | ((soft > 0) & (mask == 0) & (band == 0))


def _keep_beside(line, strength, mask, kept, ink) -> None:
    """Keeps what is thicker than a line, or darker."""
    far = int(2 * line.thick + 8)
    offsets = np.arange(-far, far + 1)[:, None]
    rows = np.rint(line.middle).astype(int) + offsets
    columns = np.broadcast_to(np.arange(line.start, line.end), rows.shape)
    inside = (rows >= 0) & (rows < mask.shape[0])
    at = (rows.clip(0, mask.shape[0] - 1), columns)
    on = (mask[at] > 0) & inside
    half = line.thick / 2 + 1
    near = np.abs(offsets) <= half + 0.5
    values = np.where(on & near, strength[at], 0)
    level = float(np.median(values.max(axis=0)))
    if level * DARKER < ink:
        keep = values > DARKER * level
    else:
        run = np.logical_and.accumulate(on[far:], axis=0).sum(axis=0)
        run += np.logical_and.accumulate(on[far::-1], axis=0).sum(axis=0) - 1
        more = max(2.0, THICKER * line.thick)
        keep = on & near & (run >= line.thick + more)
    kept[rows[keep], columns[keep]] = 1


def _bridge(rest, gap, slant, turn) -> np.ndarray:
    """Fills gaps between ink on both sides, along a slant."""
    side = gap | 1
    kernel = np.zeros((side, side), np.uint8)
    reach, middle = side // 2, side // 2
    aside = round(slant * reach)
    ends = ((middle - aside, 0), (middle + aside, side - 1))
    cv2.line(kernel, *ends, 1)
    if turn:
        kernel = np.ascontiguousarray(kernel.T)
    bordered = np.pad(rest, side)
    closed = cv2.morphologyEx(bordered, cv2.MORPH_CLOSE, kernel)
    return closed[side:-side, side:-side]


def _drop_rests(kept: np.ndarray, band: np.ndarray, least: float) -> None:
    """Drops what is small and beside a line."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(kept)
    near = np.zeros(len(stats), bool)
    beside = cv2.dilate(band, np.ones((3, 3), np.uint8)) > 0
    near[np.unique(parts[beside]).astype(int)] = True
    small = stats[:, 2:4].max(axis=1) < least
    gone = near & small
    gone[0] = False
    kept[gone[parts]] = 0
