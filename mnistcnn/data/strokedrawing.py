"""Draws the strokes of many characters at once, in MNIST's geometry.

One canvas of tiles and one distance transform draw a thousand characters in
the time that `strokes_to_image` takes for two hundred.
"""

import dataclasses
import itertools
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.ink import StrokeSet
from mnistcnn.pictures import BOX_SIZE, FRACTION_BITS, IMAGE_SIZE

_GAP = 4  # pixels between tiles, so that no pen reaches its neighbour's
_TALL = BOX_SIZE + _GAP
_SIDE = 32  # tiles along a side of the canvas
_FINE = 3  # subpixels per pixel, fine enough for training images
WIDEST = 7.0  # pixels


def draw_strokes(
    characters: StrokeSet, widths: npt.NDArray[np.floating]
) -> npt.NDArray[np.uint8]:
    """Draws each character as `strokes_to_image` does, many at once.

    Args:
        characters: `n` of them.
        widths: `(n,)`, of the pen, in pixels, above 0, at most `WIDEST` (wider
            ones are limited to it).

    Returns:
        `(n, 28, 28)` uint8, bright ink on black; edges differ from those of
        `strokes_to_image` by a few of 255 levels.
    """
    wide = np.clip(widths, 0.1, WIDEST)
    low, high = characters.boxes().transpose(1, 0, 2).astype(np.float64)
    extent = (high - low).max(axis=1)
    scale = (BOX_SIZE - wide) / np.where(extent > 0, extent, np.inf)
    sizes = np.ceil((high - low) * scale[:, None] + wide[:, None] - 1e-6)
    shift = sizes / 2 - (low + high) / 2 * scale[:, None]
    counts = np.diff(characters.point_start)
    points = characters.points * np.repeat(scale, counts)[:, None]
    points += np.repeat(shift, counts, axis=0)
    boxed = dataclasses.replace(characters, points=points.astype(np.float32))
    images = np.zeros((len(characters), IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    # Sorted, since a canvas' tiles are as wide as its widest character, and
    # empty pixels take time as well.
    order, step = np.argsort(sizes[:, 0], kind="stable"), _SIDE * _SIDE
    for start in range(0, len(order), step):
        part = order[start : start + step]
        sized = sizes[part].astype(int)
        boxes = _draw_canvas(boxed.take(part), wide[part], sized)
        images[part] = place_boxes(boxes, sized)
    return images


def _draw_canvas(
    characters: StrokeSet,
    widths: npt.NDArray[np.floating],
    sizes: npt.NDArray[np.int64],
) -> npt.NDArray[Any]:
    """Draws characters, scaled to their boxes, in a tile each."""
    n, counts = len(characters), np.diff(characters.point_start)
    wide = int(sizes[:, 0].max()) + _GAP
    row, column = np.divmod(np.arange(n), _SIDE)
    corner = np.stack([column * wide, row * _TALL], axis=1)
    points = characters.points + np.repeat(corner, counts, axis=0)
    # The first pixel's centre is at 0.5, OpenCV's at 0.
    fixed = points * (_FINE * 2**FRACTION_BITS) - 2 ** (FRACTION_BITS - 1)
    fixed = np.rint(fixed).astype(np.int32)
    rows = row[-1] + 1
    shape = (rows * _TALL * _FINE, _SIDE * wide * _FINE)
    canvas = np.full(shape, 255, np.uint8)
    start = characters.stroke_start.tolist()  # np.split takes ten times as long
    lines = [fixed[a:b] for a, b in itertools.pairwise(start)]
    lines = [v if len(v) > 1 else v.repeat(2, axis=0) for v in lines]
    cv2.polylines(canvas, lines, False, 0, 1, cv2.LINE_8, FRACTION_BITS)
    # Exact to 2 % of the distance, in integers and a quarter of the time.
    gaps = cv2.distanceTransform(canvas, cv2.DIST_L2, cv2.DIST_MASK_5)
    tiles = gaps.reshape(rows, _TALL * _FINE, _SIDE, -1)
    half = np.zeros((rows, 1, _SIDE, 1), np.float32)
    half.reshape(-1)[:n] = widths * _FINE / 2 + 0.5
    np.clip(np.subtract(half, tiles, out=tiles), 0, 1, out=tiles)
    side = (_SIDE * wide, rows * _TALL)
    small = cv2.resize(gaps, side, interpolation=cv2.INTER_AREA)
    boxes = small.reshape(rows, _TALL, _SIDE, wide).swapaxes(1, 2)
    return boxes.reshape(-1, _TALL, wide)[:n]


def place_boxes(
    boxes: npt.NDArray[Any], sizes: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint8]:
    """Places each box by its centre of mass, as `strokes_to_image` does.

    Args:
        boxes: `(n, h, w)`, ink of any scale, from the top left.
        sizes: `(n, 2)`, each one's width and height; pixels beyond are not its
            ink.

    Returns:
        `(n, 28, 28)` uint8, in MNIST's contrast.
    """
    tall, wide = (np.arange(side) for side in boxes.shape[1:])
    # Beyond a box there may be a broad pen's ink of its neighbours.
    inside = (tall < sizes[:, 1:])[:, :, None] & (wide < sizes[:, :1])[:, None]
    boxes = boxes * inside
    mass = np.maximum(boxes.sum(axis=(1, 2)), 1e-9)
    centre = np.stack([boxes.sum(1) @ wide, boxes.sum(2) @ tall]) / mass
    start = np.rint(IMAGE_SIZE / 2 - centre.T).astype(int)
    start = np.clip(start, 0, IMAGE_SIZE - sizes)
    bright = 255 / np.maximum(boxes.max(axis=(1, 2), keepdims=True), 1e-9)
    boxes = np.rint(boxes * bright).astype(np.uint8)
    images = np.zeros((len(boxes), IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    rows = zip(images, boxes, start.tolist(), sizes.tolist(), strict=True)
    for image, box, (x, y), (across, down) in rows:
        image[y : y + down, x : x + across] = box[:down, :across]
    return images
