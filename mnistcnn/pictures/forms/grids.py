"""Grids: boxes in rows and columns, as of a form, a table or a puzzle."""

import itertools
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.forms.choosing import (
    MOST_CELLS,
    PUZZLE,
    choose_alike,
    choose_puzzle,
)
from mnistcnn.pictures.forms.growing import fill_in, grow
from mnistcnn.pictures.forms.merged import split_merged
from mnistcnn.pictures.forms.places import (
    measure_usual,
    move_points,
    place_boxes,
)
from mnistcnn.pictures.forms.walls import are_seen
from mnistcnn.pictures.shapes.boxes import Box
from mnistcnn.pictures.shapes.components import find_components

FOUND = 0.6  # of the cells: least share found; lines of the others are broken
OUTSIDE = 0.3  # of the ink: with more, it is a picture with boxes, not a grid
JOINED = 1.3  # of a cell's side: larger ink was joined by a wall
MOST_JOINED = 0.6  # of the ink; with more, it was not written into cells
SIGN = 0.4  # of a cell's height: a sign is taller, and nearer to its middle
PARTIAL = 0.15  # of a cell: least room for a cell that the border cuts
Cells = tuple[tuple[tuple[float, float, float, float], ...], ...]


class Grid(NamedTuple):
    """A grid, straightened.

    Args:
        ink: `(h, w)` uint8, bright ink on black, of the grid alone.
        cells: rows of boxes in pixels of the ink.
        matrix: `(3, 3)`, from the picture's pixels to the ink's.
    """

    ink: npt.NDArray[np.uint8]
    cells: Cells
    matrix: npt.NDArray[np.float64]

    def drop(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Returns a `(h, w)` picture with 0 inside of the grid."""
        wide, high = self.ink.shape[::-1]
        ends = np.array([[0, 0], [wide, 0], [wide, high], [0, high]])
        corners = np.rint(move_points(ends, np.linalg.inv(self.matrix)))
        cv2.fillConvexPoly(beside := pixels.copy(), corners.astype(int), 0)
        return beside


def find_grid(
    ink: npt.NDArray[np.uint8],
    boxes: list[Box],
    leaving: tuple[int, int],
    colours: npt.NDArray[np.uint8],
) -> Grid | None:
    """Finds the grid that boxes form.

    Args:
        ink: `(h, w)` uint8, without the boxes.
        boxes: the boxes that were found round ink.
        leaving: how many lines went from border to border, across and down.
        colours: `(h, w, channels)` uint8, the picture; a row or a column whose
            walls are visible only there belongs to the grid as well.

    Returns:
        The grid; `None` if the boxes do not form one, or are too few.
    """
    boxes = choose_puzzle(boxes)
    boxes = split_merged(boxes, choose_alike(boxes))
    fitted = _fit(boxes, colours)
    if fitted is None:
        return None
    matrix, (columns, rows), side = fitted
    ends = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]])
    corners = move_points(ends, np.linalg.inv(matrix))
    puzzle = min(columns, rows) >= PUZZLE
    # Squared paper's lines leave both ways; those of puzzles one above the
    # other may leave one way.
    leaves = np.array([min(leaving)] * 2 if puzzle else leaving)
    if _sticks_out(corners, ink.shape, leaves, boxes[0].sides[0]):
        return None
    size = [max(1, round(columns * side[0])), max(1, round(rows * side[1]))]
    if max(size) > 2 * max(ink.shape):
        return None
    scales = [size[0] / columns, size[1] / rows, 1.0]
    matrix = np.asarray(np.diag(scales) @ matrix, np.float64)
    beside = ink.copy()
    cv2.fillConvexPoly(beside, np.rint(corners).astype(int), 0)
    share = np.count_nonzero(beside) / max(1, np.count_nonzero(ink))
    # A newspaper's text may surround a puzzle that has ink inside.
    if share > OUTSIDE and not (puzzle and share < 1):
        return None
    if 1 in (columns, rows) and _goes_on(beside, matrix, size):
        return None
    straight = np.asarray(cv2.warpPerspective(ink, matrix, size), np.uint8)
    if _exceeds(straight, np.array(size) / (columns, rows)):
        return None
    return Grid(straight, _list_cells(size, (columns, rows)), matrix)


def _fit(
    boxes: list[Box], colours: np.ndarray
) -> tuple[np.ndarray, tuple[int, int], np.ndarray] | None:
    """Fits a grid to boxes, and to walls that are visible only in colours.

    Returns:
        The matrix from the picture's pixels to cells, the numbers of columns
        and rows, and a cell's sides; `None` if there is no grid.
    """
    if not 1 <= len(boxes) <= MOST_CELLS:
        return None
    placed = place_boxes(boxes)
    if placed is None:
        return None
    matrix, (columns, rows), side = placed
    if columns * rows > MOST_CELLS:
        return None
    usual = measure_usual(boxes)
    found = fill_in(colours, matrix, (columns, rows), side, usual)
    if found[1] != (columns, rows):
        matrix, (columns, rows), side = found
    elif len(boxes) < FOUND * columns * rows and not are_seen(
        colours, matrix, (columns, rows), side
    ):
        return None
    matrix, (columns, rows) = grow(colours, matrix, (columns, rows), side)
    if not 2 <= columns * rows <= MOST_CELLS:
        return None
    return matrix, (columns, rows), side


def _list_cells(size: list[int], count: tuple[int, int]) -> Cells:
    across, down = (
        np.linspace(0, long, number + 1).tolist()
        for long, number in zip(size, count, strict=True)
    )
    return tuple(
        tuple(
            (left, top, right, bottom)
            for left, right in itertools.pairwise(across)
        )
        for top, bottom in itertools.pairwise(down)
    )


def _goes_on(beside: np.ndarray, matrix: np.ndarray, size: list[int]) -> bool:
    """Whether signs stand beside a single row of cells, as if it went on."""
    left, top, wide, high, _ = find_components(beside)[1][1:].T
    middle = left + wide / 2
    ends = [
        move_points(np.stack([middle, edge], axis=1), matrix)
        for edge in (top, top + high)
    ]
    axis = int(size[1] < size[0])
    share = (ends[1] - ends[0])[:, 1] / min(size)
    at = (ends[0] + ends[1])[:, axis] / 2 / min(size)
    return bool(
        ((share > SIGN) & (share < 1) & (np.abs(at - 0.5) < SIGN)).any()
    )


def _exceeds(ink: np.ndarray, cell: np.ndarray) -> bool:
    """Whether most of the ink is larger than cells, as on squared paper."""
    sizes, area = np.split(find_components(ink)[1][1:, 2:5], [2], axis=1)
    large = (sizes >= JOINED * cell).any(axis=1)
    return bool(area[large].sum() > MOST_JOINED * area.sum())


def _sticks_out(corners, shape, leaving, side: float) -> bool:
    """Whether the grid goes on beyond its boxes, as on squared paper."""
    room = np.maximum(corners.min(axis=0), shape[::-1] - corners.max(axis=0))
    return bool(((leaving > 2) & (room > PARTIAL * side)).any())
