"""`Sheet`: the ink of a picture, and where it was."""

import dataclasses
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.forms.grids import Cells
from mnistcnn.pictures.forms.places import move_points

Box = tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True)
class Sheet:
    """The ink of a sheet of paper, as if seen from above.

    Args:
        ink: `(h, w)` uint8, bright ink on black.
        cells: rows of the boxes of cells, in pixels of the ink; empty if there
            is no grid.
        matrix: `(3, 3)`, from the ink's pixels to the picture's.
        written: whether it is writing; else it is a photograph without writing.
        unread: the boxes of ink beside a grid, and of ink that was removed from
            its cells, in pixels of the picture.
        footed: as `ink`, with the lines that may be the feet of digits; `None`
            if there are none.
    """

    ink: npt.NDArray[np.uint8]
    cells: Cells
    matrix: npt.NDArray[np.floating]
    written: bool = True
    unread: tuple[Box, ...] = ()
    footed: npt.NDArray[np.uint8] | None = None

    def locate(self, box: Box) -> Box:
        """Maps a box to the picture: the box round its four mapped corners."""
        left, top, right, bottom = box
        corners = [[left, top], [right, top], [right, bottom], [left, bottom]]
        points = move_points(np.array(corners), self.matrix)
        return (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())

    def turn(self) -> "Sheet":
        """The same, turned to the left by 90 degrees."""
        wide = self.ink.shape[1]
        back = np.array([[0.0, -1, wide], [1, 0, 0], [0, 0, 1]])
        cells = tuple(
            tuple(
                (top, wide - right, bottom, wide - left)
                for left, top, right, bottom in column
            )
            for column in reversed(list(zip(*self.cells, strict=True)))
        )
        return dataclasses.replace(
            self,
            ink=np.ascontiguousarray(np.rot90(self.ink)),
            cells=cells,
            matrix=self.matrix @ back,
        )

    def fill_cells(
        self, boxes: Sequence[Box], labels: Sequence[str]
    ) -> tuple[tuple[str, ...], ...]:
        """Writes labels into the cells that their boxes are in.

        Args:
            boxes: in pixels of the picture.
            labels: of each.

        Returns:
            Rows of cells, "" for an empty one; `()` if there is no grid.
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


def _is_in(point: list[float], cell: Box) -> bool:
    x, y = point
    return cell[0] <= x < cell[2] and cell[1] <= y < cell[3]
