"""Blocks: cells that are filled with a colour, as in a crossword."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.components import find_components
from mnistcnn.pictures.grids import Grid
from mnistcnn.pictures.surfaces import fit_surface, lay_surface, take_largest

APART = 25  # grey levels, by which a block is of another colour than paper
SMALL = 320  # pixels a side: enough to see a block
LEAST, SIDE = 0.035, 7  # of the shorter side, and pixels: none is narrower
LARGEST = 0.5  # of the shorter side
WALL = 2  # pixels of a block that stay, as a cell's wall
RIM, FILLED = 0.1, 0.6  # of a cell, that a stroke may be, and that a block is
PALEST = 0.25  # of what the deepest block is darker: so much others are
BEYOND = 0.1  # of the blocks, that may be beside a grid
SIGN = 0.3  # of a cell's side: a sign in it is longer
LARGE = 0.3  # of the deepest block: so deep are others, which may be one cell


def open_blocks(
    colours: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]] | None:
    """Paints blocks as the paper is, up to their outline.

    A block that is open is an empty cell, whose walls are a grid's.

    Args:
        colours: `(h, w, channels)` uint8.

    Returns:
        The picture with open blocks, and `(h, w)` uint8, 1 where these were;
        `None` where there are none.

    Example:
        >>> page = np.full((90, 90, 1), 240, np.uint8)
        >>> page[30:60, 30:60] = 20
        >>> opened, _ = open_blocks(page)
        >>> opened[[15, 31, 45], 45, 0].tolist()
        [240, 20, 240]
    """
    height, width = colours.shape[:2]
    scale = min(1, SMALL / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(colours, size, interpolation=cv2.INTER_AREA)
    small = small.reshape(*size[::-1], -1)
    other = _find_darker(small)
    found = _find_blocks(small, other)
    if found is None:
        return None
    blocks = cv2.resize(found, (width, height), interpolation=cv2.INTER_NEAREST)
    wall = np.ones((2 * WALL + 1,) * 2, np.uint8)
    off = np.asarray(cv2.dilate(other, wall), np.uint8)
    factors = fit_surface(small.astype(np.float32), off)
    paper = lay_surface(factors, height, width)
    away = take_largest(np.abs(colours - paper))
    blocks &= away > np.median(away[blocks > 0]) / 2
    blocks = cv2.erode(blocks, wall)
    paper = np.clip(np.rint(paper), 0, 255)
    opened = np.where(blocks[..., None] > 0, paper, colours).astype(np.uint8)
    return opened, np.asarray(blocks, np.uint8)


def fill_cells(
    blocks: npt.NDArray[np.uint8],
    grid: Grid,
    ink: npt.NDArray[np.uint8],
    colours: npt.NDArray[np.uint8],
) -> bool:
    """Whether blocks are cells, not strokes of a broad pen or shaded rows.

    Args:
        blocks: `(h, w)` uint8, 1 where these are.
        grid: of the same picture.
        ink: `(h, w)` uint8, of the picture before its blocks were opened: with
            a sign in a block none of them is an empty cell.
        colours: `(h, w, channels)` uint8, that picture.

    Example:
        >>> cells = (((0.0, 0.0, 9.0, 9.0), (9.0, 0.0, 18.0, 9.0)),)
        >>> grid = Grid(np.zeros((9, 18), np.uint8), cells, np.eye(3))
        >>> page = np.full((9, 18, 1), 250, np.uint8)
        >>> block, ink = np.zeros((2, 9, 18), np.uint8)
        >>> block[1:8, 10:17], page[1:8, 10:17] = 1, 150
        >>> fill_cells(block, grid, ink, page)
        True
        >>> ink[2:7, 13], page[2:7, 13] = 255, 20
        >>> fill_cells(block, grid, ink, page)
        False
    """
    if grid.drop(blocks).sum() > BEYOND * blocks.sum():
        return False
    size = grid.ink.shape[::-1]
    blocks, ink, colours = (
        np.asarray(cv2.warpPerspective(pixels, grid.matrix, size), np.uint8)
        for pixels in (blocks, ink, colours)
    )
    places = [
        np.s_[round(top) : round(bottom), round(left) : round(right)]
        for row in grid.cells
        for left, top, right, bottom in row
    ]
    shares = np.array([blocks[place].mean() for place in places])
    filled = shares > FILLED
    if not filled.any() or not (filled | (shares < RIM)).all():
        return False
    return not any(
        _is_written(ink[places[at]], np.atleast_3d(colours[places[at]]))
        for at in np.flatnonzero(filled)
    )


def _is_written(ink: np.ndarray, colours: np.ndarray) -> bool:
    """Whether there is a sign in a block: ink inside it of another colour."""
    away = take_largest(np.abs(colours - np.median(colours, axis=(0, 1))))
    _, stats = find_components(((ink > 0) & (away > APART)).astype(np.uint8))
    starts, sides = stats[1:, :2], stats[1:, 2:4]
    ends, size = starts + sides, np.array(ink.shape[::-1])
    # What lies along a wall is left of it, or of a block's edge.
    inner = (starts > 0) & (ends < size)
    rim = RIM * size.min()
    inner &= (starts < size - rim) & (ends > rim)
    long = sides.max(axis=1) > SIGN * size.min()
    return bool((inner.all(axis=1) & long).any())


def _find_darker(small: np.ndarray) -> np.ndarray:
    """Finds what is darker than paper, and no larger than a block may be."""
    # A surface through most of what there is would run between the two.
    kernel = np.ones((round(LARGEST * min(small.shape[:2])),) * 2, np.uint8)
    light = cv2.morphologyEx(cv2.medianBlur(small, 3), cv2.MORPH_CLOSE, kernel)
    darker = cv2.subtract(light.reshape(small.shape), small)
    darker = take_largest(darker.reshape(small.shape))
    # JPEG makes paper beside a deep block lighter than paper.
    deepest = cv2.morphologyEx(darker, cv2.MORPH_OPEN, _make_kernel(darker))
    apart = max(APART, PALEST * float(deepest.max()))
    return (darker > apart).astype(np.uint8)


def _make_kernel(small: np.ndarray) -> np.ndarray:
    """Makes an ellipse that fits into blocks, and into no stroke."""
    # An opening by an even side moves what it leaves.
    side = max(SIDE, round(LEAST * min(small.shape))) | 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def _find_blocks(small: np.ndarray, other: np.ndarray) -> np.ndarray | None:
    """Finds blocks; what is next to them may be theirs as well.

    Returns:
        `(h, w)` uint8, 1 on and beside blocks; `None` where there are none.
    """
    kernel = _make_kernel(other)
    inner = cv2.morphologyEx(other, cv2.MORPH_OPEN, kernel)
    parts, stats = find_components(inner)
    left, top, wide, high, _ = stats.T
    inside = (left > 0) & (left + wide < other.shape[1])
    inside &= (top > 0) & (top + high < other.shape[0])
    inside[0] = False
    depth = cv2.distanceTransform(inner, cv2.DIST_L2, 3)
    deep = np.zeros(len(stats), np.float32)
    np.maximum.at(deep, parts, depth)
    if not inside.any():
        return None
    # Where strokes of a broad pen meet they may be as wide as that.
    inside &= deep > LARGE * deep[inside].max()
    blocks = inside[parts].astype(np.uint8)
    # Up to their corners, which the kernel has rounded off.
    return cv2.dilate(blocks, np.ones((len(kernel) // 2 | 1,) * 2, np.uint8))
