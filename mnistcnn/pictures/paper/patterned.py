"""A sheet on a desk with a pattern: a checked cloth, tiles, a printed page."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.surfaces import fit_surface, lay_surface
from mnistcnn.pictures.paper.corners import find_corners
from mnistcnn.pictures.shapes.components import find_components

SIZES = 0.25, 0.35, 0.18  # of the shorter side: larger than a pattern's parts
LEAST, MOST = 0.15, 0.8  # of the picture: area of the sheet
MANY = 12  # least number of changes along the picture's borders, by a pattern
EVEN, UNEVEN = 30, 3  # spread of a sheet, grey levels; a pattern's in sheet's
# A side is moved in by STEP of the sheet, at most STEPS times, until at most
# FEW of its pixels are more than AWAY grey levels from the sheet's light; then
# by MORE.
STEP, STEPS, MORE = 0.01, 60, 0.02
AWAY, FEW = 8, 0.04
NEAR = np.ones((5, 5), np.uint8)  # pixels at its edge, which are ignored


def find_on_pattern(
    flat: npt.NDArray[np.float32], halves: Sequence[npt.NDArray[np.uint8]]
) -> npt.NDArray[np.float32] | None:
    """Finds the corners of an even sheet on a patterned desk.

    Args:
        flat: `(h, w, channels)`, a picture with most strokes removed.
        halves: `(h, w)` each, 0 on one of two sides of it, 1 on the other.

    Returns:
        `(4, 2)`, as of `find_corners`; `None` if there is no such sheet.

    Example:
        >>> y, x = np.mgrid[:120, :160]
        >>> cloth = np.where((x // 10 % 2) & (y // 10 % 2), 60, 240)
        >>> cloth[20:100, 20:140] = 230
        >>> half = np.asarray(cloth > 150, np.uint8)
        >>> flat = cloth[..., None].astype(np.float32)
        >>> away = find_on_pattern(flat, [half])[0] - (20, 20)
        >>> bool(abs(away).max() < 5)
        True
    """
    # Of every second pixel, which takes a tenth of the time.
    grey = flat[::2, ::2].mean(axis=2)
    few = [np.ascontiguousarray(pair[::2, ::2]) for pair in halves]
    for half in (part for pair in few for part in (pair, 1 - pair)):
        if _count_changes(half) < MANY:
            continue
        for size in SIZES:
            corners = _find_largest(half, round(size * min(half.shape)) | 1)
            if corners is not None and _is_even(grey, corners):
                return 2 * _draw_in(grey, corners)
    return None


def _find_largest(half, side: int) -> npt.NDArray[np.float32] | None:
    """Finds the corners of the largest part after an opening of a half."""
    opened = cv2.findNonZero(_open(half, side))
    if opened is None:
        return None
    # The convex hull includes the ink on the sheet.
    whole = cv2.fillConvexPoly(half.copy(), cv2.convexHull(opened), 1)
    parts, stats = find_components(_open(whole, side))
    best = 1 + int(np.argmax(stats[1:, 4]))
    if not LEAST < stats[best, 4] / half.size < MOST:
        return None
    return find_corners((parts == best).astype(np.uint8), rounded=True)


def _is_even(grey: np.ndarray, corners: np.ndarray) -> bool:
    """Whether a sheet is even and its surroundings are not."""
    sheet = np.zeros(grey.shape, np.uint8)
    cv2.fillConvexPoly(sheet, np.rint(corners).astype(np.int32), 1)
    own = _stray(grey[cv2.erode(sheet, NEAR) > 0])
    other = _stray(grey[cv2.dilate(sheet, NEAR) == 0])
    return own <= min(EVEN, other / UNEVEN)


def _draw_in(grey: np.ndarray, corners: np.ndarray) -> npt.NDArray[np.float32]:
    """Moves each side in until hardly any of the pattern lies along it."""
    beside = np.ones(grey.shape, np.uint8)
    cv2.fillConvexPoly(beside, np.rint(corners).astype(np.int32), 0)
    beside = np.asarray(cv2.dilate(beside, NEAR), np.uint8)
    light = fit_surface(grey[..., None], beside, degree=1)
    away = np.abs(grey - lay_surface(light, *grey.shape)[..., 0]) > AWAY
    for _ in range(STEPS):
        shares = [_measure_side(away, corners, side) for side in range(4)]
        # The worst first, since it makes its neighbours longer.
        worst = int(np.argmax(shares))
        if shares[worst] <= FEW:
            break
        corners = _move(corners, worst, STEP)
    for side in range(4):
        corners = _move(corners, side, MORE)
    return corners


def _move(corners: np.ndarray, side: int, share: float) -> np.ndarray:
    """Moves the side that begins at a corner towards the opposite one."""
    one, two, three, four = np.roll(np.arange(4), -side)
    moved = corners.copy()
    moved[[one, two]] += share * (corners[[four, three]] - corners[[one, two]])
    return moved


def _measure_side(away: np.ndarray, corners: np.ndarray, side: int) -> float:
    """Measures the share of a side that differs from the sheet's light."""
    left, right = corners[side], corners[(side + 1) % 4]
    along = np.linspace(0, 1, max(away.shape))[:, None]
    line = np.rint(left + along * (right - left)).astype(int)
    x, y = line.clip(0, np.array(away.shape[::-1]) - 1).T
    return float(away[y, x].mean())


def _count_changes(half: np.ndarray) -> int:
    """Counts the changes between the halves along the picture's borders."""
    edge = [half[2], half[:, -3], half[-3, ::-1], half[::-1, 2]]
    return int(np.count_nonzero(np.diff(np.concatenate(edge).astype(int))))


def _open(half: np.ndarray, side: int) -> np.ndarray:
    """Morphological opening by a disc, with zeros beyond the border."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    framed = np.pad(half, side)
    opened = cv2.morphologyEx(framed, cv2.MORPH_OPEN, kernel)
    return np.ascontiguousarray(opened[side:-side, side:-side])


def _stray(levels: np.ndarray) -> float:
    """Measures the spread of levels, from the 20th to the 80th percentile."""
    if not levels.size:
        return 0.0
    return float(np.subtract(*np.percentile(levels, [80, 20])))
