"""Contrast: ink stretched to black and white, and sharpened if blurred."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.illumination import Marks
from mnistcnn.pictures.shapes.widths import measure_width

CONTRAST = 25  # grey levels: paler marks on the paper are not ink
LOW, HIGH = 0.25, 0.75  # of the ink's full contrast: mapped to 0, and to 255
# Pixels: edges with a blur between these are sharpened; softer ones are
# shading. Unsharp masking: its radius in units of the blur, and its amount.
BLURRED = (1.25, 3.0)
AROUND, SHARPEN = 1.5, 3.0
NARROW = 5.8  # times the blur: in wider strokes sharpening brings out texture
EPSILON = 1e-6


def draw_out(marks: Marks, floor: float = CONTRAST) -> npt.NDArray[np.uint8]:
    """Stretches the contrast of ink to black and white.

    Args:
        marks: with ink only.
        floor: grey levels, the threshold of ink.

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
        # Unsharp masking: otherwise the gaps between strokes are filled.
        around = cv2.GaussianBlur(strength, (0, 0), AROUND * blur)
        strength = (1 + SHARPEN) * strength - SHARPEN * around
        full = float(np.median(strength[strength > max(floor, most / 2)]))
    return apply_levels(strength, full)


def apply_levels(
    strength: npt.NDArray[np.floating],
    full: npt.NDArray[np.floating] | float,
) -> npt.NDArray[np.uint8]:
    """Stretches ink's strength between a black point and a white point.

    Args:
        strength: of any shape.
        full: the strength of full ink, above 0; of a broadcastable shape.

    Returns:
        uint8 of `strength`'s shape: 0 up to a quarter of `full`, 255 from three
        quarters on.

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
    # The steepest place of a blurred step.
    steepest = float(np.percentile(steep, 75)) / 8
    return 1 / max(np.sqrt(2 * np.pi) * steepest, EPSILON)
