"""Widths of strokes, by a distance transform."""

import cv2
import numpy as np
import numpy.typing as npt


def measure_gaps(
    mask: npt.NDArray[np.uint8], *, exact: bool = True
) -> npt.NDArray[np.float32]:
    """Measures how far each pixel is from the nearest 0.

    Args:
        mask: `(h, w)` uint8, with a 0 in it.
        exact: if false, within 2 %, in a seventh of the time.

    Returns:
        `(h, w)` float32, in pixels.
    """
    if not exact:
        rough = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5)
        return np.asarray(rough, np.float32)
    gaps = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # OpenCV's square roots differ in their last bit with the array's place in
    # memory, and so would the pixels of the same strokes. The squares are whole
    # numbers, which rounding restores up to a thousand pixels.
    return np.sqrt(np.rint(gaps * gaps))


def measure_width(mask: npt.NDArray[np.bool_]) -> float:
    """Measures the mean width of strokes, in pixels.

    Args:
        mask: `(h, w)`, true where there is ink; not empty.
    """
    # This takes a seventh of the time of `np.pad`.
    height, width = mask.shape
    padded = np.zeros((height + 2, width + 2), np.uint8)
    padded[1:-1, 1:-1] = mask
    inside = measure_gaps(padded, exact=False)
    # Across a line of width w the mean distance to its edge is w / 4.
    return 4 * cv2.mean(inside, padded)[0] - 1
