"""What has been drawn: pen strokes, undo, and which strokes make a digit.

Nothing here knows a window, a net or a picture: a stroke is an array of
points, so boxes and labels that a window paints can never become ink.
"""

import array
import math
from dataclasses import dataclass

import numpy as np

from mnistcnn.grouping import bounding_box, group_strokes

__all__ = ["Canvas", "Group", "bounding_box", "group_strokes"]


@dataclass(frozen=True)
class Group:
    """The strokes that make one digit.

    Args:
        strokes: indices into `Canvas.strokes`, ascending.
        box: `(left, top, right, bottom)` of the pen's path, without the
            pen's width, in the units of the strokes.
    """

    strokes: tuple[int, ...]
    box: tuple[float, float, float, float]


class Canvas:
    """Pen strokes in the order in which they were drawn.

    `revision` grows with every change; `rewrites` only with those that take
    strokes away or bring them back, after which a painter starts afresh.

    Every method takes any order of calls: a move without a pen on the canvas,
    a second pen-down, or a coordinate that is no finite number does nothing
    worse than nothing.

    Example:
        >>> canvas = Canvas()
        >>> canvas.pen_down(10, 10)
        >>> canvas.pen_move(10, 60)
        >>> canvas.pen_up()
        >>> [stroke.shape for stroke in canvas.strokes]
        [(2, 2)]
        >>> canvas.undo()
        >>> canvas.strokes
        ()
    """

    def __init__(self):
        self.revision = 0
        self.rewrites = 0
        self._strokes: list[np.ndarray] = []
        self._live: array.array | None = None
        # An entry is what an undo takes back: one stroke, or the list that
        # a clear took away. Whole snapshots would grow with the square of
        # the strokes.
        self._done: list[np.ndarray | list[np.ndarray]] = []
        self._undone: list[np.ndarray | list[np.ndarray]] = []
        self._grouped: tuple[int, list[Group]] = (0, [])

    @property
    def strokes(self) -> tuple[np.ndarray, ...]:
        """The strokes, each `(n, 2)` float32 (x, y), the live one last."""
        if self._live is None:
            return tuple(self._strokes)
        return (*self._strokes, self._live_stroke())

    @property
    def drawing(self) -> bool:
        """Whether the pen is on the canvas."""
        return self._live is not None

    def groups(self) -> list[Group]:
        """Return the digits' strokes in reading order.

        Returns:
            One `Group` for each digit; see `group_strokes`.
        """
        if self._grouped[0] != self.revision:
            strokes = self.strokes
            groups = [
                Group(tuple(g), bounding_box([strokes[i] for i in g]))
                for g in group_strokes(strokes)
            ]
            self._grouped = (self.revision, groups)
        return list(self._grouped[1])

    def pen_down(self, x: float, y: float) -> None:
        """Begin a stroke, which is a dot until the pen moves."""
        # A button-up can be lost (another window took it): the old stroke
        # ends here, and no line joins it to the new one.
        self.pen_up()
        if math.isfinite(x) and math.isfinite(y):
            self._live = array.array("f", (x, y))
            self.revision += 1

    def pen_move(self, x: float, y: float) -> None:
        """Draw a line from the last point."""
        if self._live is None or not (math.isfinite(x) and math.isfinite(y)):
            return
        point = array.array("f", (x, y))
        if point != self._live[-2:]:
            self._live.extend(point)
            self.revision += 1

    def pen_up(self) -> None:
        """End the stroke."""
        if self._live is None:
            return
        stroke = self._live_stroke()
        self._live = None
        self._strokes.append(stroke)
        self._done.append(stroke)
        self._undone.clear()
        self.revision += 1

    def clear(self) -> None:
        """Take everything away; one undo brings it back."""
        self.pen_up()
        if self._strokes:
            self._done.append(self._strokes)
            self._strokes = []
            self._undone.clear()
            self._rewritten()

    def undo(self) -> None:
        """Take back the last stroke, or the last clear."""
        self.pen_up()
        if self._done:
            entry = self._done.pop()
            self._undone.append(entry)
            if isinstance(entry, list):
                self._strokes = list(entry)
            else:
                self._strokes.pop()
            self._rewritten()

    def redo(self) -> None:
        """Do again what an undo took back."""
        if self.drawing or not self._undone:
            return
        entry = self._undone.pop()
        self._done.append(entry)
        if isinstance(entry, list):
            self._strokes = []
        else:
            self._strokes.append(entry)
        self._rewritten()

    def _live_stroke(self):
        stroke = np.array(self._live, np.float32).reshape(-1, 2)
        stroke.flags.writeable = False
        return stroke

    def _rewritten(self):
        self.revision += 1
        self.rewrites += 1
