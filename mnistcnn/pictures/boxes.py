"""Boxes: what is closed by straight lines, round a digit or round them all."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

SQUARE = 0.88  # of its rectangle that a box fills; a 0's ring fills 0.79
LEAST = 10  # pixels: the shorter side of a box
MOST = 4000  # holes that are looked at
INSIDE = 0.3  # of a box's shorter side: what is in it is this tall at least
RIM = 0.05  # of a box's shorter side: so near its line there may be rests
ALIKE = 0.25  # how far the sides of boxes of one kind may differ
AROUND = 1.5  # of a digit's size: an empty box that is larger is no digit


class Box(NamedTuple):
    """A box, by its inner edge.

    Args:
        hull: `(n, 1, 2)` int32, x and y.
        sides: the shorter and the longer, pixels.
        thick: its line, pixels.
        filled: whether there is ink inside.
    """

    hull: npt.NDArray[np.int32]
    sides: tuple[float, float]
    thick: float
    filled: bool


def find_boxes(mask: npt.NDArray[np.uint8]) -> list[Box]:
    """Finds holes in the ink whose hull is a quadrilateral.

    Args:
        mask: `(h, w)` uint8, 1 where there is ink.

    Returns:
        The boxes, with ink inside or without; a digit drawn with corners may
        be among those without.
    """
    contours, tree = cv2.findContours(
        mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE
    )
    if tree is None:
        return []
    holes = [c for c, t in zip(contours, tree[0], strict=True) if t[3] >= 0]
    found: list[Box] = []
    deep: np.ndarray | None = None
    for hole in holes[:MOST]:
        _, _, wide, high = cv2.boundingRect(hole)
        if min(wide, high) < LEAST:
            continue
        hull: np.ndarray = cv2.convexHull(hole)
        _, sides, _ = cv2.minAreaRect(hull)
        short, long = sorted(sides)
        if short < LEAST or cv2.contourArea(hull) < SQUARE * short * long:
            continue
        if deep is None:
            deep = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
            deep = cv2.dilate(deep, np.ones((9, 9), np.uint8))
        at = hole.reshape(-1, 2).astype(int)
        thick = 2 * float(np.median(deep[at[:, 1], at[:, 0]]))
        filled = _is_filled(mask, hull, short)
        found.append(Box(hull, (short, long), thick, filled))
    return found


def _is_filled(mask: np.ndarray, hull: np.ndarray, short: float) -> bool:
    """Whether there is ink inside that is as tall as a digit, and by itself."""
    left, top, wide, high = cv2.boundingRect(hull)
    inner: np.ndarray = np.zeros((high + 2, wide + 2), np.uint8)
    cv2.fillConvexPoly(inner, hull - (left - 1, top - 1), 1)
    side = 2 * max(2, round(RIM * short)) + 1
    inner = cv2.erode(inner, np.ones((side, side), np.uint8))
    rim = inner - cv2.erode(inner, np.ones((3, 3), np.uint8))
    inner[1:-1, 1:-1] &= mask[top : top + high, left : left + wide]
    inner[[0, -1]] = inner[:, [0, -1]] = 0
    _, parts, stats, _ = cv2.connectedComponentsWithStats(inner)
    # What reaches the rim may be a line that crosses a digit's ring.
    inside = np.ones(len(stats), bool)
    inside[np.unique(parts[rim > 0]).astype(int)] = inside[0] = False
    tall = stats[inside, 2:4].max(initial=0)
    return bool(tall >= INSIDE * min(short, 3 * LEAST))


def choose_boxes(boxes: list[Box], digit: float) -> list[Box]:
    """Chooses those that are no writing.

    Args:
        boxes: found in the ink.
        digit: a digit's size, pixels; 0 where it is not known.

    Returns:
        Those that hold ink, those of the same size, and large ones.
    """
    filled = [box for box in boxes if box.filled]
    return [
        box
        for box in boxes
        if box.filled
        or (digit and box.sides[0] > AROUND * digit)
        or any(_are_alike(box, other) for other in filled)
    ]


def _are_alike(box: Box, other: Box) -> bool:
    return all(
        abs(a - b) <= ALIKE * max(a, b)
        for a, b in zip(box.sides, other.sides, strict=True)
    )


def paint_boxes(
    boxes: list[Box], shape: tuple[int, int]
) -> npt.NDArray[np.uint8]:
    """Draws the lines of boxes, a pixel wider than they are.

    Args:
        boxes: by their inner edges.
        shape: of the mask.

    Returns:
        `(h, w)` uint8, 1 on a line.
    """
    inner: np.ndarray = np.zeros(shape, np.uint8)
    if not boxes:
        return inner
    for box in boxes:
        cv2.fillConvexPoly(inner, box.hull, 1)
    thick = max(box.thick for box in boxes)
    side = 2 * round(thick + 2) + 1
    outer = cv2.dilate(inner, np.ones((side, side), np.uint8))
    # The hull of a hole lies on the line's own first pixel.
    inner = cv2.erode(inner, np.ones((5, 5), np.uint8))
    return np.asarray(outer - inner, np.uint8)
