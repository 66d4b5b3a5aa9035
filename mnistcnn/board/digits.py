"""One digit on the board, and what is said of it, in words."""

import dataclasses

import numpy as np

from mnistcnn.ink import Stroke

NAMES = (
    *("Zero", "One", "Two", "Three", "Four"),
    *("Five", "Six", "Seven", "Eight", "Nine"),
)
UNSURE = "?"


@dataclasses.dataclass(frozen=True, eq=False)
class Opinion:
    """What one net says of a digit.

    Args:
        label: the class's name, "?" where the net is not sure.
        probability: of the most probable class, 0 to 1.
        probabilities: `(classes,)` float32.
        seconds: how long the net took.
        of: what was read, see `Digit.key`.
    """

    label: str
    probability: float
    probabilities: np.ndarray
    seconds: float
    of: tuple


@dataclasses.dataclass(frozen=True, eq=False)
class Digit:
    """One digit on the board; equal to itself alone.

    Args:
        strokes: its strokes.
        box: `(left, top, right, bottom)` of the pen's path.
        image: `(28, 28)` uint8, what a net sees.
        opinions: what each net says; None where it has said nothing. While a
            digit grows, of what it was a moment ago.
        given: what a person says that it is, if anybody did.
    """

    strokes: tuple[Stroke, ...]
    box: tuple[float, float, float, float]
    image: np.ndarray
    opinions: tuple[Opinion | None, ...] = (None,)
    given: str | None = None

    @property
    def key(self) -> tuple:
        """What its ink is: equal for the same ink, and for no other."""
        return tuple((s.number, len(s.points)) for s in self.strokes)

    @property
    def newest(self) -> int:
        """The number of the stroke that was drawn last."""
        return max(stroke.number for stroke in self.strokes)

    @property
    def reach(self) -> float:
        """How far the ink goes beyond the path: half of the widest pen."""
        return max(stroke.width for stroke in self.strokes) / 2

    @property
    def label(self) -> str | None:
        """What a person says, or else the first net; None before that."""
        if self.given is not None:
            return self.given
        return self.opinions[0].label if self.opinions[0] else None

    @property
    def name(self) -> str:
        """The label in words: "Seven", or "Not sure"."""
        return spell(self.label)

    def is_read(self, net: int) -> bool:
        """Returns whether a net has read it as it is now."""
        opinion = self.opinions[net]
        return opinion is not None and opinion.of == self.key


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
    if label == UNSURE:
        return "Not sure"
    if len(label) == 1 and label in "0123456789":
        return NAMES[int(label)]
    return label


def percent(probability: float) -> str:
    """Returns a probability in whole percent, at most 99: no net is certain.

    Example:
        >>> percent(0.127), percent(0.9999), percent(0.001)
        ('13 %', '99 %', '0 %')
    """
    if not 0.0 <= probability <= 1.0:
        return "?"
    return f"{min(100 * probability, 99):.0f} %"
