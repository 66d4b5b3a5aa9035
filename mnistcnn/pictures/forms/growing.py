"""Growing: rows and columns of a grid that are not found as boxes.

The walls of a table's shaded row may differ from it only in colour. The place
of one more row is known from the others, so a faint wall there is enough; and
so are the walls between its cells, if the grid has no frame.
"""

import itertools

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.forms.walls import (
    are_cells,
    are_open,
    are_seen,
    find_walls,
)

# Rows, then columns: before the first one, and after the last.
SIDES = tuple(itertools.product((1, 0), (True, False)))
LOOSE = 0.1  # largest deviation of a distance from a whole number of cells


def grow(
    colours: npt.NDArray[np.uint8],
    matrix: npt.NDArray[np.float64],
    count: tuple[int, int],
    side: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], tuple[int, int]]:
    """Adds rows and columns to a grid, as far as their walls are visible.

    Args:
        colours: `(h, w, channels)` uint8, the picture.
        matrix: `(3, 3)`, from its pixels to cells, a cell 1 by 1.
        count: how many columns and rows.
        side: `(2,)`, a cell's width and height in pixels.

    Returns:
        The new matrix and counts.

    Example:
        >>> page = np.full((90, 120, 1), 250, np.uint8)
        >>> page[10:82:24, 10:108] = page[10:82, 10:108:24] = 240  # 4 x 3
        >>> first = np.array([[1, 0, -34], [0, 1, -34], [0, 0, 24]]) / 24
        >>> grow(page, first, (3, 2), np.array([24.0, 24.0]))[1]
        (4, 3)
    """
    rest = colours, side
    for way in SIDES:
        while are_cells(*_look_beyond(*rest, matrix, count, *way)):
            matrix, count = _add_row(matrix, count, *way)
    # The outer cells of a grid without a frame have only walls between them.
    if all(
        are_open(_look_beyond(*rest, matrix, count, *way)[0]) for way in SIDES
    ):
        for way in SIDES:
            matrix, count = _add_row(matrix, count, *way)
    return matrix, count


def _look_beyond(
    colours: np.ndarray,
    side: np.ndarray,
    matrix: np.ndarray,
    count: tuple[int, int],
    axis: int,
    before: bool,
) -> tuple[np.ndarray, np.ndarray]:
    """Finds the visible walls of one more row, or column."""
    long, first = np.array(count), np.zeros(2, int)
    first[axis] = -1 if before else long[axis]
    long[axis] = 1
    return find_walls(colours, matrix, first, long, side, axis)


def _add_row(
    matrix: np.ndarray, count: tuple[int, int], axis: int, before: bool
) -> tuple[np.ndarray, tuple[int, int]]:
    move = np.eye(3)
    move[axis, 2] = before
    columns, rows = count
    return move @ matrix, (columns + (axis == 0), rows + (axis == 1))


def fill_in(
    colours: npt.NDArray[np.uint8],
    matrix: npt.NDArray[np.float64],
    count: tuple[int, int],
    side: npt.NDArray[np.float64],
    own: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], tuple[int, int], npt.NDArray[np.float64]]:
    """Adds rows and columns between those of a grid, if walls are visible.

    Args:
        colours: `(h, w, channels)` uint8, the picture.
        matrix: `(3, 3)`, from its pixels to cells, a cell 1 by 1.
        count: how many columns and rows.
        side: `(2,)`, the distance from a cell to the next, across and down, in
            pixels.
        own: `(2,)`, the width and height of the box found in a cell.

    Returns:
        The new matrix, counts and cell size.

    Example:
        >>> page = np.full((90, 120, 1), 250, np.uint8)
        >>> page[10:83:24, 10:107] = page[10:83, 10:107:24] = 240  # 4 x 3
        >>> first = np.linalg.inv([[24, 0, 10], [0, 48, -2], [0, 0, 1]])
        >>> size, found = np.array([24.0, 48.0]), np.array([24.0, 24.0])
        >>> fill_in(page, first, (4, 2), size, found)[1]
        (4, 3)
    """
    for axis in (0, 1):
        times = round(side[axis] / own[axis])
        if times < 2 or abs(side[axis] / own[axis] - times) > LOOSE * times:
            continue
        finer = np.eye(3)
        finer[axis, axis], finer[axis, 2] = times, (1 - times) / 2
        more = np.array(count)
        more[axis] = times * (more[axis] - 1) + 1
        less = np.where(np.arange(2) == axis, side / times, side)
        if are_seen(colours, finer @ matrix, (more[0], more[1]), less):
            matrix, side = finer @ matrix, less
            count = int(more[0]), int(more[1])
    return matrix, count, side
