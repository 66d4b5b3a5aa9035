"""Quadrilaterals: rectangles seen at an angle."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

ASKEW = 0.4  # of the opposite side: least length; a shadow's may be shorter
SQUARE = 0.88  # of its rectangle: least share of a box; a 0's ring fills 0.79
LEANING = 0.85  # of its area: least share enclosed by a quadrilateral's corners
SIMILAR = 0.25  # of a side: how much it may differ from another box's


def measure_form(
    hull: npt.NDArray[np.int32], like: Sequence[npt.NDArray[np.floating]] | None
) -> tuple[npt.NDArray[np.float32], tuple[float, float], float]:
    """Measures a rectangle, which is a quadrilateral if seen at an angle.

    Args:
        hull: `(n, 1, 2)` int32, x and y, convex.
        like: corners of quadrilaterals; to count as one that is not a
            rectangle, it has to have the form of one of these. `None` if its
            form is certain.

    Returns:
        Its corners, as of `sort_corners`; its shorter and its longer side; and
        the share of its bounding rectangle that it fills, 1 for another
        quadrilateral.
    """
    rectangle = cv2.minAreaRect(hull)
    short, long = sorted(rectangle[1])
    area = cv2.contourArea(hull)
    full = area / max(1.0, short * long)
    # These are in order already; sorting takes long for thousands of squares.
    corners = _begin_left(np.asarray(cv2.boxPoints(rectangle), np.float32))
    if full >= SQUARE:
        return corners, (short, long), full
    leaning = fit_quadrilateral(hull)
    if leaning is None or cv2.contourArea(leaning) < LEANING * area:
        return corners, (short, long), full
    sides = leaning - np.roll(leaning, -1, axis=0)
    ways = np.linalg.norm(sides, axis=1)
    if like is not None:
        others = np.array(like).reshape(-1, 4, 2)
        away = np.linalg.norm(
            others - np.roll(others, -1, axis=1) - sides, axis=2
        )
        if not (away < SIMILAR * ways).all(axis=1).any():
            return corners, (short, long), full
    short, long = sorted(((ways[:2] + ways[2:]) / 2).tolist())
    return leaning, (short, long), 1.0


def fit_quadrilateral(hull: np.ndarray) -> npt.NDArray[np.float32] | None:
    """Fits a quadrilateral to a convex outline.

    Args:
        hull: `(n, 1, 2)`, x and y.

    Returns:
        `(4, 2)`, from the top left on, clockwise; `None` if four corners do not
        describe its form, or a side is much shorter than the opposite one.

    Example:
        >>> hull = np.array([[[0, 0]], [[9, 0]], [[12, 9]], [[3, 9]]], np.int32)
        >>> fit_quadrilateral(hull).tolist()
        [[0.0, 0.0], [9.0, 0.0], [12.0, 9.0], [3.0, 9.0]]
    """
    around = cv2.arcLength(hull, True)
    for share in (0.02, 0.03, 0.04, 0.06):
        found = cv2.approxPolyDP(hull, share * around, True)
        if len(found) == 4:
            corners = sort_corners(found.reshape(4, 2).astype(np.float32))
            return None if is_askew(corners) else corners
    return None


def is_askew(corners: npt.NDArray[np.floating]) -> bool:
    """Whether a side is much shorter than the opposite one.

    Args:
        corners: `(4, 2)`, in order round the outline.
    """
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    return bool((sides < ASKEW * np.roll(sides, 2)).any())


def sort_corners(corners: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Sorts four corners, `(4, 2)`: from the top left on, clockwise."""
    middle = corners.mean(axis=0)
    turns = np.arctan2(*(corners - middle).T[::-1])
    return _begin_left(corners[np.argsort(turns)])


def _begin_left(corners: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Rotates the corners so that the top left one is first."""
    first = int(corners.sum(axis=1).argmin())
    return corners[np.arange(first - 4, first)]
