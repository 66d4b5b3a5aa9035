"""Test-time augmentation: predictions for several rotations are averaged.

The mean of a network's predictions for rotated copies of an image is right more
often than a single prediction (Krizhevsky, Sutskever and Hinton, "ImageNet
Classification with Deep Convolutional Neural Networks", 2012, 4.1, for shifted
and mirrored copies).
"""

import functools
import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.images import IMAGE_SIZE

PART = 512  # images at once, which limits the memory for rotated copies

Predict = Callable[[np.ndarray], npt.NDArray[np.float32]]


def average_rotations(
    predict: Predict, images: np.ndarray, degrees: float
) -> npt.NDArray[np.float32]:
    """Averages a network's predictions for images and rotated copies.

    Args:
        predict: from `(n, 28, 28, 1)`, 0..255, to `(n, classes)`.
        images: `(n, 28, 28, 1)`, uint8 or float32, 0..255.
        degrees: how far they are rotated, to either side; with 0 only the
            images as they are are used.

    Returns:
        `(n, classes)` float32.

    Example:
        >>> ink = np.zeros((1, 28, 28, 1), np.uint8)
        >>> ink[0, 4:24, 13:15] = 255
        >>> def count(images):
        ...     return (images > 0).sum(axis=(1, 2), dtype=np.float32)
        >>> average_rotations(count, ink, 0).tolist()
        [[40.0]]
        >>> bool(average_rotations(count, ink, 9)[0, 0] > 40)
        True
    """
    if not degrees or not len(images):
        return predict(images)
    answers = []
    for start in range(0, len(images), PART):
        looks = turn(images[start : start + PART], degrees)
        # One batch, since a call costs as much as several images.
        rows = predict(np.concatenate(looks))
        answers.append(rows.reshape(len(looks), len(looks[0]), -1).mean(axis=0))
    return np.concatenate(answers)


def turn(images: np.ndarray, degrees: float) -> list[npt.NDArray[np.float32]]:
    """Returns the images as they are, and rotated to either side.

    Args:
        images: `(n, 28, 28, 1)`, uint8 or float32.
        degrees: how far; with 0 they are not rotated.

    Returns:
        Three arrays `(n, 28, 28, 1)` float32; one, with 0 degrees.
    """
    angles = (0.0, degrees, -degrees) if degrees else (0.0,)
    return [rotate(images, angle) for angle in angles]


def rotate(images: np.ndarray, degrees: float) -> npt.NDArray[np.float32]:
    """Rotates images about their centre, bilinearly, with black outside.

    Args:
        images: `(n, 28, 28, 1)`, uint8 or float32.
        degrees: counterclockwise.

    Returns:
        `(n, 28, 28, 1)` float32.

    Example:
        >>> ink = np.zeros((1, 28, 28, 1), np.uint8)
        >>> ink[0, 0, 27] = 255
        >>> rotate(ink, 90)[0, 0, 0].tolist()
        [255.0]
    """
    if not degrees:
        return images.astype(np.float32)
    flat = images.reshape(len(images), -1).astype(np.float32)
    sources, weights = _find_sources(float(degrees))
    # One of the four products at a time: all at once take four times the
    # memory.
    turned = sum(
        flat[:, source] * weight
        for source, weight in zip(sources, weights, strict=True)
    )
    return np.asarray(turned, np.float32).reshape(images.shape)


@functools.lru_cache(maxsize=16)
def _find_sources(
    degrees: float,
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """Finds the four source pixels of each pixel, and their weights.

    Returns:
        `(4, 784)` indices, and `(4, 784)` weights, 0 outside of the image.
    """
    angle, middle = math.radians(degrees), (IMAGE_SIZE - 1) / 2
    y, x = np.mgrid[:IMAGE_SIZE, :IMAGE_SIZE].reshape(2, -1) - middle
    # From a pixel's place after the rotation back to the one before. The
    # rounding keeps right angles on whole pixels.
    across = np.round(x * math.cos(angle) - y * math.sin(angle) + middle, 9)
    down = np.round(x * math.sin(angle) + y * math.cos(angle) + middle, 9)
    left, top = np.floor(across), np.floor(down)
    sources, weights = [], []
    for column, row in ((0, 0), (1, 0), (0, 1), (1, 1)):
        at, line = left + column, top + row
        inside = (np.minimum(at, line) >= 0) & (
            np.maximum(at, line) < IMAGE_SIZE
        )
        share = (1 - np.abs(across - at)) * (1 - np.abs(down - line))
        sources.append(np.where(inside, line * IMAGE_SIZE + at, 0))
        weights.append(np.where(inside, share, 0))
    return np.array(sources, np.intp), np.array(weights, np.float32)
