"""Grids: boxes in rows and columns, as of a form, a table or a puzzle."""

import itertools
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.forms.growing import are_seen, fill_in, grow
from mnistcnn.pictures.forms.merged import split_merged
from mnistcnn.pictures.forms.places import (
    MOST,
    measure_usual,
    move_points,
    place_boxes,
)
from mnistcnn.pictures.shapes.boxes import Box, are_alike
from mnistcnn.pictures.shapes.components import find_components

ALIKE = 0.35  # how far a cell's sides may be from the usual
SHRINK = 0.2  # from one to the next
FOUND = 0.6  # of the cells have to be; lines of the others are broken
MOST_CELLS = 900
OUTSIDE = 0.3  # of the ink: with more it is a picture with boxes, not a grid
JOINED = 1.3  # of a cell's side: more than a digit, which a wall joined
MOST_JOINED = 0.6  # of the ink; with more, it is not written into cells
SIGN = 0.4  # of a cell's height: a sign is taller, and as near its middle
PARTIAL = 0.15  # of a cell: what is cut at the border
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
        """Leaves what is beside the grid in a `(h, w)` picture, and 0 in it."""
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
    """Finds the grid that boxes make.

    Args:
        ink: `(h, w)` uint8, without the boxes.
        boxes: that were round it.
        leaving: how many lines went from border to border, across and down.
        colours: `(h, w, channels)` uint8, the picture; a row or a column whose
            walls are seen there alone is the grid's as well.

    Returns:
        The grid; `None` where the boxes are none, or too few.
    """
    boxes = split_merged(boxes, _choose_alike(boxes))
    if not 2 <= len(boxes) <= MOST_CELLS:
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
    ends = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]])
    corners = move_points(ends, np.linalg.inv(matrix))
    if _sticks_out(corners, ink.shape, leaving, boxes[0].sides[0]):
        return None
    size = [max(1, round(columns * side[0])), max(1, round(rows * side[1]))]
    if max(size) > 2 * max(ink.shape):
        return None
    scales = [size[0] / columns, size[1] / rows, 1.0]
    matrix = np.asarray(np.diag(scales) @ matrix, np.float64)
    beside = ink.copy()
    cv2.fillConvexPoly(beside, np.rint(corners).astype(int), 0)
    if np.count_nonzero(beside) > OUTSIDE * np.count_nonzero(ink):
        return None
    if 1 in (columns, rows) and _goes_on(beside, matrix, size):
        return None
    straight = np.asarray(cv2.warpPerspective(ink, matrix, size), np.uint8)
    if _exceeds(straight, np.array(size) / (columns, rows)):
        return None
    across, down = (
        np.linspace(0, long, count + 1).tolist()
        for long, count in zip(size, (columns, rows), strict=True)
    )
    cells = tuple(
        tuple(
            (left, top, right, bottom)
            for left, right in itertools.pairwise(across)
        )
        for top, bottom in itertools.pairwise(down)
    )
    return Grid(straight, cells, matrix)


def _goes_on(beside: np.ndarray, matrix: np.ndarray, size: list[int]) -> bool:
    """Whether signs stand beside a single row of cells, as in more of them."""
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
    """Whether most of the ink is larger than cells: paper's squares are."""
    sizes, area = np.split(find_components(ink)[1][1:, 2:5], [2], axis=1)
    large = (sizes >= JOINED * cell).any(axis=1)
    return bool(area[large].sum() > MOST_JOINED * area.sum())


def _sticks_out(corners, shape, leaving, side: float) -> bool:
    """Whether there is more of a grid beyond its boxes: squared paper."""
    room = np.maximum(corners.min(axis=0), shape[::-1] - corners.max(axis=0))
    return bool(((np.array(leaving) > 2) & (room > PARTIAL * side)).any())


def _choose_alike(boxes: list[Box]) -> list[Box]:
    """Chooses the boxes that are about as large as most are.

    Seen at an angle cells shrink from one to the next: so do those that are
    as large as one beside them.
    """
    if not boxes:
        return []
    sides = np.array([box.sides for box in boxes])
    usual = np.median(sides, axis=0)
    away = np.abs(sides - usual).max(axis=1, initial=0)
    near = away <= ALIKE * usual.min()
    if len(boxes) <= MOST_CELLS:
        centres = np.array([box.corners.mean(axis=0) for box in boxes])
        apart = np.abs(centres - centres[:, None]).max(axis=2)
        follow = are_alike(sides, sides[:, None], SHRINK).all(axis=2)
        follow &= apart < MOST * sides.max(axis=1)
        for _ in boxes:
            grown = near | follow[near].any(axis=0)
            if (grown == near).all():
                break
            near = grown
    return list(itertools.compress(boxes, near))
