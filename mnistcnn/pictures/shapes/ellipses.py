"""Ellipses: what is round, what it goes round, and how wide its pen is."""

import cv2
import numpy as np
import numpy.typing as npt

LEAST = 20  # pixels: a ring round digits is no lower
SIDE = 8  # points on each side of a hull, which may be long
UNEVEN = 0.15  # of its radius, that a ring's outline is from an ellipse
CLOSED = 0.6  # of what is as far inside: as much of it is the ring's pen
FILLED = 0.8  # of its hull that a ring whose ends meet fills
ENDS = 0.13  # of its shorter side, twice: so far they may be from each other


def is_round(hull: np.ndarray) -> bool:
    """Whether it is an ellipse, of whatever slope, as tall as a number.

    Args:
        hull: `(n, 1, 2)` int32, x and y: a convex outline.

    Example:
        >>> ring = cv2.ellipse2Poly((50, 40), (45, 30), 20, 0, 360, 9)
        >>> is_round(cv2.convexHull(ring))
        True
        >>> is_round(np.int32([[[0, 0]], [[90, 0]], [[90, 60]], [[0, 60]]]))
        False
    """
    found = cv2.moments(hull)
    if not found["m00"] or min(cv2.minAreaRect(hull)[1]) < LEAST:
        return False
    spread = np.array([["mu20", "mu11"], ["mu11", "mu02"]])
    spread = np.vectorize(found.get)(spread) / found["m00"]
    middle = np.array([found["m10"], found["m01"]]) / found["m00"]
    ends = hull[:, 0] - middle
    share = np.arange(0, 1, 1 / SIDE)[:, None, None]
    points = (ends + share * (np.roll(ends, -1, 0) - ends)).reshape(-1, 2)
    # Of an ellipse's outline 4 everywhere, of a rectangle's corners 6.
    away = ((points @ np.linalg.inv(spread)) * points).sum(axis=1)
    return bool(np.abs(np.sqrt(away / 4) - 1).max() < UNEVEN)


def measure_depth(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Measures how far each pixel is within a ring.

    Args:
        mask: `(h, w)`, true on it.

    Returns:
        `(h, w)`, pixels from the outer side of what it goes round; 0 beyond.
    """
    inside = np.pad(fill_ring(mask).astype(np.uint8), 1)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[1:-1, 1:-1]
    return np.asarray(depth, np.float32)


def measure_pen(
    mask: npt.NDArray[np.bool_], depth: npt.NDArray[np.float32], most: float
) -> int:
    """Measures a ring's pen: so deep it is ink nearly all along.

    Args:
        mask: `(h, w)`, true on the ring and what touches it.
        depth: of `measure_depth`.
        most: pixels: no pen is as wide.

    Returns:
        Pixels, 1 at least.
    """
    pen = 1
    while pen < most:
        along = mask[(depth > pen) & (depth <= pen + 1)]
        if not along.size or along.mean() < CLOSED:
            break
        pen += 1
    return pen


def fill_ring(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Fills what ink goes round; the ends of a ring may not meet.

    Args:
        mask: `(h, w)`, true on the ink.
    """
    filled = fill(mask)
    hull = cv2.convexHull(cv2.findNonZero(mask.astype(np.uint8)))
    if filled.sum() > FILLED * cv2.contourArea(hull) or not is_round(hull):
        return filled
    reach = round(ENDS * min(mask.shape))
    size = (2 * reach + 1, 2 * reach + 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size)
    wider = cv2.dilate(np.pad(mask, reach).astype(np.uint8), kernel)
    closed = cv2.erode(fill(wider > 0).astype(np.uint8), kernel)
    return mask | (closed[reach:-reach, reach:-reach] > 0)


def fill(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Fills what ink goes round, if it is closed."""
    paper = np.pad((~mask).astype(np.uint8), 1, constant_values=1)
    cv2.floodFill(paper, None, (0, 0), 0)
    return mask | (paper[1:-1, 1:-1] > 0)
