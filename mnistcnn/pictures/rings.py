"""Rings round numbers: what is drawn round digits, and digits that touch it."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.components import find_components
from mnistcnn.pictures.cutting import INK, Piece

SHORT = 0.25  # of a ring's height: shorter ink in it may be a point's or dirt
LEAST = 20  # pixels: a ring round digits is no lower
UNEVEN = 0.15  # of its radius, that a ring's outline is from an ellipse
PALE = 0.6  # of the darkest ink: no part of a ring that is printed is darker
CLOSED = 0.6  # of what is as far inside: as much of it is the ring's pen
TALL = 0.6  # of a line's height: less that hangs on a ring is its own end
MOST = 0.25  # of a line's height: no pen is as wide


class Rings(NamedTuple):
    """Rings, as masks `(h, w)` uint8, 1 on them and what touches them.

    Args:
        several: that go round several pieces of ink.
        pale: that go round one or several, and are paler than these.
    """

    several: npt.NDArray[np.uint8]
    pale: npt.NDArray[np.uint8]


def find_rings(
    strength: npt.NDArray[np.float32], floor: float, most: float
) -> Rings:
    """Finds rings round pieces of ink.

    Args:
        strength: `(h, w)`, what departs from the paper.
        floor: from here on it is ink.
        most: what the darkest ink has.
    """
    mask = np.asarray(strength > floor, np.uint8)
    found = Rings(np.zeros_like(mask), np.zeros_like(mask))
    outlines, _ = cv2.findContours(
        mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    for outline in filter(_is_round, outlines):
        x, y, wide, tall = cv2.boundingRect(outline)
        window = np.s_[y : y + tall, x : x + wide]
        parts, stats = find_components(mask[window])
        own = parts[tuple((outline[0, 0] - (x, y))[::-1])]
        left, top, w, h, _ = stats.T
        middles = np.stack([x + left + w / 2, y + top + h / 2], axis=1)
        inside = [
            name
            for name in np.flatnonzero(h >= SHORT * tall)
            if name not in (0, own)  # paper, and itself
            and cv2.pointPolygonTest(outline, middles[name].tolist(), False) > 0
        ]
        if len(inside) > 1:
            found.several[window] |= parts == own
        if inside and strength[window][parts == own].max() < PALE * most:
            found.pale[window] |= parts == own
    return found


def _is_round(outline: np.ndarray) -> bool:
    """Whether it is an ellipse, of whatever slope, as tall as a number."""
    found = cv2.moments(outline)
    if not found["m00"] or min(cv2.minAreaRect(outline)[1]) < LEAST:
        return False
    spread = np.array([["mu20", "mu11"], ["mu11", "mu02"]])
    spread = np.vectorize(found.get)(spread) / found["m00"]
    middle = np.array([found["m10"], found["m01"]]) / found["m00"]
    points = outline[:, 0] - middle
    # Of an ellipse's outline 4 everywhere, of a rectangle's corners 6.
    away = ((points @ np.linalg.inv(spread)) * points).sum(axis=1)
    return bool(np.abs(np.sqrt(away / 4) - 1).max() < UNEVEN)


def choose_inside(
    piece: Piece, boxes: npt.NDArray[np.integer]
) -> npt.NDArray[np.integer]:
    """Those of some boxes, `(n, 4)`, that ink is closed round."""
    left, top, right, bottom = piece.box
    within = (boxes[:, :2] > (left, top)) & (boxes[:, 2:] < (right, bottom))
    boxes = boxes[within.all(1)]
    if not len(boxes):
        return boxes
    x, y = ((boxes[:, :2] + boxes[:, 2:]) // 2 - (left, top)).T
    mask = piece.ink >= INK
    return boxes[(_fill(mask) & ~mask)[y, x]]


def part_rings(
    pieces: Sequence[Piece],
) -> tuple[list[Piece], list[tuple[int, int, int, int]]]:
    """Takes rings off the numbers that they go round.

    Args:
        pieces: connected ink.

    Returns:
        The others, and what touches a ring from within and is as tall as a
        digit; and the boxes of the rings.

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
        touching = _list_touching(piece, float(line)) if line else []
        if len(inside) + len(touching) < 2:  # a 0 may go round its slash
            digits.append(piece)
            continue
        rings.append(piece.box)
        digits += touching
    return digits, rings


def _list_touching(piece: Piece, line: float) -> list[Piece]:
    """What hangs on a ring's inner side, of digits so many pixels tall."""
    mask = piece.ink >= INK
    inside = np.pad(_fill(mask).astype(np.uint8), 1)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[1:-1, 1:-1]
    inner = mask & (depth > _measure_pen(mask, depth, MOST * line))
    parts, stats = find_components(inner.astype(np.uint8))
    found = []
    for name in np.flatnonzero(stats[1:, 3] >= TALL * line) + 1:
        # The soft edge is below the threshold.
        part = cv2.dilate((parts == name).astype(np.uint8), np.ones((3, 3)))
        x, y, wide, tall = cv2.boundingRect(part)
        ink = np.asarray(piece.ink * part, np.uint8)[y : y + tall, x : x + wide]
        left, top = piece.box[0] + x, piece.box[1] + y
        box = (left, top, left + wide, top + tall)
        found.append(Piece(box, ink, piece.source))
    return found


def _measure_pen(mask: np.ndarray, depth: np.ndarray, most: float) -> int:
    """How many pixels from its outer side a ring is ink nearly all along."""
    pen = 1
    while pen < most:
        along = mask[(depth > pen) & (depth <= pen + 1)]
        if not along.size or along.mean() < CLOSED:
            break
        pen += 1
    return pen


def _fill(mask: np.ndarray) -> npt.NDArray[np.bool_]:
    """The mask, and all that it goes round."""
    paper = np.pad((~mask).astype(np.uint8), 1, constant_values=1)
    cv2.floodFill(paper, None, (0, 0), 0)
    return mask | (paper[1:-1, 1:-1] > 0)
