"""Ellipses: round outlines, what they enclose, and their pen's width."""

import cv2
import numpy as np
import numpy.typing as npt

LEAST = 20  # pixels: least size of a ring round digits
SIDE = 8  # points sampled on each side of a hull, which may be long
UNEVEN = 0.15  # of its radius: how far a ring may be from an ellipse
CLOSED = 0.6  # of the pixels at a depth: least share of ink in the ring's pen
FILLED = 0.8  # of its hull: least share enclosed by a closed ring
ENDS = 0.13  # of its shorter side: half the largest gap between a ring's ends


def is_round(hull: np.ndarray) -> bool:
    """Whether it is an ellipse, of any orientation, large enough for a number.

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
    # Squared Mahalanobis distance: 4 on an ellipse's outline, 6 at a
    # rectangle's corners.
    away = ((points @ np.linalg.inv(spread)) * points).sum(axis=1)
    return bool(np.abs(np.sqrt(away / 4) - 1).max() < UNEVEN)


def measure_depth(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Measures each pixel's depth inside of a ring's outline.

    Args:
        mask: `(h, w)`, true on it.

    Returns:
        `(h, w)`, pixels from the outer edge of the filled ring; 0 outside.
    """
    inside = np.pad(fill_ring(mask).astype(np.uint8), 1)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[1:-1, 1:-1]
    return np.asarray(depth, np.float32)


def measure_pen(
    mask: npt.NDArray[np.bool_], depth: npt.NDArray[np.float32], most: float
) -> int:
    """Measures a ring's pen: the depth to which most pixels are ink.

    Args:
        mask: `(h, w)`, true on the ring and on ink that touches it.
        depth: of `measure_depth`.
        most: the largest width of a pen, pixels.

    Returns:
        Pixels, at least 1.
    """
    pen = 1
    while pen < most:
        along = mask[(depth > pen) & (depth <= pen + 1)]
        if not along.size or along.mean() < CLOSED:
            break
        pen += 1
    return pen


def fill_ring(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Fills what ink encloses, even if a ring's ends do not quite meet.

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
    """Fills the holes of ink."""
    paper = np.pad((~mask).astype(np.uint8), 1, constant_values=1)
    cv2.floodFill(paper, None, (0, 0), 0)
    return mask | (paper[1:-1, 1:-1] > 0)
