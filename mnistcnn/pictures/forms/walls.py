"""Walls: whether those of one more row of cells are visible in a picture."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.forms.places import move_points

# Of a cell's side: the width of the strip examined beside a wall, how far the
# wall may be from its place, and the margin at corners, where other walls are.
AROUND, NEAR, CORNER = 0.25, 0.06, 0.15
LEAST = 8  # pixels: a cell's side is scaled to at least this
STEP = 3.0  # grey levels: least step of colour at a wall
CLEAR = 3.0  # and how many times the usual step beside it
SEEN = 0.8  # of a row's walls: least share that is visible


def are_seen(
    colours: npt.NDArray[np.uint8],
    matrix: npt.NDArray[np.float64],
    count: tuple[int, int],
    side: npt.NDArray[np.float64],
) -> bool:
    """Whether the walls of all rows of a grid are visible.

    Args:
        colours: `(h, w, channels)` uint8, the picture.
        matrix: `(3, 3)`, from its pixels to cells, a cell 1 by 1.
        count: how many columns and rows.
        side: `(2,)`, a cell's width and height in pixels.
    """
    long = np.array([count[0], 1])
    return all(
        are_cells(
            *find_walls(colours, matrix, np.array([0, row]), long, side, 1)
        )
        for row in range(count[1])
    )


def are_cells(
    sides: npt.NDArray[np.bool_], across: npt.NDArray[np.bool_]
) -> bool:
    """Whether enough of a row's walls are visible, of `find_walls`."""
    walls = np.concatenate([sides, across])
    return bool(walls.size and walls.mean() >= SEEN)


def are_open(sides: npt.NDArray[np.bool_]) -> bool:
    """Whether walls of a grid without a frame go on beyond its last row.

    Args:
        sides: of `find_walls`, of a row that may have no far wall.
    """
    return bool(sides.size and sides.mean() >= SEEN)


def find_walls(
    colours: npt.NDArray[np.uint8],
    matrix: npt.NDArray[np.float64],
    first: npt.NDArray[np.integer],
    long: npt.NDArray[np.integer],
    side: npt.NDArray[np.float64],
    axis: int,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Finds the visible walls of one more row, or column, of cells.

    Args:
        colours: `(h, w, channels)` uint8, the picture.
        matrix: `(3, 3)`, from its pixels to cells, a cell 1 by 1.
        first: column and row of its first cell.
        long: how many columns and rows it has.
        side: `(2,)`, a cell's width and height in pixels.
        axis: 1 for a row, 0 for a column.

    Returns:
        Of the walls between its cells, and the two at its ends, whether each is
        visible; and the same of its far wall, cell by cell. Empty if the row is
        not in the picture.
    """
    ends = first + long * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    corners = move_points(ends, np.linalg.inv(matrix))
    if (corners < 0).any() or (corners >= colours.shape[1::-1]).any():
        return np.zeros(0, bool), np.zeros(0, bool)
    cell = np.maximum(np.rint(side), LEAST).astype(int)
    around = np.rint(AROUND * cell).astype(int)
    scale = np.diag([*cell, 1])
    scale[:2, 2] = around - first * cell
    size = long * cell + 2 * around
    seen = cv2.warpPerspective(
        colours, scale @ matrix, size.tolist(), borderMode=cv2.BORDER_REPLICATE
    ).reshape(*size[::-1], -1)
    # A column is transposed to a row.
    row = seen if axis == 1 else seen.transpose(1, 0, 2)
    wide, high = cell if axis == 1 else cell[::-1]
    left, top = around if axis == 1 else around[::-1]
    off = round(CORNER * wide), round(CORNER * high)
    inside = row[top + off[1] : top + high - off[1]]
    sides = [
        _is_wall(inside[:, at : at + 2 * left + 1], wide)
        for at in wide * np.arange(long.max() + 1)
    ]
    # The other long wall is shared with the row beside it.
    far = 0 if first[axis] < 0 else high
    strip = row[far : far + 2 * top + 1].transpose(1, 0, 2)
    across = [
        _is_wall(strip[at + off[0] : at + wide - off[0]], high)
        for at in left + wide * np.arange(long.max())
    ]
    return np.array(sides), np.array(across)


def _is_wall(strip: np.ndarray, side: int) -> bool:
    """Whether colours change in the middle column, and less so beside it."""
    profile = np.median(strip, axis=0)
    steps = np.abs(profile[2:] - profile[:-2]).max(axis=1)
    away = np.abs(np.arange(len(steps)) - len(steps) // 2)
    near = away <= max(3, round(NEAR * side) + 1)
    usual = np.median(steps[~near]) if not near.all() else 0.0
    return bool(steps[near].max() > max(STEP, CLEAR * usual))
