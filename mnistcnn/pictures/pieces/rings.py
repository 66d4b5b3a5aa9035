"""Rings drawn round numbers, and the digits that touch them."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.pieces.cutting import INK, Piece
from mnistcnn.pictures.shapes.components import find_components
from mnistcnn.pictures.shapes.ellipses import (
    FILLED,
    LEAST,
    fill,
    fill_ring,
    is_round,
    measure_depth,
    measure_pen,
)

SHORT = 0.25  # of a ring's height: shorter ink in it may be a point, or dirt
PALE = 0.6  # of the darkest ink: largest strength of a printed ring
WIDE, NOTCH = 1.1, 0.1  # times as wide as tall; of its height: deepest notch
HIGH = 0.5  # of a ring's height: that of its digits, if all touch it
TALL = 0.6  # of a line's height: shorter ink on a ring is the ring's own end
DEEP = 0.25  # of a line's height: how far a digit reaches inwards, at least
MOST = 0.25  # of a line's height: largest width of a pen


class Rings(NamedTuple):
    """Rings, as masks `(h, w)` uint8, 1 on them and on ink that touches them.

    Args:
        several: rings round several pieces of ink.
        pale: rings round one or several pieces, and paler than these.
    """

    several: npt.NDArray[np.uint8]
    pale: npt.NDArray[np.uint8]


def find_rings(
    strength: npt.NDArray[np.float32], floor: float, most: float
) -> Rings:
    """Finds rings round pieces of ink.

    Args:
        strength: `(h, w)`, how much each pixel differs from the paper.
        floor: the threshold of ink.
        most: the strength of the darkest ink.
    """
    mask = np.asarray(strength > floor, np.uint8)
    found = Rings(np.zeros_like(mask), np.zeros_like(mask))
    outlines, _ = cv2.findContours(
        mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    for outline in outlines:
        x, y, wide, tall = cv2.boundingRect(outline)
        hull = cv2.convexHull(outline)
        if min(wide, tall) < LEAST or not is_round(hull):
            continue
        window = np.s_[y : y + tall, x : x + wide]
        parts, _ = find_components(mask[window])
        own = parts == parts[tuple((outline[0, 0] - (x, y))[::-1])]
        depth = measure_depth(own)
        if np.count_nonzero(depth) < FILLED * cv2.contourArea(hull):
            continue
        apart, touching = _count_inside(mask[window], own, depth)
        if apart + touching > 1:
            found.several[window] |= own
        if apart and strength[window][own].max() < PALE * most:
            found.pale[window] |= own
    return found


def _count_inside(
    mask: np.ndarray, own: np.ndarray, depth: np.ndarray
) -> list[int]:
    """Counts digit-sized ink in a ring: separate from it, and touching it."""
    inner = depth > measure_pen(own, depth, MOST * len(own))
    found = []
    for part in (~own, own):
        _, stats = find_components(mask * (inner & part).astype(np.uint8))
        found.append(np.count_nonzero(stats[1:, 3] >= SHORT * len(own)))
    return found


def choose_inside(
    piece: Piece, boxes: npt.NDArray[np.integer]
) -> npt.NDArray[np.integer]:
    """Chooses the boxes, of `(n, 4)`, that a piece of ink encloses."""
    left, top, right, bottom = piece.box
    within = (boxes[:, :2] > (left, top)) & (boxes[:, 2:] < (right, bottom))
    boxes = boxes[within.all(1)]
    if not len(boxes):
        return boxes
    x, y = ((boxes[:, :2] + boxes[:, 2:]) // 2 - (left, top)).T
    mask = piece.ink >= INK
    return boxes[(fill_ring(mask) & ~mask)[y, x]]


def part_rings(
    pieces: Sequence[Piece],
) -> tuple[list[Piece], list[tuple[int, int, int, int]]]:
    """Separates rings from the numbers that they enclose.

    Args:
        pieces: connected ink.

    Returns:
        The other pieces, and ink of a digit's height that touches a ring from
        inside; and the boxes of the rings.

    Example:
        >>> ink = np.zeros((60, 90), np.uint8)
        >>> _ = cv2.ellipse(ink, (45, 30), (42, 28), 0, 0, 360, 255, 3)
        >>> ink[20:40, 75:88] = 255
        >>> two = [
        ...     Piece((x, 20, x + 8, 40), np.full((20, 8), 255, np.uint8), 0)
        ...     for x in (30, 50)
        ... ]
        >>> digits, rings = part_rings([Piece((0, 0, 90, 60), ink, 0), *two])
        >>> len(digits), digits[0].box[:2], rings
        (3, (74, 19), [(0, 0, 90, 60)])
    """
    boxes = np.array([piece.box for piece in pieces]).reshape(-1, 4)
    tall = boxes[:, 3] - boxes[:, 1]
    digits: list[Piece] = []
    rings = []
    for piece, own in zip(pieces, tall, strict=True):
        inside = choose_inside(piece, boxes[tall >= SHORT * own])
        line = np.median(inside[:, 3] - inside[:, 1]) if len(inside) else 0
        if not len(inside) and _is_ring(piece):  # all digits in it may touch it
            line = HIGH * own
        touching = _list_touching(piece, float(line)) if line else []
        if len(inside) + len(touching) < 2:  # a 0 may go round its slash
            digits.append(piece)
            continue
        rings.append(piece.box)
        digits += touching
    return digits, rings


def _is_ring(piece: Piece) -> bool:
    """Whether it is closed, round, and wide enough to enclose a number."""
    tall, wide = piece.ink.shape
    if wide < WIDE * tall:
        return False
    mask = piece.ink >= INK
    hull = cv2.convexHull(cv2.findNonZero(mask.astype(np.uint8)))
    if not is_round(hull):
        return False
    # Touching zeros are not one ellipse: they have notches in between.
    around = cv2.fillConvexPoly(np.zeros(mask.shape, np.uint8), hull, 1)
    deep = cv2.distanceTransform(np.pad(around, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    return bool(deep[~fill(mask)].max(initial=0) < NOTCH * tall)


def _list_touching(piece: Piece, line: float) -> list[Piece]:
    """Lists ink on a ring's inner side as tall as digits of a line."""
    mask = piece.ink >= INK
    depth = measure_depth(mask)
    pen = measure_pen(mask, depth, MOST * line)
    parts, stats = find_components((mask & (depth > pen)).astype(np.uint8))
    found = []
    for name in np.flatnonzero(stats[1:, 3] >= TALL * line) + 1:
        # Shallow ink is the ring itself, with overlapping ends or a wider pen.
        if depth[parts == name].max() < pen + DEEP * line:
            continue
        # The soft edge is below the threshold.
        part = cv2.dilate((parts == name).astype(np.uint8), np.ones((3, 3)))
        x, y, wide, tall = cv2.boundingRect(part)
        ink = np.asarray(piece.ink * part, np.uint8)[y : y + tall, x : x + wide]
        left, top = piece.box[0] + x, piece.box[1] + y
        box = (left, top, left + wide, top + tall)
        found.append(Piece(box, ink, piece.source))
    return found
