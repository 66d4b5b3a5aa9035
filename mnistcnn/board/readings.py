"""The digits on the board, and what the net says of each.

A reading belongs to the strokes that were read: where they are still a digit
by themselves it stays, and only what changed is read again.
"""

import dataclasses

import numpy as np

from mnistcnn.board.reader import Answer, Reader
from mnistcnn.canvas import Canvas
from mnistcnn.grouping import MAX_STROKES
from mnistcnn.preprocessing import strokes_to_image

NAMES = (
    *("Zero", "One", "Two", "Three", "Four"),
    *("Five", "Six", "Seven", "Eight", "Nine"),
)
UNSURE = "?"


@dataclasses.dataclass(frozen=True, eq=False)
class Digit:
    """One digit on the board; equal to itself alone.

    Args:
        strokes: its strokes, each `(n, 2)` float32.
        box: `(left, top, right, bottom)` of the pen's path.
        image: `(28, 28)` uint8, what the net sees.
        label: the class's name, "?" where the net is not sure, None where
            it has not been read.
        probability: of the most probable class, 0 to 1.
        probabilities: `(classes,)` float32, None where it has not been read.
    """

    strokes: tuple[np.ndarray, ...]
    box: tuple[float, float, float, float]
    image: np.ndarray
    label: str | None = None
    probability: float = 0.0
    probabilities: np.ndarray | None = None

    @property
    def name(self) -> str:
        """The label in words: "Seven", or "Not sure"."""
        return spell(self.label)


class Readings:
    """Keeps the digits of a canvas read.

    Args:
        canvas: what is drawn.
        reader: who reads; asked only when there is something new to read.
    """

    def __init__(self, canvas: Canvas, reader: Reader):
        self.digits: list[Digit] = []
        self.seconds: float | None = None
        self._canvas = canvas
        self._reader = reader
        self._revision = canvas.revision
        self._asked: tuple[int, list[tuple]] = (0, [])

    @property
    def crowded(self) -> bool:
        """Whether there are too many strokes to be read as a number."""
        return len(self._canvas.strokes) > MAX_STROKES

    @property
    def latest(self) -> Digit | None:
        """The digit that was drawn or changed last."""
        strokes = self._canvas.strokes
        for digit in self.digits:
            if strokes and digit.strokes[-1] is strokes[-1]:
                return digit
        return self.digits[-1] if self.digits else None

    def update(self) -> None:
        """Take in an answer, and ask where the pen has left a change."""
        answer = self._reader.poll()
        if answer is not None:
            self._take(answer)
        if self._canvas.drawing or self._canvas.revision == self._revision:
            return
        self._revision = self._canvas.revision
        self._regroup()
        unread = [digit for digit in self.digits if digit.label is None]
        if unread:
            images = np.stack([digit.image for digit in unread])
            number = self._reader.ask(images)
            self._asked = (number, [_key(digit.strokes) for digit in unread])

    def _regroup(self):
        known = {_key(digit.strokes): digit for digit in self.digits}
        drawn = self._canvas.strokes
        self.digits = []
        if self.crowded:
            return
        for group in self._canvas.groups():
            strokes = tuple(drawn[i] for i in group.strokes)
            digit = known.get(_key(strokes)) or Digit(
                strokes, group.box, strokes_to_image(list(strokes))
            )
            self.digits.append(digit)

    def _take(self, answer: Answer):
        number, keys = self._asked
        if answer.request != number:
            return
        self.seconds = answer.seconds
        rows = dict(zip(keys, answer.probabilities, strict=True))
        net = self._reader.net
        self.digits = [
            _read(digit, rows.get(_key(digit.strokes)), net)
            for digit in self.digits
        ]


def spell(label: str | None) -> str:
    """Return a label in words.

    Args:
        label: a class's name, "?" or None.

    Returns:
        "Seven" for "7"; "Not sure" for "?"; other names as they are.

    Example:
        >>> spell("7"), spell("?"), spell("A")
        ('Seven', 'Not sure', 'A')
    """
    if label is None:
        return "Not read"
    if label == UNSURE:
        return "Not sure"
    if len(label) == 1 and label in "0123456789":
        return NAMES[int(label)]
    return label


def percent(probability: float) -> str:
    """Return a probability in whole percent, at most 99: no net is certain.

    Example:
        >>> percent(0.127), percent(0.9999), percent(0.001)
        ('13 %', '99 %', '0 %')
    """
    if not 0.0 <= probability <= 1.0:
        return "?"
    return f"{min(100 * probability, 99):.0f} %"


def _read(digit, row, net):
    if row is None:
        return digit
    best = int(np.argmax(row))
    probability = float(row[best])
    # Not "<": a probability that is no number is no certainty either.
    sure = probability >= net.threshold
    label = (net.classes[best] if sure else "") or UNSURE
    return dataclasses.replace(
        digit, label=label, probability=probability, probabilities=row
    )


def _key(strokes):
    # A digit keeps its strokes alive, so an id stays that stroke's.
    return tuple(map(id, strokes))
