"""What blocks are: a grid's cells, or plates and buttons with signs on them."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.forms.grids import Grid
from mnistcnn.pictures.shapes.components import find_components

INKED = 127  # grey level above which a pixel is ink, not a trace of it
RIM, FILLED = 0.1, 0.6  # of a cell: a stroke covers less, and a block more
BEYOND = 0.1  # of the blocks: largest share beside the grid
# Least shares: of its box that a plate fills (a round one 0.79), of its hull,
# and of all blocks that are plates.
FULL, CONVEX, MOSTLY = 0.7, 0.9, 0.6
# Of a plate's shorter side: a sign is taller (an eye in a face is not), and its
# stroke is narrower (paper that a thick pen encloses is not).
TALL, BROAD = 0.2, 0.2
NARROW, PLATE = 16, 0.12  # pixels; of the shorter side: least width of a plate


def fill_cells(blocks: npt.NDArray[np.uint8], grid: Grid) -> bool:
    """Whether blocks are cells, and not strokes of a broad pen.

    Args:
        blocks: `(h, w)` uint8, 1 where these are.
        grid: of the same picture.

    Example:
        >>> cells = (((0.0, 0.0, 9.0, 9.0), (9.0, 0.0, 18.0, 9.0)),)
        >>> grid = Grid(np.zeros((9, 18), np.uint8), cells, np.eye(3))
        >>> block = np.zeros((9, 18), np.uint8)
        >>> block[1:8, 10:17] = 1
        >>> fill_cells(block, grid), fill_cells(block.T, grid)
        (True, False)
    """
    if grid.drop(blocks).sum() > BEYOND * blocks.sum():
        return False
    size = grid.ink.shape[::-1]
    inside = cv2.warpPerspective(blocks, grid.matrix, size)
    shares = np.array(
        [
            inside[
                round(top) : round(bottom), round(left) : round(right)
            ].mean()
            for row in grid.cells
            for left, top, right, bottom in row
        ]
    )
    filled = shares > FILLED
    return bool(filled.any() and (filled | (shares < RIM)).all())


def hold_signs(
    blocks: npt.NDArray[np.uint8], ink: npt.NDArray[np.uint8]
) -> bool:
    """Whether most blocks are plates or buttons with signs on them.

    Args:
        blocks: `(h, w)` uint8, 1 where these are.
        ink: `(h, w)` uint8, of the picture in which they are opened.

    Example:
        >>> plate = np.ones((20, 40), np.uint8)
        >>> ink = np.pad(np.full((12, 4), 255, np.uint8), ((4, 4), (18, 18)))
        >>> hold_signs(plate, ink), hold_signs(plate, 0 * ink)
        (True, False)
    """
    parts, stats = find_components(blocks)
    wide, high, area = stats[:, 2:].T
    signs = np.where(ink > INKED, parts, 0)
    inked = (signs > 0).astype(np.uint8)
    marks, boxes = find_components(inked)
    own = np.zeros(len(boxes), int)
    own[marks] = signs
    pen, tall = np.zeros((2, len(stats)))
    np.maximum.at(tall, own, boxes[:, 3])
    deep = cv2.distanceTransform(inked, cv2.DIST_L2, 3)
    np.maximum.at(pen, signs[signs > 0], 2 * deep[signs > 0])
    # Places where strokes meet are blocks as well, but small ones.
    least = max(NARROW, PLATE * min(blocks.shape))
    short = np.minimum(wide, high)
    plates = (short >= least) & (area >= FULL * wide * high)
    plates &= (tall > TALL * short) & (pen < BROAD * short)
    plates[0] = False
    for number in np.flatnonzero(plates):
        own = np.asarray(parts == number, np.uint8)
        hull = cv2.contourArea(cv2.convexHull(cv2.findNonZero(own)))
        plates[number] = area[number] > CONVEX * hull
    return bool(area[1:][plates[1:]].sum() > MOSTLY * area[1:].sum())
