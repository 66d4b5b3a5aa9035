"""Grids: boxes in rows and columns, as of a form, a table or a puzzle."""

import itertools
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.boxes import Box, are_alike

ALIKE = 0.35  # how far a cell's sides may be from the usual
SHRINK = 0.2  # from one to the next
FOUND = 0.6  # of the cells have to be; lines of the others are broken
WHOLE = 0.7  # of the boxes have to be cells, each in its place
MOST_CELLS = 900
OUTSIDE = 0.3  # of the ink: with more it is a picture with boxes, not a grid
PARTIAL = 0.15  # of a cell: what is cut at the border
OFF = 0.3  # of a cell: how far a cell's centre may be from its place
LEAST, MOST = 0.7, 2.6  # of a cell's side: how far the next may be
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


def find_grid(
    ink: npt.NDArray[np.uint8], boxes: list[Box], leaving: tuple[int, int]
) -> Grid | None:
    """Finds the grid that boxes make.

    Args:
        ink: `(h, w)` uint8, without the boxes.
        boxes: that were round it.
        leaving: how many lines went from border to border, across and down.

    Returns:
        The grid; `None` where the boxes are none, or too few.
    """
    boxes = _choose_alike(boxes)
    if not 2 <= len(boxes) <= MOST_CELLS:
        return None
    placed = _place(boxes)
    if placed is None:
        return None
    matrix, (columns, rows), side = placed
    count = columns * rows
    if not 2 <= count <= MOST_CELLS or len(boxes) < FOUND * count:
        return None
    ends = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]])
    corners = _move(ends, np.linalg.inv(matrix))
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
    straight = np.asarray(cv2.warpPerspective(ink, matrix, size), np.uint8)
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


def _move(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    points = np.asarray(points, np.float64).reshape(1, -1, 2)
    return cv2.perspectiveTransform(points, matrix)[0]


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


def _place(boxes: list[Box]):
    """Finds the row and column of each box.

    Args:
        boxes: of about the same size.

    Returns:
        The matrix from the picture's pixels to cells, a cell 1 by 1; how many
        columns and rows; a cell's size in pixels. `None` where the boxes
        stand in no rows.
    """
    corners = np.array([box.corners for box in boxes], np.float64)
    centres = corners.mean(axis=1)
    # Sides from the left to the right, and from the top down.
    edges = np.stack(
        [
            corners[:, [1, 2]].mean(axis=1) - corners[:, [0, 3]].mean(axis=1),
            corners[:, [2, 3]].mean(axis=1) - corners[:, [0, 1]].mean(axis=1),
        ],
        axis=2,
    )
    # How far the others are, in each box's own sides.
    away = np.linalg.solve(
        edges[:, None], (centres - centres[:, None])[..., None]
    )
    away = away[..., 0]
    beside = [_find_next(away, axis) for axis in (0, 1)]
    steps = np.array([np.median(b[1]) if len(b[1]) else 1.0 for b in beside])
    at = _walk(beside, steps, len(boxes))
    if at is None:
        return None
    known = at[:, 0] > -np.inf
    at -= at[known].min(axis=0)
    half = 0.5 / steps * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    target = at[known, None] + 0.5 + half
    matrix, _ = cv2.findHomography(
        corners[known].reshape(-1, 2), target.reshape(-1, 2), cv2.RANSAC, OFF
    )
    if matrix is None:
        return None
    # A box that is none leads astray: each place anew, by the fit of most.
    places = _move(centres, matrix) - 0.5
    at = np.rint(places)
    known = np.abs(places - at).max(axis=1) <= OFF
    if known.sum() < WHOLE * len(boxes):
        return None
    first = at[known].min(axis=0)
    matrix[:2] -= first[:, None] * matrix[2]
    at -= first
    count = (at[known].max(axis=0) + 1).astype(int)
    side = np.median(np.linalg.norm(edges, axis=1), axis=0) * steps
    return matrix, count.tolist(), side


def _find_next(away: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Finds for each box the next one on, and how many sides away it is."""
    on = (np.abs(away[..., 1 - axis]) < OFF) & (away[..., axis] > LEAST)
    far = np.where(on, away[..., axis], np.inf)
    nearest = far.argmin(axis=1)
    found = np.flatnonzero(far.min(axis=1) < MOST)
    return (
        np.stack([found, nearest[found]], axis=1),
        far[found, nearest[found]],
    )


def _walk(beside, steps: np.ndarray, count: int) -> np.ndarray | None:
    """Counts columns and rows from box to box; -inf where none leads."""
    ways: list[list] = [[] for _ in range(count)]
    for axis, (pairs, far) in enumerate(beside):
        for (here, there), step in zip(
            pairs, np.rint(far / steps[axis]), strict=True
        ):
            move = step * np.eye(2)[axis]
            ways[here].append((there, move))
            ways[there].append((here, -move))
    at = np.full((count, 2), -np.inf)
    start = int(np.argmax([len(way) for way in ways]))
    at[start], open_ends = 0, [start]
    while open_ends:
        here = open_ends.pop()
        for there, move in ways[here]:
            if at[there, 0] == -np.inf:
                at[there] = at[here] + move
                open_ends.append(there)
    return at
