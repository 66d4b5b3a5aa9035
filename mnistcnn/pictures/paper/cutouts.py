"""Cut-outs: a digit, or a few in a row, that fill their picture.

So little paper is visible then that neither light nor typical sizes can be
measured; the borders show which of two colours is the paper's.
"""

import functools
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.illumination import Marks
from mnistcnn.pictures.light.tones import split_colours
from mnistcnn.pictures.light.twotones import (
    BLURRED,
    is_lit,
    is_plain,
    measure_blur,
)
from mnistcnn.pictures.shapes.components import find_components
from mnistcnn.pictures.shapes.enclosed import has_papers, is_written

SMALL = 200  # pixels a side: enough to see a digit
MOST_INK, LEAST_INK = 0.7, 0.06  # of the picture: share of ink
NEAR = 0.06  # of the longer side: largest distance of digits from the borders
TALL, MOST_DIGITS = 0.5, 6  # of the tallest: least height; number of digits
WIDEST = 1.6  # times as wide as tall: wider than a digit, or two that touch
# Of the walls' height: largest height of digits in a cell; least distance of
# walls without a digit; largest width of a wall.
LOWER, APART, NARROW = 0.78, 0.7, 0.15
BROAD, BROADEST = 0.1, 0.4  # of its longer side: width of a broad pen
FILLS, HALF = 0.5, 0.48  # of the picture's longer side, at least; most ink
MOST_OF_ROW, MOST_OF_ONE = 0.95, 0.8  # of the ink: least share of the digits
THICK = 0.4  # of the longer side: largest width of a stroke
FULL_SIDE = 0.97  # of a border: more ink is a remnant of a line, or a desk
OUTER, ALL_OUTER = 0.15, 0.9  # of a side: near a border; of a frame: so near


def cut_out(
    colours: npt.NDArray[np.uint8], *, blurred: bool = False
) -> Marks | None:
    """Finds the ink of a digit, or of a few in a row, that fill a picture.

    Args:
        colours: `(h, w, channels)` uint8.
        blurred: whether to accept only a blurred picture.

    Returns:
        The marks; `None` if the picture is something else.

    Example:
        >>> zero = np.zeros((40, 30), np.uint8)
        >>> zero = cv2.ellipse(zero, (15, 20), (12, 17), 0, 0, 360, 230, 5)
        >>> bool(cut_out(zero[..., None]).strength[20, 2] > 200)
        True
    """
    height, width = colours.shape[:2]
    scale = min(1, SMALL / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    small = cv2.resize(colours, size, interpolation=cv2.INTER_AREA)
    small = small.reshape(*size[::-1], -1).astype(np.float32)
    split = split_colours(small, between=1.0)
    if split is None:
        return None
    halves, axis = split
    border = np.concatenate(
        [halves[0], halves[-1], halves[1:-1, 0], halves[1:-1, -1]]
    )
    bright_paper = bool(border.mean() > 0.5)
    ink = 1 - halves if bright_paper else halves
    plain = functools.partial(is_plain, small, ink)
    if blurred and (measure_blur(small, ink) < BLURRED or not plain()):
        return None
    if not _are_digits(ink, plain) or is_lit(small):
        return None
    along = cv2.transform(colours.astype(np.float32), axis[None])
    level = (small @ axis)[ink == 0]
    paper = float(np.median(level))
    noise = 1.4826 * float(np.median(np.abs(level - paper)))
    away = (paper - along) if bright_paper else (along - paper)
    return Marks(np.asarray(away, np.float32), noise)


def _are_digits(ink: np.ndarray, plain: Callable[[], bool]) -> bool:
    """Whether the ink is a digit, or several in a row, and hardly more."""
    if not LEAST_INK < ink.mean() < MOST_INK:
        return False
    sides = (ink[0], ink[-1], ink[:, 0], ink[:, -1])
    if max(side.mean() for side in sides) > FULL_SIDE:
        return False
    parts, stats = find_components(ink)
    tall = 1 + np.flatnonzero(stats[1:, 3] >= TALL * stats[1:, 3].max())
    if len(tall) > MOST_DIGITS:
        return False
    own = np.isin(parts, tall).astype(np.uint8)
    boxes = stats[tall, :4]
    if len(tall) == 1:
        digits = _is_one(ink, own, boxes, plain)
    else:
        digits = _are_row(ink, own, boxes)
    return digits and not has_papers(ink)


def _are_row(ink: np.ndarray, own: np.ndarray, boxes: np.ndarray) -> bool:
    """Whether the ink is digits side by side that reach all four borders."""
    if own.sum() < MOST_OF_ROW * ink.sum() or not _reach(boxes, ink.shape):
        return False
    if _measure_pen(own) > THICK * len(ink) or _are_boxes(boxes):
        return False
    turned = boxes[:, [1, 0, 3, 2]]
    return not any(map(_are_walls, (boxes, turned), ink.shape))


def _is_one(
    ink: np.ndarray,
    own: np.ndarray,
    boxes: np.ndarray,
    plain: Callable[[], bool],
) -> bool:
    """Whether one digit fills its picture, or has plain paper round it."""
    pen = _measure_pen(own)
    if own.sum() < MOST_OF_ONE * ink.sum() or pen > THICK * max(ink.shape):
        return False
    if not _reach(boxes, ink.shape) and not (
        _is_alone(ink, boxes[0], pen) and plain()
    ):
        return False
    rows, columns = (max(1, round(OUTER * side)) for side in ink.shape)
    inner = own[rows:-rows, columns:-columns]
    framed = inner.sum() <= (1 - ALL_OUTER) * own.sum()
    return not framed and not is_written(own)


def _reach(boxes: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether the boxes together reach near all four borders."""
    long = (boxes[:, :2] + boxes[:, 2:]).max(axis=0) - boxes[:, :2].min(axis=0)
    least = np.array(shape[::-1]) - 1 - round(NEAR * max(shape))
    return bool((long >= least).all())


def _measure_pen(own: np.ndarray) -> float:
    """Measures the widest stroke, in pixels."""
    deep = cv2.distanceTransform(np.pad(own, 1), cv2.DIST_L2, 3)
    return 2 * float(deep.max())


def _is_alone(ink: np.ndarray, box: np.ndarray, pen: float) -> bool:
    """Whether it was drawn by a broad pen, with paper beside it."""
    long = box[2:].max()
    beside = not ink[:, [0, -1]].any()
    # With paper above and below as well, or filling the picture's height.
    free = not ink[[0, -1]].any() or box[3] >= (1 - NEAR) * len(ink) - 1
    broad = BROAD < pen / long < BROADEST
    fills = long > FILLS * max(ink.shape) and ink.mean() < HALF
    narrow = box[2] <= WIDEST * box[3]
    return bool(broad and fills and narrow and beside and free)


def _are_walls(boxes: np.ndarray, tall: int) -> bool:
    """Whether some boxes are a cell's walls, with a digit or a gap between."""
    narrow = boxes[:, 2] < NARROW * tall
    if narrow.all():
        left = np.sort(boxes[:, 0])
        return bool((np.diff(left) > APART * tall).any())
    top, bottom = boxes[:, 1], boxes[:, 1] + boxes[:, 3]
    walls = narrow & ((top == 0) | (bottom == tall))
    others = boxes[~walls]
    low, high = others[:, 1].min(), (others[:, 1] + others[:, 3]).max()
    return bool(walls.any() and high - low < LOWER * tall)


def _are_boxes(boxes: np.ndarray) -> bool:
    """Whether one of several pieces is wide, or lies within another."""
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    within = (low[:, None] >= low).all(2) & (high[:, None] <= high).all(2)
    wide = boxes[:, 2] > WIDEST * boxes[:, 3]
    return bool(wide.any() or within.sum() > len(boxes))
