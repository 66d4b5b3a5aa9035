"""Cleaning: from a picture of any size to the ink of a straight sheet."""

import dataclasses
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.background import draw_out, find_ink, take_colours
from mnistcnn.pictures.cells import drop_rests
from mnistcnn.pictures.components import find_components
from mnistcnn.pictures.corners import straighten
from mnistcnn.pictures.cropping import pad_cropped
from mnistcnn.pictures.cutouts import cut_out
from mnistcnn.pictures.grids import Cells, find_grid
from mnistcnn.pictures.photographs import CUT_OUT, is_photograph
from mnistcnn.pictures.shadows import light_up
from mnistcnn.pictures.sheets import find_sheet

MOST_SIDE = 1600  # pixels: a page of handwriting is read at this size
PUZZLE = 4  # boxes: as many are a form's or a puzzle's, no photograph's
Box = tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A sheet of paper, looked at from above, of which the ink is left.

    Args:
        ink: `(h, w)` uint8, bright ink on black.
        cells: rows of the boxes of cells, in pixels of the ink; none where
            there is no grid.
        matrix: `(3, 3)`, from the ink's pixels to the picture's.
        written: whether it is writing; else it is a photograph of something.
        unread: the boxes of ink beside a grid, and of what was dropped from
            its cells, in pixels of the picture.
    """

    ink: npt.NDArray[np.uint8]
    cells: Cells
    matrix: npt.NDArray[np.floating]
    written: bool = True
    unread: tuple[Box, ...] = ()

    def locate(self, box: Box) -> Box:
        """Where in the picture a box is: the box round its four corners."""
        points = _move_corners(box, self.matrix)
        return (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())

    def fill_cells(
        self, boxes: Sequence[Box], labels: Sequence[str]
    ) -> tuple[tuple[str, ...], ...]:
        """Writes labels into the cells that their boxes are in.

        Args:
            boxes: in pixels of the picture.
            labels: of each.

        Returns:
            Rows of cells, "" for an empty one; `()` where there is no grid.
        """
        middles = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in boxes]
        if not self.cells or not middles:
            return tuple(tuple("" for _ in row) for row in self.cells)
        back = np.linalg.inv(self.matrix)
        points = cv2.perspectiveTransform(np.array([middles]), back)[0]
        found = sorted(zip(points.tolist(), labels, strict=True))
        return tuple(
            tuple(
                "".join(label for at, label in found if _is_in(at, cell))
                for cell in row
            )
            for row in self.cells
        )


def _move_corners(box: Box, matrix: np.ndarray) -> np.ndarray:
    left, top, right, bottom = box
    corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
    return cv2.perspectiveTransform(np.array([corners], np.float64), matrix)[0]


def _is_in(point: list[float], cell: Box) -> bool:
    x, y = point
    return cell[0] <= x < cell[2] and cell[1] <= y < cell[3]


def clean_picture(picture: npt.ArrayLike) -> Sheet:
    """Finds the sheet of paper in a picture, and its ink.

    A page whose four corners are seen is straightened; desk, shadows, rules,
    frames and boxes are left out.

    Args:
        picture: `(h, w)`, `(h, w, 3)` or `(h, w, 4)` uint8, the fourth channel
            alpha.

    Returns:
        The sheet; its ink is all 0 where the picture is blank.

    Raises:
        DataError: another shape or dtype.

    Example:
        >>> picture = np.full((90, 90), 250, np.uint8)
        >>> picture[20:70, 40:46] = 20
        >>> sheet = clean_picture(picture)
        >>> sheet.ink.shape, sheet.locate((40, 20, 46, 70))
        ((90, 90), (40.0, 20.0, 46.0, 70.0))
    """
    colours: np.ndarray = take_colours(picture)
    matrix: np.ndarray = np.eye(3)
    scale = MOST_SIDE / max(colours.shape[:2])
    if scale < 1:
        height, width = (max(1, round(s * scale)) for s in colours.shape[:2])
        matrix = np.diag(
            [width / colours.shape[1], height / colours.shape[0], 1.0]
        )
        colours = cv2.resize(
            colours, (width, height), interpolation=cv2.INTER_AREA
        )
        colours = colours.reshape(height, width, -1)
    colours, more = pad_cropped(colours)
    matrix = np.array([[1, 0, more], [0, 1, more], [0, 0, 1]]) @ matrix
    colours = light_up(colours)
    marks = cut_out(colours)
    if marks is not None:
        ink = draw_out(marks)
        written = not is_photograph(colours, ink, spread=CUT_OUT)
        return Sheet(ink, (), np.linalg.inv(matrix), written)
    place = find_sheet(colours)
    if place.corners is not None:
        colours, turned = straighten(colours, place.corners)
        colours, matrix = np.atleast_3d(colours), turned @ matrix
    if place.corners is not None or place.desk is not None:
        # Beside a desk a shadow is one of four tones, and is left till now.
        colours = light_up(colours, place.desk)
    found = find_ink(colours, place.desk)
    few = len(found.boxes) < PUZZLE
    if few and is_photograph(colours, found.ink, place.desk):
        return Sheet(found.ink, (), np.linalg.inv(matrix), written=False)
    grid = find_grid(found.ink, found.boxes, found.leaving)
    if grid is None:
        return Sheet(found.ink, (), np.linalg.inv(matrix))
    ink = drop_rests(grid.ink, grid.cells)
    page = Sheet(found.ink, (), np.linalg.inv(matrix))
    sheet = Sheet(ink, grid.cells, np.linalg.inv(grid.matrix @ matrix))
    beside = found.ink.copy()
    whole = _move_corners((0, 0, *ink.shape[::-1]), np.linalg.inv(grid.matrix))
    cv2.fillConvexPoly(beside, np.rint(whole).astype(int), 0)
    unread = [page.locate(box) for box in _list_pieces(beside)]
    unread += map(sheet.locate, _list_pieces(np.where(ink > 0, 0, grid.ink)))
    return dataclasses.replace(sheet, unread=tuple(unread))


def _list_pieces(ink: np.ndarray) -> list[Box]:
    """The boxes of pieces of ink, without what a pixel or two is wide."""
    mask = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    stats = find_components(mask)[1]
    return [
        (left, top, left + wide, top + high)
        for left, top, wide, high, _ in stats[1:].tolist()
    ]
