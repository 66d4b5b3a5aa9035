"""`Reading`: one digit that was read, or a reading that is rejected."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn import figures, pages
from mnistcnn.pictures import Sheet

REJECTED = "?"  # the label of a rejected reading

Box = tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True, eq=False)
class Reading:
    """One digit that was read.

    Args:
        label: the class's name, or `"?"` where the reading is rejected.
        probability: of the likeliest class, 0..1.
        box: `(left, top, right, bottom)` in the units of what was read.
        probabilities: `(classes,)` float32.
    """

    label: str
    probability: float
    box: Box
    probabilities: npt.NDArray[np.float32]

    _repr_html_ = pages.cell("reading")


class Readings(list[Reading]):
    """What was read, in order; a notebook shows a table of it.

    `picture` is what was read with its boxes, where it is to be shown; `grid`
    has rows of cells, "" for an empty one, where the paper has boxes.
    """

    picture: "pages.Figure | None" = None
    grid: tuple[tuple[str, ...], ...] = ()
    _repr_html_ = pages.cell("readings")

    @property
    def text(self) -> str:
        """The labels, one after the other."""
        return "".join(reading.label for reading in self)

    def fill(self, sheet: Sheet) -> "Readings":
        """Takes the grid of the sheet that was read, if it has one."""
        boxes = [reading.box for reading in self]
        self.grid = sheet.fill_cells(boxes, [each.label for each in self])
        return self

    def lay_over(self, picture: npt.NDArray[np.uint8]) -> "Readings":
        """Takes the picture that was read, to be shown with its boxes."""
        boxes = [reading.box for reading in self]
        labels = [reading.label for reading in self]
        self.picture = pages.draw_figure(
            lambda path: figures.draw_boxes(picture, boxes, labels, path),
            "What was read",
        )
        return self


def choose_label(
    probabilities: npt.NDArray[np.float32],
    classes: Sequence[str],
    threshold: float,
) -> str:
    """Returns the likeliest class's name, or `REJECTED`.

    Args:
        probabilities: `(classes,)`, 0..1.
        classes: the classes' names; `""` is the rejection class.
        threshold: the probability, 0..1, below which a reading is rejected.

    Example:
        >>> choose_label(np.array([0.2, 0.8], np.float32), ("0", "1"), 0.5)
        '1'
    """
    best = int(np.argmax(probabilities))
    # Not "<": a probability that is no number is no certainty either.
    sure = probabilities[best] >= threshold
    return (classes[best] if sure else "") or REJECTED
