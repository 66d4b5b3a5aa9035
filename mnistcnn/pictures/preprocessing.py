"""Preprocessing: a digit's ink in MNIST's geometry.

For MNIST a digit's bounding box was scaled to 20x20 with its aspect ratio kept,
antialiased, and moved by whole pixels until its centre of mass was at the
centre of 28x28. The same is done here, whether the ink comes from a pen or a
picture.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.images import IMAGE_SIZE
from mnistcnn.pictures.pieces.cutting import INK
from mnistcnn.pictures.pieces.segmentation import check_ink
from mnistcnn.pictures.rasterizer import (
    check_strokes,
    check_width,
    rasterize,
)
from mnistcnn.pictures.shapes.widths import measure_gaps, measure_width

BOX_SIZE = 20
# Median over 1,500 of MNIST's training images of the ink's area divided by the
# length of its skeleton: 2.26; half of them lie between 1.9 and 2.8.
PEN_WIDTH = 2.25

MAX_ENLARGEMENT = 4  # with more, a single pixel would become a digit
THIN = 0.6  # of PEN_WIDTH: thinner than all but 1 in 20 of MNIST's pens


def strokes_to_image(
    strokes: Sequence[npt.ArrayLike], width: float = PEN_WIDTH
) -> npt.NDArray[np.uint8]:
    """Draws one digit's strokes as MNIST would show them.

    Args:
        strokes: arrays `(n, 2)` of x and y in any units, x right and y down;
            further columns, time and pressure, are dropped.
        width: the pen's width in pixels of the result, whatever the units.

    Returns:
        `(28, 28)` uint8, bright ink on black; all 0 if there are no points.

    Raises:
        DataError: as for `rasterize`.

    Example:
        >>> bar = np.array([[0.0, 0.0], [0.0, 1000.0]])
        >>> image = strokes_to_image([bar])
        >>> image.shape, int(np.count_nonzero(image.any(axis=1)))
        ((28, 28), 20)
    """
    paths = check_strokes(strokes)
    width = min(check_width(width), BOX_SIZE)
    if not paths:
        return np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    points = np.concatenate(paths)
    # Halved so that the distance between two huge numbers is still finite.
    low, high = points.min(axis=0) / 2, points.max(axis=0) / 2
    extent = (high - low).max()
    scale = (BOX_SIZE - width) / extent if extent > 0 else 0.0
    if not np.isfinite(scale):
        scale = 0.0
    # In the middle of a whole number of pixels, as a scan's box would be.
    size = np.ceil((high - low) * scale + width - 1e-6)
    box = [(path / 2 - (low + high) / 2) * scale + size / 2 for path in paths]
    return _place(rasterize(box, (int(size[1]), int(size[0])), width))


def ink_to_image(ink: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Scales a picture of one digit into MNIST's form.

    A pen so thin that it would nearly vanish at this size is widened to
    MNIST's.

    Args:
        ink: `(h, w)` uint8, bright ink on black, any size.

    Returns:
        `(28, 28)` uint8, bright ink on black; all 0 if there is no ink.

    Raises:
        DataError: the ink is not a `(h, w)` uint8 array.

    Example:
        >>> ink = np.zeros((300, 200), np.uint8)
        >>> ink[50:250, 90:110] = 255
        >>> int(np.count_nonzero(ink_to_image(ink).any(axis=1)))
        20
    """
    return _place(ink_to_box(ink))


def ink_to_box(ink: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Scales a picture of one digit to MNIST's size, without its margins.

    Args and Raises: as `ink_to_image`.

    Returns:
        `(h, w)` uint8, at most 20x20; `(0, 0)` if there is no ink.

    Example:
        >>> ink = np.zeros((300, 200), np.uint8)
        >>> ink[50:250, 90:110] = 255
        >>> ink_to_box(ink).shape
        (20, 2)
    """
    crop = _thicken(_crop(check_ink(ink)))
    if not crop.size:
        return np.zeros((0, 0), np.uint8)
    scale = min(BOX_SIZE / max(crop.shape), MAX_ENLARGEMENT)
    height, width = (max(1, round(side * scale)) for side in crop.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    box = cv2.resize(crop, (width, height), interpolation=method)
    return np.asarray(box, np.uint8)


def _place(box):
    """Places a digit of at most 20x20 as MNIST does, in MNIST's contrast."""
    image = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    if not box.any():
        return image
    place = []
    for axis, side in enumerate(box.shape):
        weights = box.sum(axis=1 - axis, dtype=np.float64)
        centre = weights @ np.arange(side) / weights.sum()
        start = round(IMAGE_SIZE / 2 - centre)
        start = min(max(start, 0), IMAGE_SIZE - side)
        place.append(slice(start, start + side))
    image[tuple(place)] = np.rint(box * (255 / box.max()))
    return image


def _crop(ink):
    rows, columns = (
        np.flatnonzero((ink >= INK).any(axis=axis)) for axis in (1, 0)
    )
    if not rows.size:
        return ink[:0, :0]
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _thicken(crop):
    """Widens a pen that is thinner than MNIST's."""
    long = max(crop.shape)
    if long <= BOX_SIZE:
        return crop
    width = measure_width(crop >= INK)
    if width * BOX_SIZE >= THIN * PEN_WIDTH * long:
        return crop
    more = (PEN_WIDTH * long - BOX_SIZE * width) / (BOX_SIZE - PEN_WIDTH)
    paper = np.pad(
        (crop < INK).astype(np.uint8),
        int(more / 2) + 1,
        "constant",
        constant_values=1,
    )
    gap = measure_gaps(paper, exact=False)
    return np.rint(255 * np.clip(more / 2 + 1 - gap, 0, 1)).astype(np.uint8)
