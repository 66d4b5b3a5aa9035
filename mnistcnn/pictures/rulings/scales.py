"""Scales: the size at which a picture's digits are read.

The time of cleaning is proportional to the pixels, and most pictures have more
than their digits need (image pyramid: Adelson et al., "Pyramid methods in image
processing", 1984). Others have too few for walls to be told from digits.
"""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.rulings.digitsize import measure_ink

MOST_SIDE = 1600  # pixels: a page of handwriting is read at this size
LEAST_SIDE = 300  # pixels: pictures are not made smaller
# Pixels: digits this tall, drawn by a pen this wide, lose nothing.
TALL, WIDE = 32, 2.5
LEAST_SCALE, MOST_SCALE = 1.25, 3.0  # of small digits that are enlarged

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


def enlarge(
    colours: npt.NDArray[np.uint8], ink: npt.NDArray[np.uint8]
) -> Size | None:
    """Makes a picture larger, so that its digits are tall enough.

    Args:
        colours: `(h, w, channels)` uint8.
        ink: `(h, w)`, bright ink on black, without lines.

    Returns:
        As `shrink`; `None` if the digits are tall enough, or there are none.

    Example:
        >>> ink = np.zeros((40, 60), np.uint8)
        >>> ink[10:26, 20:24] = 255
        >>> enlarge(ink[..., None], ink)[0].shape
        (80, 120, 1)
    """
    tall, _ = measure_ink(ink)
    side = max(ink.shape)
    scale = min(TALL / max(tall, 1), MOST_SCALE, MOST_SIDE / side)
    if not tall or scale < LEAST_SCALE:
        return None
    height, width = (round(scale * side) for side in ink.shape)
    matrix = np.diag([width / ink.shape[1], height / ink.shape[0], 1])
    large = cv2.resize(colours, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(large, np.uint8).reshape(height, width, -1), matrix


def is_enough(ink: npt.NDArray[np.uint8]) -> bool:
    """Whether digits are tall, and the pen wide enough for reading.

    Args:
        ink: `(h, w)`, bright ink on black, without lines.
    """
    tall, wide = measure_ink(ink)
    return tall >= TALL and wide >= WIDE
