"""The canvas: what pen and eraser have drawn, its labels and its undo.

Nothing here knows pygame, a network or a picture: a stroke is an array of
points, so boxes and labels that a window paints can never become ink.
"""

import array
import dataclasses
from collections.abc import Iterable
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

from mnistcnn.ink.edits import History, find_edit
from mnistcnn.ink.stroke import PEN, Stroke, are_finite

Point = tuple[float, float]


class Canvas:
    """Pen strokes in the order in which they were drawn.

    `revision` grows with every change.

    Methods may be called in any order: a move without a pen on the canvas, a
    second pen-down, or a coordinate that is not finite is harmless. One tool is
    on the canvas at a time: putting the pen down lifts the eraser, and the
    other way round.

    Example:
        >>> canvas = Canvas()
        >>> canvas.pen_down(10, 10)
        >>> canvas.pen_move(10, 60)
        >>> canvas.pen_up()
        >>> [stroke.points.shape for stroke in canvas.ink]
        [(2, 2)]
        >>> canvas.undo()
        >>> canvas.ink
        ()
    """

    def __init__(self):
        self.revision: int = 0
        self._history = History([])
        self._numbers = 0
        self._live: array.array | None = None
        self._width = PEN
        # Where the eraser is, its radius, and what was there before.
        self._eraser: tuple[Point, float, list[Stroke]] | None = None
        self._seen: tuple[int, tuple[Stroke, ...]] = (0, ())

    @property
    def ink(self) -> tuple[Stroke, ...]:
        """The strokes, the one that is being drawn last."""
        if self._seen[0] != self.revision:
            live = () if self._live is None else (self._live_stroke(),)
            self._seen = (self.revision, (*self._strokes, *live))
        return self._seen[1]

    @property
    def strokes(self) -> tuple[npt.NDArray[np.float32], ...]:
        """The points of each stroke, in the order in which they were drawn."""
        return tuple(stroke.points for stroke in self.ink)

    @property
    def drawing(self) -> bool:
        """Whether the pen is on the canvas."""
        return self._live is not None

    @property
    def erasing(self) -> bool:
        """Whether the eraser is on the canvas."""
        return self._eraser is not None

    @property
    def _strokes(self) -> list[Stroke]:
        return self._history.items

    def pen_down(self, x: float, y: float, width: float = PEN) -> None:
        """Begins a stroke, which is a dot until the pen moves.

        Args:
            x: to the right.
            y: down.
            width: the pen's; nothing is drawn unless it is positive and finite.
        """
        # A button-up event can be lost (to another window): then the old stroke
        # ends here, and no line joins it to the new one.
        self.pen_up()
        if are_finite(x, y, width) and width > 0:
            self._live = array.array("f", (x, y))
            self._width = width
            self._numbers += 1
            self.revision += 1

    def pen_move(self, x: float, y: float) -> None:
        """Draws a line from the last point."""
        if self._live is None or not are_finite(x, y):
            return
        point = array.array("f", (x, y))
        if point != self._live[-2:]:
            self._live.extend(point)
            self.revision += 1

    def eraser_down(self, x: float, y: float, radius: float) -> None:
        """Erases the ink that comes within `radius`.

        Args:
            x: to the right.
            y: down.
            radius: the eraser's; nothing happens unless it is positive and
                finite.
        """
        self.pen_up()
        if are_finite(x, y, radius) and radius > 0:
            self._erase(((x, y), radius, list(self._strokes)), (x, y))

    def eraser_move(self, x: float, y: float) -> None:
        """Erases along the line from the last place."""
        if self._eraser is not None and are_finite(x, y):
            self._erase(self._eraser, (x, y))

    def pen_up(self) -> None:
        """Lifts the pen or the eraser; one undo takes back what it did."""
        if self._live is not None:
            stroke = self._live_stroke()
            self._live = None
            self._make(((len(self._strokes), (), (stroke,)),))
        if self._eraser is not None:
            before = self._eraser[2]
            self._eraser = None
            if edit := find_edit(before, self._strokes):
                self._history.record(edit)

    def label(self, numbers: Iterable[int], label: str | None) -> None:
        """Labels some strokes with their digit.

        Args:
            numbers: the strokes' numbers; unknown ones are ignored.
            label: the digit's name, None to take a label away.
        """
        self.pen_up()
        numbers, labelled = set(numbers), self.revision + 1
        self.replace(
            dataclasses.replace(s, label=label, labelled=labelled)
            if s.number in numbers
            else s
            for s in self._strokes
        )

    def clear(self) -> None:
        """Removes all strokes; one undo brings them back."""
        self.replace(())

    def replace(self, strokes: Iterable[Stroke]) -> None:
        """Replaces all strokes; one undo brings the old ones back.

        Args:
            strokes: the new contents, which may include present strokes; a
                stroke whose number is 0 is given one.
        """
        self.pen_up()
        new = [s if s.number else self._number([s])[0] for s in strokes]
        if edit := find_edit(self._strokes, new):
            self._make(edit)

    def undo(self) -> None:
        """Takes back the last stroke, erasure, label or clear."""
        self.pen_up()
        if self._history.undo():
            self.revision += 1

    def redo(self) -> None:
        """Repeats what an undo took back."""
        if not (self.drawing or self.erasing) and self._history.redo():
            self.revision += 1

    def _make(self, edit):
        self._history.make(edit)
        self.revision += 1

    def _erase(self, eraser: tuple[Point, float, list[Stroke]], spot: Point):
        last, radius, before = eraser
        self._eraser = (spot, radius, before)
        left = []
        for stroke in self._strokes:
            pieces = stroke.erase((last, spot), radius)
            left += [stroke] if pieces is None else self._number(pieces)
        if any(s is not t for s, t in zip_longest(left, self._strokes)):
            self._strokes[:] = left
            self.revision += 1

    def _number(self, pieces):
        first = self._numbers + 1
        self._numbers += len(pieces)
        return [
            dataclasses.replace(piece, number=number)
            for number, piece in enumerate(pieces, first)
        ]

    def _live_stroke(self):
        points = np.array(self._live, np.float32).reshape(-1, 2)
        return Stroke.of(self._numbers, points, self._width)
