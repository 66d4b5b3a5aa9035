"""Digits' size: the height of most of the ink, before lines are known."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.rulings.bands import Line, paint_both, paint_boxes
from mnistcnn.pictures.rulings.rules import choose_crossing
from mnistcnn.pictures.shapes.boxes import Box, choose_boxes
from mnistcnn.pictures.shapes.components import find_components

# Of the picture: least length of a line that may join all of its digits; and
# the same if nothing else is left.
WIDE, SHORTER = 0.75, 0.3
FLAT = 0.2  # least ratio of a digit's height to its width
LEAST = 6  # pixels
ACROSS = 9  # pixels: largest thickness of a line that crosses a stroke


def measure_digits(
    mask: npt.NDArray[np.uint8], lines: list[list[Line]], boxes: list[Box]
) -> float:
    """Measures a digit's height, without lines that are surely not writing.

    Args:
        mask: `(h, w)`, 1 where there is ink.
        lines: across, and down (by columns in place of rows).
        boxes: found in the ink.

    Returns:
        Pixels; 0 if it is unknown.

    Example:
        >>> page = np.zeros((60, 90), np.uint8)
        >>> page[20:45, 40:44] = 1
        >>> measure_digits(page, [[], []], [])
        25.0
    """
    sure = choose_crossing(lines, (len(mask), mask.shape[1]))
    # An empty box may be a digit's ring.
    boxes = choose_boxes(boxes)
    # With boxes, length alone does not identify a line.
    for share in (np.inf,) if boxes else (WIDE, SHORTER):
        wide = share * mask.shape[1]
        across = [e for e in lines[0] if e.end - e.start >= wide]
        bands = paint_both([sure[0] + across, sure[1]], mask.shape)
        bands |= paint_boxes(boxes, mask.shape)
        rest = np.asarray(mask & ~bands & 1, np.uint8)
        # Strokes that a line crosses are closed again.
        upright, level = (
            cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones(size, np.uint8))
            for size in ((ACROSS, 1), (1, ACROSS))
        )
        crossed = cv2.bitwise_or(upright, level)
        whole = cv2.bitwise_or(rest, cv2.bitwise_and(crossed, bands))
        tall = _measure_most(np.asarray(whole, np.uint8))
        if tall:
            return tall
    return 0.0


def _measure_most(rest: np.ndarray) -> float:
    """The area-weighted median height of the ink; 0 if there is none."""
    _, stats = find_components(rest)
    wide, tall, area = stats[1:, 2:5].T
    keep = (np.maximum(wide, tall) >= LEAST) & (tall > FLAT * wide)
    tall, area = tall[keep], area[keep]
    if not tall.size:
        return 0.0
    order = np.argsort(tall)
    total = np.cumsum(area[order])
    return float(tall[order][np.searchsorted(total, total[-1] / 2)])


def measure_ink(ink: npt.NDArray[np.uint8]) -> tuple[float, float]:
    """Measures the height of most of the ink, and the width of its pen.

    Args:
        ink: `(h, w)`, bright ink on black, without lines.

    Returns:
        Pixels; the height is 0 if there is no ink.

    Example:
        >>> ink = np.zeros((60, 90), np.uint8)
        >>> ink[20:45, 40:44] = 255
        >>> tall, wide = measure_ink(ink)
        >>> tall, round(wide, 1)
        (25.0, 3.7)
    """
    mask = np.asarray(ink > 127, np.uint8)
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8))
    # A stroke loses a pixel at each side.
    rim = int(mask.sum()) - int(inner.sum())
    return _measure_most(mask), 2 * int(mask.sum()) / max(rim, 1)
