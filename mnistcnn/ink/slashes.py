"""Zeros with a slash or a bar through them, as some write them."""

import numpy as np

from mnistcnn.ink.overlay import overlay
from mnistcnn.ink.strokeset import StrokeSet

# Degrees by which a slash rises to the right: mean and standard deviation. A
# bar is level, and some are upright.
ANGLE = (40, 30)
LENGTH = (0.9, 2.2)  # times the digit's extent along the slash
ASIDE = 0.07  # of its size: standard deviation of its offset from the middle


def slash(digits: StrokeSet, rng: np.random.Generator) -> StrokeSet:
    """Draws a straight stroke through each digit, from side to side.

    Args:
        digits: `n` of them.
        rng: draws where, how steep and how long.

    Returns:
        The same, of one stroke more each.

    Example:
        >>> turn = np.linspace(0, 2 * np.pi, 30)
        >>> ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        >>> zero = StrokeSet.of([[ring]], ["0"], ["me"])
        >>> [len(s) for s in slash(zero, np.random.default_rng(0)).strokes(0)]
        [30, 2]
    """
    n = len(digits)
    low, high = digits.boxes().transpose(1, 0, 2)
    size = high - low
    middle = (low + high) / 2 + rng.normal(0, ASIDE, (n, 2)) * size
    angle = np.deg2rad(rng.normal(*ANGLE, n))
    way = np.stack([np.cos(angle), -np.sin(angle)], axis=1)
    reach = rng.uniform(*LENGTH, n) * np.linalg.norm(size * way, axis=1) / 2
    ends = reach[:, None, None] * np.array([[-1], [1]]) * way[:, None]
    strokes = StrokeSet(
        (middle[:, None] + ends).reshape(-1, 2).astype(np.float32),
        np.arange(n + 1) * 2,
        np.arange(n + 1),
        digits.labels,
        digits.writers,
    )
    return overlay(digits, strokes)
