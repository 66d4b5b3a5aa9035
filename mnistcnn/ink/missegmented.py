"""Results of wrong segmentation: fragments of digits, and pairs."""

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.ink.overlay import overlay
from mnistcnn.ink.strokeset import StrokeSet

# A part with a larger share of its ink is still that digit: a 7 without its
# bar, say. A 4 without its stem is not a digit.
MOST_INK = {"4": 0.7}
MOST_INK_OF_OTHERS = 0.45
LEAST_INK = 0.05  # share of a digit's ink: less is a slip of the pen
# A stroke is a 1, not a fragment, if the distance of its ends is more than this
# share of its length and it is steeper than this; it is a 0 if they are so
# near.
STRAIGHT = 0.8
STEEP = 1.2  # height by width, some 50 degrees
CLOSED = 0.25


def find_fragments(digits: StrokeSet) -> StrokeSet:
    """Finds single strokes of digits that have several.

    Those that a person could take for a digit are left out: most of a digit,
    a straight and steep line (1), a closed one (0).

    Args:
        digits: complete digits.

    Returns:
        The remaining strokes, each a character of its own, labelled `""`.
    """
    steps = np.linalg.norm(np.diff(digits.points, axis=0), axis=1)
    steps = np.append(steps, 0)
    steps[digits.stroke_start[1:] - 1] = 0  # from a stroke to the next
    lengths = np.add.reduceat(steps, digits.stroke_start[:-1])
    counts = np.diff(digits.sample_start)
    whole = np.add.reduceat(lengths, digits.sample_start[:-1])
    first = digits.points[digits.stroke_start[:-1]]
    last = digits.points[digits.stroke_start[1:] - 1]
    wide, high = np.abs(last - first).T
    ends = np.hypot(wide, high) / np.maximum(lengths, 1e-9)
    most = [MOST_INK.get(v, MOST_INK_OF_OTHERS) for v in digits.labels]
    part = lengths / np.maximum(np.repeat(whole, counts), 1e-9)
    chosen = (part > LEAST_INK) & (part < np.repeat(most, counts))
    chosen &= ~((ends > STRAIGHT) & (high > STEEP * wide)) & (ends > CLOSED)
    chosen &= np.repeat(counts, counts) > 1
    single = StrokeSet(
        digits.points,
        digits.stroke_start,
        np.arange(len(lengths) + 1),
        np.full(len(lengths), ""),
        np.repeat(digits.writers, counts),
    )
    return single.take(chosen)


def pair(
    left: StrokeSet, right: StrokeSet, gaps: npt.NDArray[np.floating[Any]]
) -> StrokeSet:
    """Puts characters side by side, on one line and of one height.

    Args:
        left: `n` characters.
        right: as many.
        gaps: `(n,)`, between their boxes, in heights; below 0 they overlap.

    Returns:
        `n` pairs; their labels are `""`.
    """
    parts = [_set_height(part) for part in (left, right)]
    ends = [part.boxes()[:, 1, 0] for part in parts]
    shift = np.repeat(ends[0] + gaps, np.diff(parts[1].point_start))
    moved = parts[1].points + np.stack([shift, 0 * shift], axis=1)
    parts[1] = dataclasses.replace(parts[1], points=moved.astype(np.float32))
    both = overlay(*parts)
    return dataclasses.replace(both, labels=np.full(len(left), ""), sources=())


def _set_height(characters: StrokeSet) -> StrokeSet:
    """Moves each to the origin and makes it one unit high (or wide)."""
    low, high = characters.boxes().transpose(1, 0, 2)
    size = np.maximum(np.max(high - low, axis=1), 1e-9)
    counts = np.diff(characters.point_start)
    points = characters.points - np.repeat(low, counts, axis=0)
    points /= np.repeat(size, counts)[:, None]
    return dataclasses.replace(characters, points=points.astype(np.float32))
