"""A stroke of ink: a pen's path, its width, and what a person calls it."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.ink.eraser import erase_path

PEN = 18.0  # the pen's width where none is given, in units of the strokes


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Stroke:
    """A pen's path, from pen-down to pen-up, or what an eraser left of it.

    Args:
        number: of this piece of ink, larger than those of older ones. A stroke
            keeps its number when its label changes.
        points: `(n, 2)` float32 (x, y), n at least 1, not to be written to.
        width: the pen's.
        box: `(left, top, right, bottom)` of the points.
        label: the digit that a person has labelled it as, if any.
        labelled: the canvas' revision in which it was labelled; 0 if it was
            not.
    """

    number: int
    points: npt.NDArray[np.float32]
    width: float
    box: tuple[float, float, float, float]
    label: str | None = None
    labelled: int = 0

    @classmethod
    def of(
        cls, number: int, points: npt.NDArray[np.float32], width: float
    ) -> "Stroke":
        """Makes a stroke without a label.

        Args:
            number: of this piece of ink.
            points: `(n, 2)` float32; write-protected from now on.
            width: the pen's.

        Returns:
            The stroke.
        """
        points.flags.writeable = False
        return cls(number, points, width, bounding_box([points]))

    def erase(
        self, sweep: tuple[tuple[float, float], ...], radius: float
    ) -> list["Stroke"] | None:
        """Finds what an eraser leaves of the stroke.

        Ink is erased as soon as the eraser touches its edge, which is half a
        pen's width from the path.

        Args:
            sweep: the eraser's last place and its new one.
            radius: the eraser's.

        Returns:
            The pieces, all with this stroke's number; `None` if the eraser does
            not touch it.
        """
        reach = radius + self.width / 2
        (x, y), (u, v) = sweep
        left, top, right, bottom = self.box
        if (
            max(x, u) < left - reach
            or min(x, u) > right + reach
            or max(y, v) < top - reach
            or min(y, v) > bottom + reach
        ):
            return None
        pieces = erase_path(self.points, np.array(sweep), reach)
        if pieces is None:
            return None
        made = [Stroke.of(self.number, piece, self.width) for piece in pieces]
        label, labelled = self.label, self.labelled
        return [
            dataclasses.replace(piece, label=label, labelled=labelled)
            for piece in made
        ]


def bounding_box(
    strokes: Sequence[npt.NDArray[np.floating]],
) -> tuple[float, float, float, float]:
    """Returns the box around strokes.

    Args:
        strokes: arrays `(n, 2)`, at least one point in all.

    Returns:
        `(left, top, right, bottom)` in the strokes' units.
    """
    points = np.concatenate(strokes)
    return (*points.min(0).tolist(), *points.max(0).tolist())


def are_finite(*numbers: float) -> bool:
    """Returns whether all numbers are finite: neither infinite nor NaN."""
    return all(map(math.isfinite, numbers))


def resample(
    stroke: npt.NDArray[np.floating], count: int
) -> npt.NDArray[np.float64]:
    """Returns points at equal steps along a stroke.

    Args:
        stroke: `(n, 2)`, n at least 1.
        count: of points; a stroke of length 0 yields one.

    Returns:
        `(count, 2)`, from its first point to its last.

    Example:
        >>> resample(np.array([[0.0, 0.0], [9.0, 0.0]]), 4)[:, 0].tolist()
        [0.0, 3.0, 6.0, 9.0]
    """
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0.0, along[-1], count if along[-1] else 1)
    return np.stack(
        [np.interp(wanted, along, stroke[:, k]) for k in (0, 1)], axis=1
    )
