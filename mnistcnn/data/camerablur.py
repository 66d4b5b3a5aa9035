"""Defocus: ink blurred as in a photo, then stretched to black and white."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.data.strokedrawing import place_boxes
from mnistcnn.pictures import BOX_SIZE, IMAGE_SIZE, apply_levels, ink_to_box

_MARGIN = 6  # pixels by which blurred ink may exceed the image
_BLURS = (1.0, 3.3)  # pixels, standard deviations
# Unsharp masking: its amount, and its radius in units of the blur, which is
# usually underestimated.
_SHARPEN, _AROUND = (0.0, 4.0), (0.75, 1.5)
_GRAIN = 0.04  # of the ink: largest standard deviation of the grain
_FULL = (0.45, 0.95)  # of the darkest: a photo's other ink may be paler


def defocus(
    images: npt.NDArray[np.uint8], rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Blurs images like a camera, and extracts ink as from photos.

    Strokes grow together, holes are filled, and corners are round.

    Args:
        images: `(n, 28, 28)` uint8, bright ink on black.
        rng: chooses each image's blur, of 1 to 3.3 pixels, how far it is
            sharpened again, its grain and its contrast.

    Returns:
        `(n, 28, 28)` uint8, in MNIST's form.

    Example:
        >>> digit = np.zeros((1, 28, 28), np.uint8)
        >>> digit[0, 4:24, 13:15] = 255
        >>> thick = defocus(digit, np.random.default_rng(0))
        >>> bool((thick > 127).sum() > 2 * (digit > 127).sum())
        True
    """
    n, side = len(images), IMAGE_SIZE + 2 * _MARGIN
    if not n:
        return images.copy()  # OpenCV refuses empty arrays
    ranges = _BLURS, _AROUND, _SHARPEN, (0, _GRAIN), _FULL
    drawn = np.stack([rng.uniform(*each, n) for each in ranges], axis=1)
    grain = rng.standard_normal((n * side, side), np.float32)
    cv2.GaussianBlur(grain, (3, 3), 0, dst=grain)
    wide = np.pad(images, ((0, 0), (_MARGIN, _MARGIN), (_MARGIN, _MARGIN)))
    photos = wide.astype(np.float32)
    rows = zip(photos, grain.reshape(photos.shape), drawn.tolist(), strict=True)
    for photo, noise, (blur, around, sharpen, grainy, _) in rows:
        cv2.GaussianBlur(photo, (0, 0), blur, dst=photo)
        photo += grainy * float(photo.max()) * noise
        photo += sharpen * (
            photo - cv2.GaussianBlur(photo, (0, 0), around * blur)
        )
    full = drawn[:, -1:, None] * photos.max(axis=(1, 2), keepdims=True)
    ink = apply_levels(photos, np.maximum(full, 1).astype(np.float32))
    boxes = np.zeros((n, BOX_SIZE, BOX_SIZE), np.float32)
    sizes = np.zeros((n, 2), int)
    for box, size, each in zip(boxes, sizes, ink, strict=True):
        found = ink_to_box(each)
        size[:] = found.shape[::-1]
        box[: size[1], : size[0]] = found
    return place_boxes(boxes, sizes)
