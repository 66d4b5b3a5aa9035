"""`Reading`: one digit that was read, or a reading that is rejected."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

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
