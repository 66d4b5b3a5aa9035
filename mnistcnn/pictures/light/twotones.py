"""Two tones: whether a picture is only ink and paper, sharp or blurred."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.surfaces import (
    fit_surface,
    lay_surface,
    take_largest,
)

EDGE = 5  # pixels: kernel of the erosion that removes edges between the tones
ALIKE, OTHER = 0.15, 0.01  # of the contrast: one tone; pixels of a third tone
# Width from which an edge is blurred, pixels; how many of its widths away the
# tone is even; percentile of slopes that counts as the steepest; a Sobel
# filter's response to one grey level per pixel.
BLURRED, AWAY, STEEP, SOBEL = 3.5, 1.5, 99, 8
# Least share of the picture on a smooth surface; grey levels from it; and the
# ratio of its darkest to its brightest level: with a higher one the light does
# not fall off.
LIT, SHADE, FALL = 0.85, 25, 0.8


def measure_blur(
    colours: npt.NDArray[np.float32], ink: npt.NDArray[np.uint8]
) -> float:
    """Measures how wide edges are.

    Args:
        colours: `(h, w, channels)` float32.
        ink: `(h, w)` uint8, 1 on one of two tones, both of which occur.

    Returns:
        Pixels from one tone to the other at the steepest slope; about 2 in a
        sharp picture.

    Example:
        >>> picture = np.zeros((40, 40, 1), np.float32)
        >>> picture[:, 20:] = 200
        >>> ink = np.asarray(picture[..., 0] > 100, np.uint8)
        >>> soft = cv2.GaussianBlur(picture, (0, 0), 4)[..., None]
        >>> round(measure_blur(picture, ink)), round(measure_blur(soft, ink))
        (2, 10)
    """
    one, two = (np.median(colours[ink == own], axis=0) for own in (0, 1))
    far = float(np.linalg.norm(two - one))
    along = cv2.transform(colours, (two - one)[None] / max(far, 1e-6))
    slope = np.hypot(*(cv2.Sobel(along, -1, *way) for way in ((1, 0), (0, 1))))
    return far / max(float(np.percentile(slope, STEEP)) / SOBEL, 1e-6)


def is_plain(
    colours: npt.NDArray[np.float32], ink: npt.NDArray[np.uint8]
) -> bool:
    """Whether there are only two tones; a sheet with writing has more.

    Args:
        colours: `(h, w, channels)` float32.
        ink: `(h, w)` uint8, 1 on ink.

    Example:
        >>> picture = np.full((40, 40, 1), 240, np.float32)
        >>> picture[4:36, 14:26] = 30
        >>> ink = np.asarray(picture[..., 0] < 100, np.uint8)
        >>> is_plain(picture, ink)
        True
        >>> picture[8:20, 17:22] = 110
        >>> is_plain(picture, ink)
        False
    """
    blur = measure_blur(colours, ink)
    wide = max(EDGE, round(AWAY * blur) | 1)
    sides = [
        colours[cv2.erode(own, np.ones((side, side), np.uint8)) > 0]
        for own, side in ((1 - ink, wide), (ink, EDGE))
    ]
    if not all(map(len, sides)):
        return False
    tones = [np.median(side, axis=0) for side in sides]
    least = ALIKE * np.abs(tones[0] - tones[1]).max()
    # Strokes as thin as a blurred edge nowhere have the full tone of ink.
    asked = sides[:1] if blur >= BLURRED else sides
    return all(
        (take_largest(np.abs(side - tone)) > least).mean() < OTHER
        for side, tone in zip(asked, tones, strict=False)
    )


def is_lit(colours: npt.NDArray[np.float32]) -> bool:
    """Whether the two tones are one paper's, unevenly lit by a lamp.

    Args:
        colours: `(h, w, channels)` float32.

    Example:
        >>> level = np.linspace(60, 200, 80, dtype=np.float32)
        >>> picture = np.repeat(level[None, :, None], 60, axis=0)
        >>> is_lit(picture), is_lit(np.where(picture < 120, 0 * picture, 200))
        (True, False)
    """
    level = lay_surface(fit_surface(colours), *colours.shape[:2])
    near = take_largest(np.abs(colours - level)) < SHADE
    light = level.mean(axis=2)
    return bool(near.mean() > LIT and light.min() < FALL * light.max())
