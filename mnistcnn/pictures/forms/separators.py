"""Separators: strokes between a form's boxes, as in a date, not 1s."""

import itertools
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.shapes.boxes import Box, are_alike
from mnistcnn.pictures.shapes.components import find_components

FEW, MOST = 4, 200  # boxes of one size in a form; more are squared paper
LEVEL = 0.25  # of a box's height: how much higher or lower the next may be
NARROW, WIDE = 0.1, 1.5  # of a box's width: gaps between groups of boxes
STRAIGHT = 0.3  # of its length: largest width of a stroke
SHORT = 0.35  # of a box's height: largest size of a dash or a point


def take_separators(
    ink: npt.NDArray[np.uint8], boxes: Sequence[Box]
) -> npt.NDArray[np.uint8] | None:
    """Takes the strokes and points between groups of boxes in a row.

    If anything else stands there, the boxes have labels beside them, which may
    be digits.

    Args:
        ink: `(h, w)` uint8, bright ink on black, without the boxes.
        boxes: boxes round digits.

    Returns:
        `(h, w)` uint8, the ink of the separators; `None` if there are none.
    """
    if not FEW <= len(boxes) <= MOST:
        return None
    sides = np.array([box.sides for box in boxes])
    alike = are_alike(sides, np.median(sides, axis=0)).all(axis=1)
    around = [cv2.boundingRect(box.hull) for box in boxes]
    around = list(itertools.compress(around, alike))
    if len(around) < FEW:
        return None
    parts, stats = find_components(ink)
    found = np.zeros(len(stats), bool)
    left, top, wide, high, _ = stats.T
    for x, y, width, height in around:
        start = x + width
        row = [b[0] for b in around if abs(b[1] - y) <= LEVEL * height]
        end = min((b for b in row if b > x + width / 2), default=start)
        if not NARROW * width < end - start < WIDE * width:
            continue
        between = (left >= start) & (left + wide <= end)
        between &= (top + high > y) & (top < y + height)
        between[0] = False
        for part in np.flatnonzero(between).tolist():
            if not _is_stroke(parts, part, stats[part], SHORT * height):
                return None
        found |= between
    return np.where(found[parts], ink, 0) if found.any() else None


def _is_stroke(parts, part: int, stats: np.ndarray, short: float) -> bool:
    """Whether a piece is straight, or no longer than a dash."""
    left, top, wide, high = stats[:4].tolist()
    own = parts[top : top + high, left : left + wide] == part
    points = cv2.findNonZero(own.astype(np.uint8))
    thin, long = sorted(cv2.minAreaRect(points)[1])
    return max(wide, high) <= short or thin + 1 <= STRAIGHT * (long + 1)
