"""The demo: the generator of handwriting draws one digit per cell."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.board.paper import SIZE
from mnistcnn.ink import PEN, Canvas, Stroke, draw_digit

COLUMNS, ROWS = 5, 2
CELL = (SIZE[0] / COLUMNS, SIZE[1] / ROWS)
CELLS = COLUMNS * ROWS
INNER = (100, 170)  # a digit's largest width and height, with room for a name
SECONDS = 0.9  # for a digit
PAUSE = 0.5  # between two


def write_digit(
    label: int, cell: int, rng: np.random.Generator
) -> list[npt.NDArray[np.float64]]:
    """Writes a digit in the middle of a cell of the paper.

    Args:
        label: 0 to 9.
        cell: 0 to `CELLS` - 1, from the left, then from the top.
        rng: where every choice comes from.

    Returns:
        Its strokes, each `(n, 2)` float64, in the drawing's units.
    """
    strokes = draw_digit(label, rng)
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    scale = min(np.array(INNER) / np.maximum(high - low, 1e-6))
    row, column = divmod(cell, COLUMNS)
    middle = (np.array([column, row]) + 0.5) * CELL
    return [(s - (low + high) / 2) * scale + middle for s in strokes]


def free_cell(ink: Sequence[Stroke]) -> int | None:
    """Returns the first empty cell, if any."""
    reach = PEN / 2
    for cell in range(CELLS):
        row, column = divmod(cell, COLUMNS)
        left, top = column * CELL[0], row * CELL[1]
        right, bottom = left + CELL[0], top + CELL[1]
        if all(
            box[0] > right + reach
            or box[2] < left - reach
            or box[1] > bottom + reach
            or box[3] < top - reach
            for box in (stroke.box for stroke in ink)
        ):
            return cell
    return None


class Demo:
    """A demo that draws digit after digit, as fast as a hand does.

    Args:
        canvas: what is drawn on.
        rng: where every choice comes from.
    """

    def __init__(self, canvas: Canvas, rng: np.random.Generator):
        self._canvas = canvas
        self._rng = rng
        self._strokes: list[npt.NDArray[np.float64]] = []
        self._points = 0.0  # points due since the last call
        self._speed = 0.0  # points a second

    def advance(self, seconds: float) -> bool:
        """Draws as much as a hand would in some seconds.

        Returns:
            Whether there is still an empty cell.
        """
        if not self._strokes:
            cell = free_cell(self._canvas.ink)
            if cell is None:
                return False
            label = int(self._rng.integers(10))
            self._strokes = write_digit(label, cell, self._rng)
            count = sum(map(len, self._strokes))
            self._speed = count / SECONDS
            self._points = 0.0
        self._points += self._speed * min(max(seconds, 0.0), SECONDS)
        while self._strokes and self._points >= 1:
            self._draw_point()
        return True

    def stop(self) -> None:
        """Lifts the pen."""
        self._canvas.pen_up()

    def _draw_point(self):
        stroke = self._strokes[0]
        self._points -= 1
        if self._canvas.drawing:
            self._canvas.pen_move(*stroke[0])
        else:
            self._canvas.pen_down(*stroke[0])
        self._strokes[0] = stroke[1:]
        if len(self._strokes[0]):
            return
        self._canvas.pen_up()
        del self._strokes[0]
        if not self._strokes:
            self._points = -PAUSE * self._speed
