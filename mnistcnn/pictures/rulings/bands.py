"""Bands: masks of lines and boxes, drawn to take them out."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.shapes.boxes import Box, are_alike

SURE = 0.9  # of a box's outline: share on lines, if nothing touches its walls
CELLS = 4  # least number of boxes of similar size in a grid
CELL_ALIKE = 0.15  # how far a cell's sides may differ from the median
WALL = 0.12  # of a cell's shorter side: remnants of its wall are so near


class Line(NamedTuple):
    """A line across, as a curve.

    Args:
        start: its first column.
        middle: `(n,)` float, the row of its middle in each column.
        thick: pixels.
    """

    start: int
    middle: npt.NDArray[np.float64]
    thick: float

    @property
    def end(self) -> int:
        """The column after its last."""
        return self.start + len(self.middle)


def paint_lines(
    lines: list[Line], shape: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """Draws lines as bands a pixel wider than they are.

    Args:
        lines: across.
        shape: of the mask.

    Returns:
        `(h, w)` uint8, 1 on a line.
    """
    band = np.zeros(shape, np.uint8)
    for line in lines:
        columns = np.arange(line.start, line.end)
        half = line.thick / 2 + 1
        top = np.rint(line.middle - half)
        bottom = np.rint(line.middle + half)
        outline = np.concatenate(
            [
                np.stack([columns, top], 1),
                np.stack([columns, bottom], 1)[::-1],
            ]
        )
        cv2.fillPoly(band, [outline.astype(np.int32)], 1)
    return band


def paint_both(
    lines: list[list[Line]], shape: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """Draws lines as `paint_lines` does.

    Args:
        lines: across, and down (by columns in place of rows).
        shape: of the mask.
    """
    across, down = lines
    turned = paint_lines(down, (shape[1], shape[0])).T
    return paint_lines(across, shape) | turned


def paint_boxes(
    boxes: list[Box], shape: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """Draws the lines of boxes, a pixel wider than they are.

    Args:
        boxes: by their inner edges.
        shape: of the mask.

    Returns:
        `(h, w)` uint8, 1 on a line.
    """
    rings: np.ndarray = np.zeros(shape, np.uint8)
    # The largest first, since others may lie inside.
    for box in sorted(boxes, key=lambda box: -cv2.contourArea(box.hull)):
        wide = 2 * round(box.thick + 2) + 1
        cv2.polylines(rings, [box.hull], isClosed=True, color=1, thickness=wide)
        cv2.fillConvexPoly(rings, box.hull, 0)
        # The hull of a hole lies on the first pixel of the line.
        cv2.polylines(rings, [box.hull], isClosed=True, color=1, thickness=5)
    return rings


def paint_cells(
    boxes: list[Box], shape: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """Draws the insides of cells, where there are no lines of the paper.

    Args:
        boxes: by their inner edges; few boxes, or boxes of other sizes, do not
            count as cells.
        shape: of the mask.

    Returns:
        `(h, w)` uint8, 1 within a cell and not near its walls.
    """
    cells: np.ndarray = np.zeros(shape, np.uint8)
    if len(boxes) < CELLS:
        return cells
    usual = np.median([box.sides for box in boxes], axis=0)
    hulls = [
        box.hull
        for box in boxes
        if are_alike(np.array(box.sides), usual, CELL_ALIKE).all()
    ]
    for hull in hulls:
        cv2.fillConvexPoly(cells, hull, 1)
    # All hulls before all walls: a thin wall has cells on both sides.
    side = 2 * max(3, round(WALL * float(usual[0]))) + 1
    cv2.polylines(cells, hulls, isClosed=True, color=0, thickness=side)
    return cells


def is_lined(box: Box, lined: npt.NDArray[np.uint8], share: float) -> bool:
    """Whether the walls of a box are lines.

    Args:
        box: by its inner edge.
        lined: `(h, w)` uint8, 1 on lines.
        share: the least share of its outline on lines, if something touches the
            walls; else it is `SURE`.
    """
    return measure_lined(box, lined) > (SURE if box.solid else share)


def measure_lined(box: Box, lined: npt.NDArray[np.uint8]) -> float:
    """Measures how much of a box's outline is on lines, 0..1.

    Args:
        box: by its inner edge.
        lined: `(h, w)` uint8, 1 on lines.
    """
    left, top, wide, high = cv2.boundingRect(box.hull)
    outline = np.zeros((high, wide), np.uint8)
    cv2.polylines(outline, [box.hull - (left, top)], isClosed=True, color=1)
    own = lined[top : top + high, left : left + wide][outline > 0]
    return float(own.mean())
