"""Many characters' strokes drawn at once, in MNIST's geometry.

One canvas of tiles and one distance transform draw a thousand characters in
the time that `strokes_to_image` takes for two hundred.
"""

import itertools
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.ink import StrokeSet
from mnistcnn.pictures import BOX_SIZE, FRACTION_BITS, IMAGE_SIZE

_TILE = BOX_SIZE + 4  # so far apart that no pen reaches its neighbour's tile
_SIDE = 32  # tiles along a side of the canvas
_FINE = 3  # parts of a pixel; a training image need not be finer
WIDEST = 7.0  # pixels


def draw_strokes(
    characters: StrokeSet, widths: npt.NDArray[np.floating]
) -> npt.NDArray[np.uint8]:
    """Draws each character as `strokes_to_image` does, many at once.

    Args:
        characters: `n` of them.
        widths: `(n,)`, of the pen, in pixels, above 0; wider ones than
            `WIDEST` are as wide as that.

    Returns:
        `(n, 28, 28)` uint8, bright ink on black; edges differ from those of
        `strokes_to_image` by a few of 255 levels.
    """
    images = [np.zeros((0, IMAGE_SIZE, IMAGE_SIZE), np.uint8)]
    step = _SIDE * _SIDE
    for start in range(0, len(characters), step):
        part = np.arange(start, min(start + step, len(characters)))
        wide = np.clip(widths[part], 0.1, WIDEST)
        images.append(_draw_canvas(characters.take(part), wide))
    return np.concatenate(images)


def _draw_canvas(
    characters: StrokeSet, widths: npt.NDArray[np.floating]
) -> npt.NDArray[np.uint8]:
    n, counts = len(characters), np.diff(characters.point_start)
    low, high = characters.boxes().transpose(1, 0, 2).astype(np.float64)
    extent = (high - low).max(axis=1)
    scale = (BOX_SIZE - widths) / np.where(extent > 0, extent, np.inf)
    sizes = np.ceil((high - low) * scale[:, None] + widths[:, None] - 1e-6)
    row, column = np.divmod(np.arange(n), _SIDE)
    corner = np.stack([column, row], axis=1) * _TILE
    shift = corner + sizes / 2 - (low + high) / 2 * scale[:, None]
    points = characters.points * np.repeat(scale, counts)[:, None]
    points += np.repeat(shift, counts, axis=0)
    # The first pixel's centre is at 0.5, OpenCV's at 0.
    fixed = points * (_FINE * 2**FRACTION_BITS) - 2 ** (FRACTION_BITS - 1)
    fixed = np.rint(fixed).astype(np.int32)
    rows = row[-1] + 1
    shape = (rows * _TILE * _FINE, _SIDE * _TILE * _FINE)
    canvas = np.full(shape, 255, np.uint8)
    start = characters.stroke_start.tolist()  # np.split takes ten times as long
    lines = [fixed[a:b] for a, b in itertools.pairwise(start)]
    lines = [v if len(v) > 1 else v.repeat(2, axis=0) for v in lines]
    cv2.polylines(canvas, lines, False, 0, 1, cv2.LINE_8, FRACTION_BITS)
    # Within 2 % of the distance, in whole numbers and a quarter of the time.
    gaps = cv2.distanceTransform(canvas, cv2.DIST_L2, cv2.DIST_MASK_5)
    tiles = gaps.reshape(rows, _TILE * _FINE, _SIDE, -1)
    half = np.zeros(rows * _SIDE)
    half[:n] = widths * _FINE / 2 + 0.5
    ink = half.astype(np.float32).reshape(rows, 1, _SIDE, 1) - tiles
    ink = np.clip(ink, 0, 1, out=ink).reshape(canvas.shape)
    side = (_SIDE * _TILE, rows * _TILE)
    small = cv2.resize(ink, side, interpolation=cv2.INTER_AREA)
    boxes = small.reshape(rows, _TILE, _SIDE, _TILE).swapaxes(1, 2)
    return _place_all(boxes.reshape(-1, _TILE, _TILE)[:n], sizes.astype(int))


def _place_all(
    boxes: npt.NDArray[Any], sizes: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint8]:
    """Places each box by its centre of mass, as `strokes_to_image` does."""
    index = np.arange(_TILE)
    # Beyond a box a broad pen finds its neighbours' lines.
    x, y = (index < sizes[:, :, None]).swapaxes(0, 1)
    boxes = boxes * (y[:, :, None] & x[:, None, :])
    mass = np.maximum(boxes.sum(axis=(1, 2)), 1e-9)
    centre = [boxes.sum(axis=axis) @ index / mass for axis in (1, 2)]
    start = np.rint(IMAGE_SIZE / 2 - np.stack(centre, axis=1)).astype(int)
    start = np.clip(start, 0, IMAGE_SIZE - sizes)
    place = np.arange(IMAGE_SIZE) - start[:, :, None]  # (n, x and y, 28)
    # The last row and column of a tile are empty.
    x, y = np.where((place < 0) | (place >= _TILE), -1, place).swapaxes(0, 1)
    bright = 255 / np.maximum(boxes.max(axis=(1, 2), keepdims=True), 1e-9)
    boxes = np.rint(boxes * bright).astype(np.uint8)
    each = np.arange(len(boxes))[:, None, None]
    return boxes[each, y[:, :, None], x[:, None, :]]
