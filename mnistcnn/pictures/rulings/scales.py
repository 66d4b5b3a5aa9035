"""Scales: how far a picture may be reduced for its digits to be read.

The time of cleaning is proportional to the pixels, and most pictures have more
than their digits need (image pyramid: Adelson et al., "Pyramid methods in image
processing", 1984).
"""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.rulings.digitsize import measure_ink

MOST_SIDE = 1600  # pixels: a page of handwriting is read at this size
LEAST_SIDE = 300  # pixels: pictures are not made smaller
# Pixels: digits this tall, drawn by a pen this wide, lose nothing.
TALL, WIDE = 32, 2.5

Size = tuple[npt.NDArray[np.uint8], npt.NDArray[np.floating]]


def shrink(colours: npt.NDArray[np.uint8], most: int = MOST_SIDE) -> Size:
    """Makes a picture smaller if it exceeds a size.

    Args:
        colours: `(h, w, channels)` uint8.
        most: pixels that a side may have.

    Returns:
        The picture, and the `(3, 3)` matrix from the original's pixels to its.

    Example:
        >>> small, matrix = shrink(np.zeros((20, 40, 3), np.uint8), 10)
        >>> small.shape, float(matrix[0, 0])
        ((5, 10, 3), 0.25)
    """
    scale = min(1, most / max(colours.shape[:2]))
    if scale == 1:
        return colours, np.eye(3)
    height, width = (max(1, round(s * scale)) for s in colours.shape[:2])
    matrix = np.diag([width / colours.shape[1], height / colours.shape[0], 1])
    small = cv2.resize(colours, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8).reshape(height, width, -1), matrix


def list_sizes(colours: npt.NDArray[np.uint8]) -> list[Size]:
    """Halves a picture repeatedly (image pyramid).

    Args:
        colours: `(h, w, channels)` uint8.

    Returns:
        Pictures and their matrices, as `shrink` returns them, the smallest
        first; the last one is the picture itself, of `MOST_SIDE` or less.
    """
    sizes = [shrink(colours)]
    while (side := max(sizes[0][0].shape[:2]) // 2) >= LEAST_SIDE:
        small, matrix = shrink(sizes[0][0], side)
        sizes.insert(0, (small, matrix @ sizes[0][1]))
    return sizes


def is_enough(ink: npt.NDArray[np.uint8]) -> bool:
    """Whether digits are tall, and the pen wide enough for reading.

    Args:
        ink: `(h, w)`, bright ink on black, without lines.
    """
    tall, wide = measure_ink(ink)
    return tall >= TALL and wide >= WIDE
