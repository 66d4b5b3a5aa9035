"""Sheets: where paper ends and a desk begins; pages seen at an angle."""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.surfaces import (
    fit_surface,
    lay_surface,
    take_few,
    take_largest,
)
from mnistcnn.pictures.light.tones import APART, split_colours, split_tones
from mnistcnn.pictures.paper.corners import draw_edge, find_corners, is_outlined
from mnistcnn.pictures.paper.patches import LEAST, choose_patch
from mnistcnn.pictures.paper.patterned import find_on_pattern
from mnistcnn.pictures.shapes.components import find_components

SMALL = 320  # pixels a side: enough to see a sheet
STROKE = 0.06  # of the shorter side: largest width of a pen on a sheet
EVEN, EVEN_SIDE = 12, 80  # grey levels, and pixels a side: enough to see a desk
AT_EDGE = 0.02  # of the picture's borders: a desk takes up more of them
FINGER = 0.1  # of the shorter side: least thickness of a finger
ALONG = 0.2  # of a border: a stroke that leaves the picture takes up less
LARGER = 1.1  # times a part of a sheet: least area of the whole one
AGAIN = 0.3  # of the picture's borders: if more are as the sheet, it is a frame
TINTS = 700  # levels per share of a colour, so that COLOURED is about APART
SHADED = 0.33  # of the light: the deepest shadow
COLOURED = 0.06  # by which a desk's share of red, green or blue differs


class Place(NamedTuple):
    """Where in a picture the paper is.

    Args:
        corners: `(4, 2)` float32, x and y: top left, top right, bottom right,
            bottom left; `None` unless all four are visible.
        desk: `(h, w)` uint8, 1 where there is no paper; `None` for nowhere.
    """

    corners: npt.NDArray[np.float32] | None
    desk: npt.NDArray[np.uint8] | None


def find_sheet(colours: npt.NDArray[np.uint8]) -> Place:
    """Finds the sheet of paper, if it is not the whole picture.

    Args:
        colours: `(h, w, channels)` uint8.

    Returns:
        Its corners, or the part of the picture that is desk.
    """
    height, width = colours.shape[:2]
    if min(height, width) < 60:
        return Place(None, None)
    scale = min(1, SMALL / max(height, width))
    size = (round(width * scale), round(height * scale))
    small = cv2.resize(colours, size, interpolation=cv2.INTER_AREA)
    if _is_even(small.reshape(*size[::-1], -1)):
        return Place(None, None)
    side = max(3, round(STROKE * min(size))) | 1
    # Without strokes, dark or bright; a median keeps corners.
    flat = cv2.medianBlur(small, side)
    marks = take_largest(cv2.absdiff(small, flat).reshape(*size[::-1], -1))
    flat = flat.reshape(*size[::-1], -1).astype(np.float32)
    light = list(_split_light(flat))
    quads, papers, framed = [], [], False
    for half in (*light, *_split_dark(flat, light)):
        paper = choose_patch(half, marks)
        papers.append(paper)
        corners = None if paper is None else find_corners(paper)
        if paper is None or corners is None:
            continue
        # A quadrilateral may be a frame: there is paper again round a thick
        # one, and a thin one is a line.
        own = half == half[paper > 0][0]
        again = own[draw_edge(paper.shape) > 0].mean() > AGAIN
        if again or is_outlined(np.asarray(small, np.uint8), corners):
            framed = True
        else:
            quads.append(corners)
    if quads:
        # If a shadow falls on a sheet, its parts look like sheets as well.
        corners = quads[0]
        for other in quads[1:]:
            if cv2.contourArea(other) > LARGER * cv2.contourArea(corners):
                corners = other
    else:
        corners = None if framed else find_on_pattern(flat, light)
    if corners is not None:
        corners = ((corners + 0.5) / scale - 0.5).astype(np.float32)
        return Place(corners, None)
    found = (each for each in papers[: len(light)] if each is not None)
    paper = next(found, None)
    desk = None if framed or paper is None else _find_desk(flat, paper)
    if desk is None:
        return Place(None, None)
    size = (width, height)
    desk = cv2.resize(desk, size, interpolation=cv2.INTER_NEAREST)
    return Place(None, np.asarray(desk, np.uint8))


def _is_even(small: np.ndarray) -> bool:
    """Whether nearly all of it fits a smooth surface, like light on paper."""
    few = take_few(small, EVEN_SIDE)
    height, width, channels = few.shape
    few = cv2.medianBlur(few, 7).reshape(height, width, channels)
    few = few.astype(np.float32)
    away = few - lay_surface(fit_surface(few), height, width)
    other = take_largest(np.abs(away)) > EVEN
    edge = other[draw_edge(other.shape) > 0]
    return bool(other.mean() < LEAST and edge.mean() < AT_EDGE)


def _split_light(flat: np.ndarray) -> Iterator[np.ndarray]:
    """Splits by brightness, and by colour, for a desk as bright as paper."""
    total = cv2.transform(flat, np.ones((1, flat.shape[2])))
    shares = TINTS * flat / (1 + total.reshape(*flat.shape[:2], 1))
    for seen in (flat, shares):
        split = split_colours(np.asarray(seen, np.float32))
        if split is not None:
            yield split[0]


def _split_dark(
    flat: np.ndarray, light: list[np.ndarray]
) -> Iterator[np.ndarray]:
    """Splits a picture of several tones, as with a shadow over it."""
    grey = flat[::4, ::4].mean(axis=2)
    # If both halves are even, no shadow lies over them.
    even = any(
        not any(_strays(grey[half[::4, ::4] == side]) for side in (0, 1))
        for half in light
    )
    if _strays(grey) and not even:
        yield from split_tones(flat)


def _strays(grey: np.ndarray) -> bool:
    high, low = np.percentile(grey, [98, 2]) if grey.size else (0, 0)
    return bool(high - low >= APART)


def _find_desk(flat: np.ndarray, paper: np.ndarray) -> np.ndarray | None:
    """Finds the desk, in the shade or in the light."""
    few, on = take_few(flat), take_few(paper) > 0
    inner = np.median(few[on], axis=0)
    parts, stats = find_components(1 - paper)
    desk = np.zeros_like(paper)
    for part in range(1, len(stats)):
        own = parts == part
        if _is_at_border(own) and _is_desk(np.median(flat[own], axis=0), inner):
            desk[own] = 1
    if not desk.any():
        return None
    # The edge itself is soft.
    return cv2.dilate(desk, np.ones((5, 5), np.uint8))


def _is_at_border(own: np.ndarray) -> bool:
    """Whether a part leaves the picture, and is not just a stroke."""
    along = max(map(np.mean, (own[0], own[-1], own[:, 0], own[:, -1])))
    if not along:
        return False
    corners = own[[0, 0, -1, -1], [0, -1, 0, -1]]
    deep = cv2.distanceTransform(own.astype(np.uint8), cv2.DIST_L2, 3).max()
    thick = 2 * deep > FINGER * min(own.shape)
    return bool(along > ALONG or corners.any() or thick)


def _is_desk(outer: np.ndarray, inner: np.ndarray) -> bool:
    """Whether a colour differs from paper's, and not only by shade."""
    dark, bright = sorted([outer.mean() + 1, inner.mean() + 1])
    tint = np.abs(outer / max(1, outer.sum()) - inner / max(1, inner.sum()))
    return bool(dark < SHADED * bright or tint.max() > COLOURED)
