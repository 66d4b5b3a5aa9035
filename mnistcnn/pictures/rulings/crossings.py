"""Crossings: where ink lies on a line, touches it, or crosses it.

A line is equally dark along its length; pixels that are darker than it is at
that distance from its middle are ink. So of ink as dark as the line only the
part inside of the line is missed.
"""

import cv2
import numpy as np
import numpy.typing as npt
from numpy.polynomial.chebyshev import chebvander

from mnistcnn.pictures.rulings.bands import Line, paint_lines
from mnistcnn.pictures.rulings.feet import close_feet
from mnistcnn.pictures.shapes.components import find_components

OVER = 0.35  # of the ink's strength: by which ink exceeds the line
USUAL = 0.6  # quantile of a line's columns that gives its own strength
BARE = 0.2  # of that strength: how much a line without ink may differ
FEW = 0.1  # of a line's columns: fewer are not enough for the quantile
SPECK = 0.25  # of a digit's height: smaller remnants of a line are removed
SLANTS = (-1.0, -0.5, 0.0, 0.5, 1.0)  # of strokes that cross a line


def keep_ink(
    strength: npt.NDArray[np.float32],
    mask: npt.NDArray[np.uint8],
    whole: npt.NDArray[np.uint8],
    lines: list[list[Line]],
    rings: npt.NDArray[np.uint8],
    digit: float,
) -> npt.NDArray[np.bool_]:
    """Separates ink from lines: it is darker than the lines, or crosses them.

    Args:
        strength: `(h, w)`, how much each pixel differs from the paper.
        mask: 1 where there is ink or a line.
        whole: the same with the soft edges of both.
        lines: across, and down (by columns in place of rows).
        rings: 1 on the lines of boxes that are not among these lines.
        digit: a digit's height, pixels.

    Returns:
        `(h, w)`, true where there is ink.
    """
    lines = [
        [_settle(line, side) for line in found]
        for found, side in zip(lines, (strength, strength.T), strict=True)
    ]
    bands = [
        paint_lines(lines[0], mask.shape),
        paint_lines(lines[1], mask.shape[::-1]).T,
    ]
    band = bands[0] | bands[1] | rings
    rest = mask & ~band & 1
    if not rest.any():
        return rest > 0
    ink = float(np.median(strength[(whole & ~band & 1) > 0]))
    for found, own, turn in zip(lines, bands, (False, True), strict=True):
        # Without the lines that cross it, which are not ink.
        free = whole & own & ~(rings | bands[not turn]) & 1
        if turn:
            strength, free, rest = strength.T, free.T, rest.T
        for line in found:
            _keep_over(line, strength, free, rest, ink)
    rest = np.ascontiguousarray(rest.T)
    kept = rest.copy()
    thick = max([e.thick for e in (*lines[0], *lines[1])], default=3)
    for own, turn in zip(bands, (False, True), strict=True):
        for slant in SLANTS if own.any() or rings.any() else ():
            crossed = _bridge(rest, round(thick + 4), slant, turn)
            kept |= crossed & (own | rings) & whole
    # Two crossing lines are darker than one, and leave small remnants.
    _drop_rests(kept, band, max(5, SPECK * digit, 2.5 * thick), SPECK * digit)
    kept = close_feet(np.asarray(kept, np.uint8), mask, lines[0], digit)
    # The soft edge of ink that stays.
    soft = cv2.dilate(kept, np.ones((5, 5), np.uint8))
    return (kept > 0) | ((soft > 0) & (mask == 0) & (band == 0))


def _look(line: Line, strength: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the pixels along a line, as rows and columns."""
    far = int(line.thick / 2 + 2)
    rows = np.rint(line.middle).astype(int) + np.arange(-far, far + 1)[:, None]
    columns = np.broadcast_to(np.arange(line.start, line.end), rows.shape)
    return rows.clip(0, strength.shape[0] - 1), columns


def _settle(line: Line, strength: np.ndarray) -> Line:
    """Fits a line more closely, by its strength where no ink is on it."""
    rows, columns = _look(line, strength)
    values = np.maximum(strength[rows, columns], 0)
    mass = values.sum(axis=0)
    usual = np.partition(mass, (few := int((1 - USUAL) * len(mass))))[few]
    bare = np.abs(mass - usual) < BARE * usual
    if bare.sum() < 8:
        return line
    off = (values * (rows - line.middle)).sum(axis=0) / np.maximum(mass, 1)
    across = 2 * np.arange(len(off)) / len(off) - 1
    powers = chebvander(across, 3)
    factors = np.linalg.lstsq(powers[bare], off[bare], rcond=None)[0]
    moved = (powers @ factors).clip(-1.5, 1.5)
    return line._replace(middle=line.middle + moved)


def _keep_over(line, strength, free, kept, ink) -> None:
    """Keeps pixels darker than the line at that distance from its middle."""
    rows, columns = _look(line, strength)
    values = strength[rows, columns]
    # The distance from the line's middle, in half pixels.
    half = np.rint(2 * (np.rint(line.middle) - line.middle)).astype(int)
    away = 2 * np.arange(len(rows))[:, None] + half + 2
    usual = np.zeros(2 * len(rows) + 4, values.dtype)
    for step in (-1, 0, 1):
        own = values[:, half == step]
        if own.shape[1] > FEW * len(half):
            least = int(USUAL * own.shape[1])
            own = np.partition(own, least, axis=1)[:, least]
            place = slice(step + 2, step + 2 + 2 * len(rows), 2)
            usual[place] = np.maximum(usual[place], own)
    usual[1:-1] = np.maximum(usual[1:-1], np.maximum(usual[:-2], usual[2:]))
    keep = (values > usual[away] + OVER * ink) & (free[rows, columns] > 0)
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
    bordered = cv2.copyMakeBorder(
        rest, side, side, side, side, cv2.BORDER_CONSTANT
    )
    closed = cv2.morphologyEx(bordered, cv2.MORPH_CLOSE, kernel)
    return closed[side:-side, side:-side]


def _drop_rests(
    kept: np.ndarray, band: np.ndarray, least: float, flat: float
) -> None:
    """Drops small pieces beside a line, and flat ones cut by a border."""
    parts, stats = find_components(kept)
    near = np.zeros(len(stats), bool)
    beside = cv2.dilate(band, np.ones((3, 3), np.uint8)) > 0
    near[np.unique(parts[beside]).astype(int)] = True
    small = stats[:, 2:4].max(axis=1) < least
    gone = near & small
    cut = (stats[:, 1] == 0) | (stats[:, 1] + stats[:, 3] == len(kept))
    gone |= cut & (stats[:, 3] < flat)
    gone[0] = False
    kept[gone[parts]] = 0
