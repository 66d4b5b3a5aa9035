"""Two tones: whether a picture is ink and paper alone, sharp or blurred."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.surfaces import (
    fit_surface,
    lay_surface,
    take_largest,
)

EDGE = 5  # pixels: so near the other tone a pixel may be between the two
ALIKE, OTHER = 0.15, 0.01  # of the contrast; of the pixels, of a third tone
# From so many pixels on an edge is blurred; so many of its widths away from it
# there is one tone; of slopes, in hundredths, the steepest; what a Sobel filter
# gives for one grey level a pixel.
BLURRED, AWAY, STEEP, SOBEL = 3.5, 1.5, 99, 8
# Of the picture, that is on a smooth surface, within so many grey levels; and
# how far light falls off: less is no lamp's.
LIT, SHADE, FALL = 0.85, 25, 0.8


def measure_blur(
    colours: npt.NDArray[np.float32], ink: npt.NDArray[np.uint8]
) -> float:
    """Measures how wide edges are.

    Args:
        colours: `(h, w, channels)` float32.
        ink: `(h, w)` uint8, 1 on one of two tones, which both are there.

    Returns:
        Pixels, from one tone to the other where that is steepest; about 2 in a
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
    """Whether there are two tones and nothing else, as on no written sheet.

    Args:
        colours: `(h, w, channels)` float32.
        ink: `(h, w)` uint8, 1 on what is narrow.

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
    # In strokes as thin as an edge is wide there is no tone of ink alone.
    asked = sides[:1] if blur >= BLURRED else sides
    return all(
        (take_largest(np.abs(side - tone)) > least).mean() < OTHER
        for side, tone in zip(asked, tones, strict=False)
    )


def is_lit(colours: npt.NDArray[np.float32]) -> bool:
    """Whether the two tones are one paper's, which a lamp lights unevenly.

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
