"""Brackets round a number: each looks like a 1, both are no digits."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.reading.looks import Look
from mnistcnn.reading.segmentation import Sign

INK = 64  # grey level, 0 to 255: from here on it is ink
# Of its height, that a bracket is bent, and wide at most; and how much taller
# than what is between it is.
BENT, NARROW, TALLER = 0.045, 0.5, 1.05


def drop_brackets(
    signs: Sequence[Sign], looks: Sequence[Look], classes: Sequence[str]
) -> list[Sign]:
    """Takes brackets for no digits: a pair that bends away from each other.

    Args:
        signs: lines from the top, left to right in each.
        looks: of what is proposed, images and probabilities.
        classes: the network's.

    Returns:
        The signs, brackets as none.
    """
    bent = [
        measure_bend(looks[sign.place][0])
        if _is_one(sign, looks, classes)
        else 0
        for sign in signs
    ]
    tall = [sign.box[3] - sign.box[1] for sign in signs]
    found, first = set(), None
    for k, sign in enumerate(signs):
        if first is not None and sign.line != signs[first].line:
            first = None
        if bent[k] > BENT:
            first = k
        elif bent[k] < -BENT and first is not None and k > first + 1:
            most = TALLER * max(tall[first + 1 : k])
            if min(tall[first], tall[k]) >= most:
                found |= {first, k}
            first = None
    return [
        dataclasses.replace(sign, is_digit=False) if k in found else sign
        for k, sign in enumerate(signs)
    ]


def _is_one(sign, looks, classes) -> bool:
    left, top, right, bottom = sign.box
    narrow = right - left <= NARROW * (bottom - top)
    label = classes[int(looks[sign.place][1].argmax())]
    return sign.is_digit and narrow and label == "1"


def measure_bend(image: npt.NDArray[np.uint8]) -> float:
    """Measures how far a stroke from top to bottom bends to the left.

    Args:
        image: `(28, 28)` uint8, bright ink on black.

    Returns:
        In units of its height, from the middle to the chord, by the parabola
        that fits best; below 0 where it bends to the right.

    Example:
        >>> image = np.zeros((28, 28), np.uint8)
        >>> image[4:24, 14] = 255
        >>> abs(measure_bend(image)) < 1e-9
        True
        >>> image[10:18] = np.roll(image[10:18], -3, axis=1)
        >>> round(measure_bend(image), 2)
        0.17
    """
    rows = np.flatnonzero(image.max(axis=1) >= INK)
    if not len(rows):
        return 0.0
    ink = image[rows[0] : rows[-1] + 1].astype(np.float64)
    x = ink @ np.arange(image.shape[1]) / np.maximum(ink.sum(axis=1), 1)
    square = np.linspace(-1, 1, len(x)) ** 2
    square -= square.mean()
    return float(square @ x / max(square @ square, 1e-12) / len(x))
