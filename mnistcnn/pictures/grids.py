"""Grids: boxes in rows and columns, as of a form, a table or a puzzle."""

import itertools
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.boxes import Box
from mnistcnn.pictures.sheets import sort_corners, straighten

ALIKE = 0.35  # how far a cell's sides may be from the usual
WHOLE = 0.7  # of the cells have to be found; lines of the others are broken
MOST_CELLS = 900
INSIDE = 0.8  # of the ink: else it is a picture with boxes, not a grid
PARTIAL = 0.15  # of a cell: what is cut at the border
OFF = 0.3  # of a cell: how far a cell's centre may be from its place
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
    ink: npt.NDArray[np.uint8], boxes: list[Box], leaving: int
) -> Grid | None:
    """Finds the grid that boxes make.

    Args:
        ink: `(h, w)` uint8, without the boxes.
        boxes: that were round it.
        leaving: how many lines went from border to border.

    Returns:
        The grid; `None` where the boxes are none, or too few.
    """
    boxes = _choose_alike(boxes)
    if len(boxes) < 2:
        return None
    corners = _find_corners(boxes)
    if corners is None or (leaving > 2 and _sticks_out(ink, corners, boxes)):
        return None
    straight, matrix = straighten(ink, corners)
    hulls = [
        cv2.perspectiveTransform(box.hull.astype(np.float64), matrix)[:, 0]
        for box in boxes
    ]
    centres = np.array([(h.min(axis=0) + h.max(axis=0)) / 2 for h in hulls])
    sizes = np.median([np.ptp(h, axis=0) for h in hulls], axis=0)
    placed = [
        _place(centres[:, axis], sizes[axis], straight.shape[1 - axis])
        for axis in (0, 1)
    ]
    across, down = placed
    if across is None or down is None:
        return None
    (columns, at_column), (rows, at_row) = across, down
    count = (len(columns) - 1) * (len(rows) - 1)
    own = len(set(zip(at_row.tolist(), at_column.tolist(), strict=True)))
    if not 2 <= count <= MOST_CELLS or own < WHOLE * count:
        return None
    zoom = straight.size / max(1.0, cv2.contourArea(corners))
    if (straight > 0).sum() < INSIDE * zoom * (ink > 0).sum():
        return None
    cells = tuple(
        tuple(
            (left, top, right, bottom)
            for left, right in itertools.pairwise(columns)
        )
        for top, bottom in itertools.pairwise(rows)
    )
    return Grid(straight, cells, matrix)


def _sticks_out(ink, corners: np.ndarray, boxes: list[Box]) -> bool:
    """Whether there is more of a grid beyond its boxes: squared paper."""
    low, high = corners.min(axis=0), ink.shape[::-1] - corners.max(axis=0)
    return bool(max(*low, *high) > PARTIAL * boxes[0].sides[0])


def _choose_alike(boxes: list[Box]) -> list[Box]:
    """Chooses the boxes that are about as large as most are."""
    if not boxes:
        return []
    sides = np.array([box.sides for box in boxes])
    usual = np.median(sides, axis=0)
    away = np.abs(sides - usual).max(axis=1, initial=0)
    near = ALIKE * usual.min()
    return [box for box, far in zip(boxes, away, strict=True) if far <= near]


def _find_corners(boxes: list[Box]) -> np.ndarray | None:
    """Finds the corners of what the boxes fill together."""
    points = np.concatenate([box.hull for box in boxes])
    hull = cv2.convexHull(points)
    around = cv2.arcLength(hull, True)
    for share in (0.01, 0.02, 0.03, 0.05):
        found = cv2.approxPolyDP(hull, share * around, True)
        if len(found) == 4:
            corners = sort_corners(found.reshape(4, 2).astype(np.float32))
            full = cv2.contourArea(found) >= 0.9 * cv2.contourArea(hull)
            return corners if full else None
    return None


def _place(
    centres: np.ndarray, size: float, side: int
) -> tuple[list[float], np.ndarray] | None:
    """Finds the borders of rows, or columns, and which each box is in."""
    order = np.sort(centres)
    groups = np.split(order, np.flatnonzero(np.diff(order) > size / 2) + 1)
    middles = np.array([group.mean() for group in groups])
    if len(middles) == 1:
        return [0.0, float(side)], np.zeros(len(centres), int)
    step = float(np.median(np.diff(middles)))
    count = round((middles[-1] - middles[0]) / step) + 1
    step = (middles[-1] - middles[0]) / (count - 1)
    at = np.rint((centres - middles[0]) / step)
    if np.abs((centres - middles[0]) / step - at).max() > OFF:
        return None
    borders = middles[0] + step * (np.arange(count + 1) - 0.5)
    return borders.clip(0, side).tolist(), at.astype(int)
