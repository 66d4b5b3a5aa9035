"""Data augmentation: warps of training images, identical on all backends.

NumPy's generator draws the parameters and OpenCV moves the pixels, on the
host, once an epoch: the three backends train on the same images.
"""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures import IMAGE_SIZE

# At strength 1: wide enough for other people's handwriting, narrow enough that
# a rotated 6 does not become a 9.
MAX_ROTATION_DEGREES = 12.0
MAX_SHEAR = 0.2
MAX_ZOOM = 0.12
MAX_SHIFT_PIXELS = 2.0
# Elastic warps move so many control points a side, with smooth interpolation.
GRID = 5
_CHUNK = 1000  # images whose maps are in memory at a time, 6 MB


def warp(
    images: npt.NDArray[np.uint8],
    rng: np.random.Generator,
    *,
    strength: float = 1.0,
    elastic: float = 0.0,
    check: Callable[[], object] = lambda: None,
    out: npt.NDArray[np.uint8] | None = None,
) -> npt.NDArray[np.uint8]:
    """Rotates, shears, zooms and shifts each image by random amounts.

    Elastic warps also bend it, like handwriting (Simard, Steinkraus and Platt,
    "Best practices for convolutional neural networks applied to visual document
    analysis", 2003).

    Args:
        images: `(n, 28, 28)` uint8.
        rng: draws the amounts, uniform within the module's `MAX_` limits.
        strength: a factor on the limits; 0 for none of these.
        elastic: the standard deviation of the bending, in pixels; 0 for none.
        check: called regularly; it may raise to end the run.
        out: the array for the result, possibly `images` itself, which saves 47
            MB.

    Returns:
        `(n, 28, 28)` uint8: `out`, or new.

    Example:
        >>> digit = np.zeros((1, 28, 28), np.uint8)
        >>> digit[0, 6:22, 13:15] = 255
        >>> warp(digit, np.random.default_rng(0)).shape
        (1, 28, 28)
    """
    warped = np.empty_like(images) if out is None else out
    if not (strength or elastic):
        warped[:] = images
        return warped
    matrices = _draw_matrices(len(images), rng, strength)
    size, flags = (IMAGE_SIZE, IMAGE_SIZE), cv2.INTER_LINEAR
    for start in range(0, len(images), _CHUNK):
        check()
        part = slice(start, start + _CHUNK)
        # According to its manual, OpenCV cannot warp an image in place.
        own = images[part].copy() if warped is images else images[part]
        pairs = zip(own, warped[part], strict=True)
        if elastic:
            maps = _draw_maps(matrices[part], rng, elastic)
            for (image, place), (x, y) in zip(pairs, maps, strict=True):
                cv2.remap(image, x, y, flags, dst=place)
        else:
            for (image, place), matrix in zip(
                pairs, matrices[part], strict=True
            ):
                cv2.warpAffine(image, matrix, size, dst=place, flags=flags)
    return warped


def _draw_matrices(
    n: int, rng: np.random.Generator, strength: float
) -> np.ndarray:
    """Draws `(n, 2, 3)` float64 affine maps about the image's middle."""

    def draw(limit: float) -> np.ndarray:
        return rng.uniform(-limit, limit, n) * strength

    angle = np.deg2rad(draw(MAX_ROTATION_DEGREES))
    shear = draw(MAX_SHEAR)
    zoom_x, zoom_y = 1 + draw(MAX_ZOOM), 1 + draw(MAX_ZOOM)
    cos, sin = np.cos(angle), np.sin(angle)
    linear = np.empty((n, 2, 2))
    linear[:, 0, 0] = cos * zoom_x
    linear[:, 0, 1] = (cos * shear - sin) * zoom_y
    linear[:, 1, 0] = sin * zoom_x
    linear[:, 1, 1] = (sin * shear + cos) * zoom_y
    middle = np.full(2, (IMAGE_SIZE - 1) / 2)
    shift = np.stack([draw(MAX_SHIFT_PIXELS), draw(MAX_SHIFT_PIXELS)], 1)
    offset = middle + shift - linear @ middle
    return np.concatenate([linear, offset[:, :, None]], axis=2)


def _draw_maps(
    matrices: np.ndarray, rng: np.random.Generator, elastic: float
) -> np.ndarray:
    """Draws `(n, 2, 28, 28)` float32: the source x and y of each pixel."""
    field = rng.normal(0, elastic, (len(matrices), 2, GRID, GRID))
    spread = cv2.resize(
        np.eye(GRID), (GRID, IMAGE_SIZE), interpolation=cv2.INTER_CUBIC
    )
    bent = spread @ field @ spread.T
    # The maps are inverse, from the warped image to the original.
    back = np.linalg.inv(matrices[:, :, :2])
    rows, columns = np.indices((IMAGE_SIZE, IMAGE_SIZE))
    places = np.stack([columns.ravel(), rows.ravel()])
    places = back @ (places - matrices[:, :, 2:])
    return (places.reshape(bent.shape) + bent).astype(np.float32)
