"""`Reading`: one sign that was read; `Readings`: all of them, in order."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn import figures, pages
from mnistcnn.errors import DataError
from mnistcnn.pictures import Sheet

REJECTED = "?"  # the label of a rejected reading

Box = tuple[float, float, float, float]


@dataclasses.dataclass(frozen=True, eq=False)
class Reading:
    """One sign that was read.

    Args:
        label: the class's name, or `"?"` if the network is not sure, or if its
            shape says that it is not a digit, like a point or a bar.
        probability: of the likeliest class, 0..1.
        box: `(left, top, right, bottom)` in the units of what was read.
        probabilities: `(classes,)` float32.
        line: the index of its line of writing, 0 for the top one.
        strokes: the indices of its strokes, ascending; empty if a picture was
            read.
        image: `(28, 28)` uint8, the input of the network.

    Example:
        >>> reading = Reading("7", 0.5, (0, 0, 1, 1), np.zeros(10, np.float32))
        >>> reading  # doctest: +NORMALIZE_WHITESPACE
        Reading(label='7', probability=0.5, box=(0, 0, 1, 1), line=0,
                strokes=())
    """

    label: str
    probability: float
    box: Box
    probabilities: npt.NDArray[np.float32] = dataclasses.field(repr=False)
    line: int = 0
    strokes: tuple[int, ...] = ()
    image: npt.NDArray[np.uint8] | None = dataclasses.field(
        default=None, repr=False
    )

    _repr_html_ = pages.cell("reading")


class Readings(list[Reading]):
    r"""What was read: a list of readings, line by line, left to right.

    Args:
        readings: in reading order.
        specks: the boxes of ink that belongs to no reading: dirt, rings round
            digits in a picture, ink beside a grid's cells, a pen's ruling
            lines.
        grid: the text in each cell, row by row, `""` for an empty one, if the
            paper has a grid of cells.
        note: why nothing was read although there is ink.

    Example:
        >>> row = np.zeros(10, np.float32)
        >>> page = Readings(
        ...     Reading(label, 1.0, (0, 0, 1, 1), row, line)
        ...     for label, line in (("4", 0), ("2", 0), ("7", 1))
        ... )
        >>> page.text
        '42\n7'
    """

    # The picture with boxes, if a notebook is to show it.
    picture: "pages.Figure | None" = None
    _repr_html_ = pages.cell("readings")

    def __init__(
        self,
        readings: Iterable[Reading] = (),
        specks: Sequence[Box] = (),
        grid: Sequence[Sequence[str]] = (),
        note: str = "",
    ):
        super().__init__(readings)
        self.specks = tuple(specks)
        self.grid: tuple[tuple[str, ...], ...] = tuple(map(tuple, grid))
        self.note = note

    @property
    def text(self) -> str:
        """The labels, with a line break between lines."""
        lines: dict[int, str] = {}
        for reading in self:
            lines[reading.line] = lines.get(reading.line, "") + reading.label
        return "\n".join(lines.values())

    def move(self, locate: Callable[[Box], Box]) -> "Readings":
        """Returns a copy whose boxes are mapped by `locate`."""
        moved = (dataclasses.replace(r, box=locate(r.box)) for r in self)
        specks = [locate(box) for box in self.specks]
        return Readings(moved, specks, self.grid, self.note)

    def fill(self, sheet: Sheet) -> "Readings":
        """Fills in the grid of the sheet that was read, if it has one.

        The sheet's ink outside the cells is added to the specks.
        """
        self.specks = (*self.specks, *sheet.unread)
        boxes = [reading.box for reading in self]
        self.grid = sheet.fill_cells(boxes, [each.label for each in self])
        return self

    def lay_over(self, picture: npt.NDArray[np.uint8]) -> "Readings":
        """Keeps the picture that was read, to be shown with its boxes."""
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

    Raises:
        DataError: they are not one row.

    Example:
        >>> choose_label(np.array([0.2, 0.8], np.float32), ("0", "1"), 0.5)
        '1'
    """
    shape = np.shape(probabilities)
    if shape != (len(classes),):
        raise DataError(
            f"The probabilities are of shape {shape}. Expected one row, "
            f"({len(classes)},): decide(rows[0]), or predict for many images."
        )
    best = int(np.argmax(probabilities))
    # Not "<": NaN is rejected as well.
    sure = probabilities[best] >= threshold
    return (classes[best] if sure else "") or REJECTED
