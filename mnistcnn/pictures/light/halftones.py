"""Halftones: grey as black and white dots, as in faxes and prints."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.surfaces import take_few

LEVELS, TWO = 8, 0.97  # grey levels from black or white; least share within
DOT, DOTS = 8, 0.006  # largest area of a dot, pixels; least dots per pixel
FEWEST = 64  # least number of dots
SEEN, PART = 200, 1000  # pixels a side: enough to see levels, and dots
FAR, MOST = 0.45, 2.2  # the blur: of the dots' distance; at most, in pixels


def smooth_halftone(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Smooths a picture whose grey is made of black and white dots.

    Args:
        colours: `(h, w, channels)` uint8.

    Returns:
        The picture, blurred by the distance of its dots; any other picture
        unchanged.

    Example:
        >>> dots = np.full((40, 40, 1), 255, np.uint8)
        >>> dots[::4, ::4] = 0
        >>> int(np.ptp(smooth_halftone(dots)[8:-8, 8:-8])) < 20
        True
        >>> dots[:] = 0
        >>> bool(smooth_halftone(dots).any())
        False
    """
    few = take_few(colours, SEEN)
    low, high = int(few.min()), int(few.max())
    ends = ((low, low + LEVELS), (high - LEVELS, high))
    two = sum(_is_within(few, *end).mean() for end in ends)
    if high - low < 4 * LEVELS or two < TWO:
        return colours
    # The more frequent tone is paper. Dots that touch at corners count as
    # separate.
    top, left = (max(0, (side - PART) // 2) for side in colours.shape[:2])
    part = colours[top : top + PART, left : left + PART]
    inked = _is_within(part, 0, (low + high) // 2)
    ink = (inked == (inked.mean() < 0.5)).astype(np.uint8)
    stats = cv2.connectedComponentsWithStats(ink, connectivity=4)[2]
    dots = int((stats[1:, 4] <= DOT).sum())
    if dots < max(FEWEST, DOTS * ink.size):
        return colours
    sigma = min(FAR * float(np.sqrt(ink.size / dots)), MOST)
    smooth = cv2.GaussianBlur(colours, (0, 0), sigma)
    return np.asarray(smooth.reshape(colours.shape), np.uint8)


def _is_within(colours, low, high) -> npt.NDArray[np.bool_]:
    """Whether all channels are from one level to another."""
    ends = (np.full(colours.shape[2], end, float) for end in (low, high))
    return cv2.inRange(colours, *ends) > 0
