"""Scratching out: a stroke that goes to and fro over ink deletes it."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.ink.stroke import resample

SAMPLES = 32  # points to which a stroke is resampled
LEGS = 6  # to and fro, at least: an 8 in one stroke, with a flourish, has five
LEG = 0.4  # of the stroke's extent in that direction: less is a tremor
DIRECTIONS = 8  # in which legs are counted, over 180 degrees
COVERED = 0.5  # share of a digit's points that it has to cover


def is_scratch(points: npt.NDArray[np.floating]) -> bool:
    """Returns whether a stroke goes to and fro as if to scratch out.

    Args:
        points: `(n, 2)` x and y.

    Example:
        >>> x = np.array([0, 50, 5, 55, 10, 60, 15])
        >>> is_scratch(np.stack([x, np.arange(7.0)], axis=1))
        True
        >>> is_scratch(np.array([[0, 0], [40, 0], [10, 90]]))
        False
    """
    angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
    ways = np.stack([np.cos(angles), np.sin(angles)])
    return any(_count_legs(way) >= LEGS for way in (points @ ways).T)


def _count_legs(way: npt.NDArray[np.floating]) -> int:
    """Counts how often a path turns by a large part of its extent."""
    least = LEG * np.ptp(way)
    if least == 0:
        return 0
    legs, low, high, sign = 0, way[0], way[0], 0
    for value in way.tolist():
        low, high = min(low, value), max(high, value)
        # From the last turning point, the farthest that way, and back.
        if sign <= 0 and value - low >= least:
            legs, sign, high = legs + 1, 1, value
        elif sign >= 0 and high - value >= least:
            legs, sign, low = legs + 1, -1, value
    return legs


def find_scratched(
    scratch: npt.NDArray[np.floating],
    digits: Sequence[Sequence[npt.NDArray[np.floating]]],
    width: float,
) -> list[int]:
    """Finds the digits that a scratch goes over.

    Args:
        scratch: `(n, 2)` x and y.
        digits: of each its strokes, `(n, 2)`.
        width: the pen's; the scratch may miss a digit by this much on each
            side.

    Returns:
        The digits' indices, where most of their points lie in its box.

    Example:
        >>> bar = np.array([[5.0, 0.0], [5.0, 90.0]])
        >>> x = np.array([0, 50, 5, 55, 10, 60.0])
        >>> scratch = np.stack([x - 20, 16 * np.arange(6.0)], axis=1)
        >>> find_scratched(scratch, [[bar], [bar + 80]], 18)
        [0]
    """
    low, high = scratch.min(axis=0) - width, scratch.max(axis=0) + width
    found = []
    for index, strokes in enumerate(digits):
        # A straight line may have only two points.
        points = np.concatenate([resample(s, SAMPLES) for s in strokes])
        inside = ((points >= low) & (points <= high)).all(axis=1)
        if inside.mean() >= COVERED:
            found.append(index)
    return found
