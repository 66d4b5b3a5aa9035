"""Fragments: parts of one block that a bright sign divides."""

import itertools

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.paper.corners import draw_edge
from mnistcnn.pictures.shapes.components import find_components

WHOLE = 0.88  # of its box that a block fills; a part cut off by a sign does not
DARK = 0.25  # of the borders: with more, it is a dark sheet without blocks
LARGE = 2  # stroke widths a side: smaller parts are where strokes meet
MOST = 60  # parts that are compared; plates and tiles do not have more


def join_fragments(
    inner: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8], stroke: int
) -> npt.NDArray[np.uint8]:
    """Joins parts that together form a block.

    A gap between two blocks goes straight from one side of both to the other; a
    sign ends before, or bends.

    Args:
        inner: `(h, w)` uint8, 1 well inside of blocks.
        other: 1 on all that differs from paper in colour.
        stroke: pixels, the largest width of a sign's stroke.

    Returns:
        `inner`, with the pixels between such parts.

    Example:
        >>> other = np.zeros((60, 60), np.uint8)
        >>> other[5:55, 5:55] = 1
        >>> other[27:32, 5:50] = 0  # a sign's strokes
        >>> other[14:27, 14:20] = other[14:27, 36:42] = 0
        >>> inner = cv2.morphologyEx(other, cv2.MORPH_OPEN, np.ones((9, 9)))
        >>> joined = join_fragments(inner, other, 7)
        >>> int(inner[29, 20]), int(joined[29, 20])
        (0, 1)
    """
    parts, stats = find_components(inner)
    count = len(stats)
    edge = other[draw_edge(other.shape) > 0]
    if not 2 < count <= MOST or edge.mean() > DARK:
        return inner
    whole = [_fills(parts, each, k) for k, each in enumerate(stats)]
    kernel = np.ones((stroke, stroke), np.uint8)
    joined = inner.copy()
    for one, two in itertools.combinations(range(1, count), 2):
        if min(whole[one], whole[two]) >= WHOLE:
            continue
        if min(stats[[one, two], 4]) < (LARGE * stroke) ** 2:
            continue
        box = _find_common(stats[one], stats[two], 2 * stroke)
        if box is None or not all(other[box].any(k).all() for k in (0, 1)):
            continue
        both = np.isin(parts, (one, two)).astype(np.uint8)
        hull = cv2.convexHull(cv2.findNonZero(both))
        own = np.zeros_like(both)
        cv2.fillConvexPoly(own, hull, 1)
        own[(parts > 0) & (both == 0)] = 0
        # A bay broader than a stroke is paper, as in a corner of cells.
        if not cv2.erode(own & ~other & 1, kernel).any():
            joined |= own
    return joined


def _fills(parts: np.ndarray, stats: np.ndarray, part: int) -> float:
    """The share of its box that a part fills, with its holes."""
    left, top, wide, high = stats[:4]
    own = (parts[top : top + high, left : left + wide] == part).astype(np.uint8)
    outlines, _ = cv2.findContours(
        own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    filled = cv2.drawContours(own, outlines, -1, 1, cv2.FILLED)
    return float(filled.mean())


def _find_common(one: np.ndarray, two: np.ndarray, apart: int):
    """The box round two parts; `None` if they are not neighbours."""
    boxes = np.stack([one[:4], two[:4]])
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    if (low.max(axis=0) - high.min(axis=0) > apart).any():
        return None
    (left, top), (right, bottom) = low.min(axis=0), high.max(axis=0)
    return np.s_[top:bottom, left:right]
