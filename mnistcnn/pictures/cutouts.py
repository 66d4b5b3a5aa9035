"""Cut-outs: one digit that fills its picture to all four borders.

There is little paper to see then, so neither light nor typical sizes can be
measured; which of two colours is the paper's, the borders say.
"""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.components import find_components
from mnistcnn.pictures.illumination import Marks
from mnistcnn.pictures.surfaces import (
    fit_surface,
    lay_surface,
    take_largest,
)
from mnistcnn.pictures.tones import split_colours

SMALL = 200  # pixels a side: enough to see a digit
MOST_INK, LEAST_INK = 0.7, 0.06  # of the picture
SCRAP, MOST_PAPERS = 0.01, 7  # of the picture; an 8 has two holes, four corners
CELL, MOST_CELLS = 0.001, 20  # of the picture; a puzzle has more
NEAR = 0.06  # of the longer side: how far from a border it may end
STROKE = 0.003  # of the picture: what may be a thin digit on a sheet
HOLE = 0.6  # of its hull that a digit's hole fills
THICK = 0.4  # of the longer side: what is thicker is no stroke
FULL_SIDE = 0.97  # of a border: along it lies a rest of a line, or a desk
# Of the picture, that is on a smooth surface, within so many grey levels; and
# how far light falls off: less is no lamp's.
LIT, SHADE, FALL = 0.85, 25, 0.8
OUTER, ALL_OUTER = 0.15, 0.9  # a frame is near the borders, and all of it


def cut_out(colours: npt.NDArray[np.uint8]) -> Marks | None:
    """Finds the ink of a digit that was cut out along its box.

    Args:
        colours: `(h, w, channels)` uint8.

    Returns:
        The marks; `None` where the picture is something else.

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
    if not _is_digit(ink) or _is_lit(small):
        return None
    along = cv2.transform(colours.astype(np.float32), axis[None])
    level = (small @ axis)[ink == 0]
    paper = float(np.median(level))
    noise = 1.4826 * float(np.median(np.abs(level - paper)))
    away = (paper - along) if bright_paper else (along - paper)
    return Marks(np.asarray(away, np.float32), noise)


def _is_lit(small: np.ndarray) -> bool:
    """Whether the two tones are one paper's, which a lamp lights unevenly."""
    level = lay_surface(fit_surface(small), *small.shape[:2])
    near = take_largest(np.abs(small - level)) < SHADE
    light = level.mean(axis=2)
    return bool(near.mean() > LIT and light.min() < FALL * light.max())


def _is_digit(ink: np.ndarray) -> bool:
    """Whether one stroke's ink reaches all four borders, and is no frame."""
    height, width = ink.shape
    if not LEAST_INK < ink.mean() < MOST_INK:
        return False
    sides = (ink[0], ink[-1], ink[:, 0], ink[:, -1])
    if max(side.mean() for side in sides) > FULL_SIDE:
        return False
    parts, stats = find_components(ink)
    largest = 1 + int(np.argmax(stats[1:, 4]))
    _, _, wide, high, area = stats[largest]
    near = 1 + round(NEAR * max(height, width))
    if wide < width - near or high < height - near or area < 0.8 * ink.sum():
        return False
    # Squared paper is cut into more.
    _, papers, about, _ = cv2.connectedComponentsWithStats(
        1 - ink, connectivity=4
    )
    for least, most in ((SCRAP, MOST_PAPERS), (CELL, MOST_CELLS)):
        if np.count_nonzero(about[1:, 4] > least * ink.size) > most:
            return False
    if any(
        _is_stroke(papers == hole, about[hole])
        for hole in range(1, len(about))
        if about[hole, 4] > STROKE * ink.size
    ):
        return False
    own = (parts == largest).astype(np.uint8)
    deep = cv2.distanceTransform(np.pad(own, 1), cv2.DIST_L2, 3).max()
    if 2 * deep > THICK * max(height, width):
        return False
    rows, columns = (max(1, round(OUTER * side)) for side in (height, width))
    inner = own[rows:-rows, columns:-columns]
    return bool(inner.sum() > (1 - ALL_OUTER) * area)


def _is_stroke(part: np.ndarray, about: np.ndarray) -> bool:
    """Whether what is closed in is no digit's hole: a stroke, on a sheet."""
    left, top, wide, high, area = about
    height, width = part.shape
    if left == 0 or top == 0 or left + wide == width or top + high == height:
        return False
    hull = cv2.convexHull(cv2.findNonZero(part.astype(np.uint8)))
    return bool(area < HOLE * cv2.contourArea(hull))
