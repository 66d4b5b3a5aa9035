"""Cells: removes ink in a grid's cells that does not belong to a digit."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.forms.grids import JOINED, Cells
from mnistcnn.pictures.shapes.components import find_components

SPECK = 0.3  # of a cell's side: least size of isolated ink that is a digit
GAP = 0.06  # of a cell's side: ink nearer to other ink belongs to it
LARGE = 2.0  # of a cell's side: larger than a digit, or two that touch
MOST = 0.4  # of large ink: if more is near walls, it is a remnant of them
WALL, REST = 0.1, 0.8  # of a cell's side: near walls; of ink: a remnant of them


def drop_rests(
    ink: npt.NDArray[np.uint8], cells: Cells
) -> npt.NDArray[np.uint8]:
    """Removes remnants of lines and of shadows from cells.

    Args:
        ink: `(h, w)` uint8, bright ink on black, of a straight grid.
        cells: of the grid, in pixels of the ink.

    Returns:
        The ink without them.

    Example:
        >>> ink = np.zeros((40, 80), np.uint8)
        >>> ink[8:32, 18:22] = 255  # a 1
        >>> ink[2:38, 39:41] = 255  # a rest of the wall
        >>> cells = (((0, 0, 40, 40), (40, 0, 80, 40)),)
        >>> left = drop_rests(ink, cells)
        >>> bool(left[:, 20].any()), bool(left[:, 40].any())
        (True, False)
    """
    left, top, right, bottom = cells[0][0]
    side = min(right - left, bottom - top)
    cell = np.array([right - left, bottom - top])
    x, y = (
        np.abs(at - long * np.rint(at / long)) < WALL * side
        for long, at in zip(cell, map(np.arange, ink.shape[::-1]), strict=True)
    )
    walls = x | y[:, None]
    parts, stats = find_components(ink)
    # Ink that walls have joined, in a row or in a column, is cut along them; so
    # are remnants of these walls, with ink that touches them.
    large = (stats[:, 2:4] >= JOINED * cell).sum(axis=1)
    on_walls = np.bincount(parts[walls], minlength=len(stats))
    joined = (large == 1) | (large > 1) & (on_walls > MOST * stats[:, 4])
    joined &= np.arange(len(stats)) > 0
    if joined.any():
        ink = np.where(joined[parts] & walls, 0, ink).astype(np.uint8)
        parts, stats = find_components(ink)
    sizes, area = stats[:, 2:4], stats[:, 4]
    # A remnant of crossing lines, too, is nearly all near walls.
    on_walls = np.bincount(parts[walls], minlength=len(area))
    gone = (sizes >= LARGE * cell).any(axis=1) | (on_walls > REST * area)
    kept = ~gone & (sizes.max(axis=1) >= SPECK * side)
    kept[0] = False
    wide = 2 * round(GAP * side) + 1
    kernel = np.ones((wide, wide), np.uint8)
    near = cv2.dilate(kept[parts].astype(np.uint8), kernel)
    kept[np.unique(parts[near > 0])] = True
    kept &= ~gone
    return np.where(kept[parts], ink, 0).astype(np.uint8)
