"""A digit on the board: its ink, its predictions and its label."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.ink import Stroke
from mnistcnn.reading import REJECTED

NAMES = (
    *("Zero", "One", "Two", "Three", "Four"),
    *("Five", "Six", "Seven", "Eight", "Nine"),
)

# For each stroke of a digit: its number, its number of points, and, if it was
# cut because it connects several digits, which part.
Key = tuple[tuple[int, int, int], ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Prediction:
    """A network's prediction for a digit.

    Args:
        label: the class's name, "?" if the reading is rejected.
        probability: of the most probable class, 0 to 1.
        probabilities: `(classes,)` float32.
        seconds: how long the network took.
        of: the ink that was read, see `Digit.key`.
    """

    label: str
    probability: float
    probabilities: npt.NDArray[np.float32]
    seconds: float
    of: Key


@dataclasses.dataclass(frozen=True, eq=False)
class Digit:
    """One digit on the board; compared by identity.

    Args:
        strokes: its strokes.
        box: `(left, top, right, bottom)` of the pen's path.
        image: `(28, 28)` uint8, a network's input.
        predictions: each network's; None before there is one. While a digit
            grows, they are those of a moment ago.
        given: the label given by a person, if any.
        key: equal for the same ink only; by default that of whole strokes.
        line: the index of its line of writing, 0 for the top one.
    """

    strokes: tuple[Stroke, ...]
    box: tuple[float, float, float, float]
    image: npt.NDArray[np.uint8]
    predictions: tuple[Prediction | None, ...] = (None,)
    given: str | None = None
    key: Key = ()
    line: int = 0

    def __post_init__(self):
        if not self.key:
            whole = tuple((s.number, len(s.points), 0) for s in self.strokes)
            object.__setattr__(self, "key", whole)

    @property
    def newest(self) -> int:
        """The number of the stroke that was drawn last."""
        return max(stroke.number for stroke in self.strokes)

    @property
    def reach(self) -> float:
        """Half of the widest pen, by which ink exceeds the path."""
        return max(stroke.width for stroke in self.strokes) / 2

    @property
    def area(self) -> float:
        """The area of its box."""
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)

    @property
    def label(self) -> str | None:
        """The label of a person, else of the first network, else None."""
        if self.given is not None:
            return self.given
        first = self.predictions[0]
        return first.label if first else None

    @property
    def name(self) -> str:
        """The label in words: "Seven", or "Not sure"."""
        return spell(self.label)

    def is_at(self, x: float, y: float) -> bool:
        """Returns whether a point of the drawing is in its box."""
        left, top, right, bottom = self.box
        reach = self.reach
        across = left - reach <= x <= right + reach
        return across and top - reach <= y <= bottom + reach

    def say(self, network: int, prediction: Prediction | None) -> "Digit":
        """Returns the digit with a network's new prediction, if any."""
        if prediction is None:
            return self
        said = list(self.predictions)
        said[network] = prediction
        return dataclasses.replace(self, predictions=tuple(said))

    def is_read(self, network: int) -> bool:
        """Returns whether a network has read its current ink."""
        prediction = self.predictions[network]
        return prediction is not None and prediction.of == self.key


def spell(label: str | None) -> str:
    """Returns a label in words.

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
    if label == REJECTED:
        return "Not sure"
    if len(label) == 1 and label in "0123456789":
        return NAMES[int(label)]
    return label


def list_candidates(
    prediction: Prediction, classes: Sequence[str]
) -> list[tuple[str, float]]:
    """Lists alternatives for a digit, the likeliest first.

    Args:
        prediction: of a network.
        classes: its classes' names.

    Returns:
        The names and probabilities of the second and third likeliest class, and
        of the likeliest if it is rejected.
    """
    order = np.argsort(-prediction.probabilities, kind="stable")[:3]
    found = [
        (classes[int(i)] or REJECTED, float(prediction.probabilities[i]))
        for i in order
    ]
    return found if prediction.label == REJECTED else found[1:]


def percent(probability: float) -> str:
    """Returns a probability in whole percent, at most 99.

    Example:
        >>> percent(0.127), percent(0.9999), percent(0.001)
        ('13 %', '99 %', '0 %')
    """
    if not 0.0 <= probability <= 1.0:
        return "?"
    return f"{min(100 * probability, 99):.0f} %"
