"""Defocus: ink as in a photo that is out of focus, black and white again."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures import IMAGE_SIZE, ink_to_image

_MARGIN = 6  # pixels: so far blurred ink goes beyond the image
_BLURS = (1.0, 3.3)  # pixels, standard deviations
# Unsharp masking: so many times what departs from around, within so many
# times the blur, which is seldom measured in full.
_SHARPEN, _AROUND = (0.0, 4.0), (0.75, 1.5)
_GRAIN = 0.04  # of the ink: a standard deviation, at most
_FULL = (0.45, 0.95)  # of the darkest: a photo's other ink may be paler
_LOW, _HIGH = 0.25, 0.75  # of that: black, and white, as where photos are read


def defocus(
    images: npt.NDArray[np.uint8], rng: np.random.Generator
) -> npt.NDArray[np.uint8]:
    """Blurs images as a camera does, and makes ink of them as photos' is made.

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
        return images.copy()  # OpenCV refuses it
    ranges = _BLURS, _AROUND, _SHARPEN, (0, _GRAIN), _FULL
    drawn = np.stack([rng.uniform(*each, n) for each in ranges], axis=1)
    grain = rng.standard_normal((n * side, side), np.float32)
    cv2.GaussianBlur(grain, (3, 3), 0, dst=grain)
    wide = np.pad(images, ((0, 0), (_MARGIN, _MARGIN), (_MARGIN, _MARGIN)))
    seen = np.empty_like(images)
    rows = zip(wide, grain.reshape(n, side, side), drawn.tolist(), strict=True)
    for index, (image, noise, row) in enumerate(rows):
        blur, around, sharpen, grainy, full = row
        soft = cv2.GaussianBlur(image.astype(np.float32), (0, 0), blur)
        soft += grainy * float(soft.max()) * noise
        soft += sharpen * (soft - cv2.GaussianBlur(soft, (0, 0), around * blur))
        level = soft / max(full * float(soft.max()), 1)
        ramp = np.clip((level - _LOW) * (255 / (_HIGH - _LOW)), 0, 255)
        seen[index] = ink_to_image(ramp.astype(np.uint8))
    return seen
