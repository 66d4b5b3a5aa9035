"""Boxes: closed straight lines, round a digit or round all of them."""

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.shapes.components import find_components
from mnistcnn.pictures.shapes.quadrilaterals import SQUARE, measure_form

ROUNDED = 0.82  # of its rectangle, for a box with round corners and a digit
THICK = 40  # pixels: largest half thickness of a line
SOLID = 0.95  # of its hull that a box fills if nothing touches its line
LEAST = 10  # pixels: least length of the shorter side
MOST = 4000  # holes that are examined
INSIDE = 0.3  # of a box's shorter side: least height of a digit in it
RIM = 0.05  # of a box's shorter side: near its line there may be remnants
ALIKE = 0.25  # how far the sides of boxes of one kind may differ
MOST_WALLS = 1000  # boxes that are compared; more are squared paper
AROUND = 1.5  # of a digit's size: larger empty boxes are not digits


class Box(NamedTuple):
    """A box, by its inner edge.

    Args:
        hull: `(n, 1, 2)` int32, x and y.
        corners: `(4, 2)`, from the top left on, clockwise.
        sides: the shorter and the longer, pixels.
        thick: the thickness of its line, pixels.
        filled: whether there is ink inside.
        solid: whether nothing inside touches its line; otherwise the hull may
            cut a corner off.
    """

    hull: npt.NDArray[np.int32]
    corners: npt.NDArray[np.float32]
    sides: tuple[float, float]
    thick: float
    filled: bool
    solid: bool


def find_boxes(
    mask: npt.NDArray[np.uint8], faint: npt.NDArray[np.uint8]
) -> list[Box]:
    """Finds holes in the ink whose hull is a quadrilateral.

    Args:
        mask: `(h, w)` uint8, 1 where there is ink.
        faint: 1 where there is ink or a pale line; it closes boxes, but may
            join a digit to them.

    Returns:
        The boxes, filled or empty; a digit drawn with corners may be among the
        empty ones.
    """
    found = find_holes(faint, mask)
    known: np.ndarray = np.zeros(mask.shape, np.uint8)
    for box in found:
        cv2.fillConvexPoly(known, box.hull, 1)
    for box in find_holes(mask, mask):
        left, top, wide, high = cv2.boundingRect(box.hull)
        # Two boxes whose common line is too pale for ink are one in `mask`.
        if not known[_middle(top, high), _middle(left, wide)].any():
            found.append(box)
    return found


def _middle(start: int, long: int) -> slice:
    return slice(start + long // 4, start + long - long // 4)


def find_holes(
    mask: npt.NDArray[np.uint8], ink: npt.NDArray[np.uint8]
) -> list[Box]:
    """Finds the holes of a mask, `(h, w)`, that are boxes; `ink` is in them."""
    contours, tree = cv2.findContours(
        mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE
    )
    if tree is None:
        return []
    holes = [c for c, t in zip(contours, tree[0], strict=True) if t[3] >= 0]
    holes = [c for c in holes if min(cv2.boundingRect(c)[2:]) >= LEAST][:MOST]
    hulls = [cv2.convexHull(hole) for hole in holes]
    solid = [
        cv2.contourArea(hole) > SOLID * cv2.contourArea(hull)
        for hole, hull in zip(holes, hulls, strict=True)
    ]
    found: list[Box] = []
    forms: list[np.ndarray] = []
    deep: np.ndarray | None = None
    # A box that something touches from inside is recognized by the form of
    # others, so solid ones come first.
    for number in sorted(range(len(holes)), key=lambda k: not solid[k]):
        hole, hull = holes[number], np.asarray(hulls[number], np.int32)
        like = None if solid[number] else forms
        corners, (short, long), full = measure_form(hull, like)
        if short < LEAST or full < ROUNDED:
            continue
        tall = _measure_inside(ink, hull, short)
        # A zero is tall, and may have only a point inside.
        least = INSIDE * max(short, cv2.boundingRect(hull)[3])
        if full < SQUARE and tall < least:
            continue
        if deep is None:
            deep = _measure_lines(mask)
        at = hole.reshape(-1, 2).astype(int)
        # A low percentile, since the outline is thicker where lines meet or a
        # digit touches.
        thick = 2 * float(np.percentile(deep[at[:, 1], at[:, 0]], 30))
        filled = bool(tall >= INSIDE * min(short, 3 * LEAST))
        form = hull, corners, (short, long)
        found.append(Box(*form, thick, filled, solid[number]))
        forms.append(corners)
    return found


def _measure_lines(mask: np.ndarray) -> np.ndarray:
    """Measures half the thickness of the ink near each pixel."""
    deep = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    side = 2 * round(min(deep.max(), THICK)) + 3
    return cv2.dilate(deep, np.ones((side, side), np.uint8))


def _measure_inside(mask: np.ndarray, hull: np.ndarray, short: float) -> float:
    """Measures the longest side of isolated ink inside."""
    left, top, wide, high = cv2.boundingRect(hull)
    inner: np.ndarray = np.zeros((high + 2, wide + 2), np.uint8)
    cv2.fillConvexPoly(inner, hull - (left - 1, top - 1), 1)
    side = 2 * max(2, round(RIM * short)) + 1
    inner = cv2.erode(inner, np.ones((side, side), np.uint8))
    rim = inner - cv2.erode(inner, np.ones((3, 3), np.uint8))
    inner[1:-1, 1:-1] &= mask[top : top + high, left : left + wide]
    inner[[0, -1]] = inner[:, [0, -1]] = 0
    parts, stats = find_components(inner)
    # Ink that reaches the rim may be a line that crosses a digit's ring.
    inside = np.ones(len(stats), bool)
    inside[np.unique(parts[rim > 0]).astype(int)] = inside[0] = False
    return float(stats[inside, 2:4].max(initial=0))


def choose_boxes(boxes: list[Box], digit: float = 0.0) -> list[Box]:
    """Chooses the boxes that are not writing.

    Args:
        boxes: found in the ink.
        digit: a digit's size, pixels; 0 if it is unknown.

    Returns:
        Filled boxes, boxes of the same size as these, large ones, and those
        that share their walls.
    """
    if not boxes:
        return []
    sides = np.array([box.sides for box in boxes])
    filled = np.array([box.filled for box in boxes])
    chosen = filled | _share_walls(boxes)
    if digit:
        chosen |= sides[:, 0] > AROUND * digit
    for kind in np.unique(np.rint(sides[filled]), axis=0):
        chosen |= are_alike(sides, kind).all(axis=1)
    return [box for box, own in zip(boxes, chosen, strict=True) if own]


def are_alike(one: Any, other: Any, share: float = ALIKE) -> Any:
    """Whether lengths differ by at most a share of the longer one."""
    return np.abs(one - other) <= share * np.maximum(one, other)


def find_beside(boxes: list[Box]) -> npt.NDArray[np.bool_]:
    """Finds, for each box, those of similar size that share a wall with it.

    Args:
        boxes: by their inner edges, at most `MOST_WALLS`.

    Returns:
        `(n, n)`, true for itself as well.
    """
    sides = np.array([box.sides for box in boxes])
    rooms = np.array([cv2.boundingRect(box.hull) for box in boxes], float)
    low, high = rooms[:, :2], rooms[:, :2] + rooms[:, 2:]
    thick = np.array([[2 * box.thick + 3] for box in boxes])
    near = (low[:, None] < high + thick) & (high[:, None] > low - thick)
    near &= are_alike(sides[:, None], sides)
    return np.asarray(near.all(axis=2), bool)


def _share_walls(boxes: list[Box]) -> np.ndarray:
    """Whether each is in a group of three or more; an 8 has only two rings."""
    if len(boxes) > MOST_WALLS:
        return np.ones(len(boxes), bool)
    ways = find_beside(boxes).astype(np.float32)
    return (np.matmul(ways, ways) > 0).sum(axis=1) >= 3
