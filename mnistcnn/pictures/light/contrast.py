"""Contrast: ink drawn out to black and white, and sharpened if blurred."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.illumination import Marks
from mnistcnn.pictures.shapes.widths import measure_width

CONTRAST = 25  # grey levels: paler marks on the paper are not ink
LOW, HIGH = 0.25, 0.75  # of the ink's full contrast: black, and full, ink
# Pixels: softer edges are sharpened, and the softest are shades. Around so many
# times the blur, and so much of what departs from there.
BLURRED = (1.25, 3.0)
AROUND, SHARPEN = 1.5, 3.0
NARROW = 5.8  # times the blur: in a wider stroke it is texture that stands out
EPSILON = 1e-6


def draw_out(marks: Marks, floor: float = CONTRAST) -> npt.NDArray[np.uint8]:
    """Draws the contrast of ink out to black and white.

    Args:
        marks: of ink alone.
        floor: grey levels, from where on they are ink.

    Returns:
        `(h, w)` uint8, bright ink on black.
    """
    smooth = cv2.GaussianBlur(marks.strength, (0, 0), 0.8)
    strong = smooth > floor
    if not strong.any():
        return np.zeros(strong.shape, np.uint8)
    strength = marks.strength
    most = np.percentile(smooth[strong], 95)
    full = float(np.median(strength[strength > max(floor, most / 2)]))
    blur = _measure_blur(strength / full)
    if BLURRED[0] < blur < BLURRED[1] and (
        measure_width(strength > full / 2) < NARROW * blur
    ):
        # Else what is between strokes is filled (unsharp masking).
        around = cv2.GaussianBlur(strength, (0, 0), AROUND * blur)
        strength = (1 + SHARPEN) * strength - SHARPEN * around
        full = float(np.median(strength[strength > max(floor, most / 2)]))
    return apply_levels(strength, full)


def apply_levels(
    strength: npt.NDArray[np.floating],
    full: npt.NDArray[np.floating] | float,
) -> npt.NDArray[np.uint8]:
    """Draws ink's strength out between a black point and a white point.

    Args:
        strength: of any shape.
        full: what full ink has, above 0; of a shape that fits.

    Returns:
        uint8 of that shape: 0 up to a quarter of it, 255 from three quarters
        on.

    Example:
        >>> apply_levels(np.array([10.0, 20.0, 30.0]), 40).tolist()
        [0, 128, 255]
    """
    ramp = np.clip((strength / full - LOW) / (HIGH - LOW), 0, 1)
    return np.rint(255 * ramp).astype(np.uint8)


def _measure_blur(ink: np.ndarray) -> float:
    """Measures an edge's blur, its standard deviation in pixels.

    Args:
        ink: `(h, w)` float32, 1 where it is full.
    """
    edge = np.abs(ink - 0.5) < 0.2
    if not edge.any():
        return 0.0
    steep = np.hypot(
        cv2.Sobel(ink, cv2.CV_32F, 1, 0)[edge],
        cv2.Sobel(ink, cv2.CV_32F, 0, 1)[edge],
    )
    # Of a blurred step, the steepest place.
    steepest = float(np.percentile(steep, 75)) / 8
    return 1 / max(np.sqrt(2 * np.pi) * steepest, EPSILON)
