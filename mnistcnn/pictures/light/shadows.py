"""Shadows with hard edges: found as a second level of light, and removed.

In such a shadow paper is darker by the same factor in all colours, also where
the light falls off. So nearly all of it lies on two smooth surfaces, a constant
step apart, and ink differs from both.
"""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.surfaces import (
    find_median,
    lay_basis,
    lay_surface,
    take_largest,
)

SMALL, FEW = 160, 48  # pixels a side: to see a shadow, and to measure it
WIDE = 0.09  # of the shorter side: anything narrower is ink
DEEPEST, PALEST = 0.36, 0.88  # of the light: share that a shadow leaves
# If only this share of the picture is darker than both levels, the second may
# be a broad pen's ink: then a shadow has at least this half width, as a share
# of the height.
INKED, BROAD = 0.003, 0.1
CELLS, ALIKE = 3, 1.5  # least number of filled cells; largest ratio of widths
PARTS, SPREAD = 8, 0.5  # a pattern has more parts, and fills less of its hull
NEUTRAL = 0.07  # how much the share of light may differ between colours
LEAST = 0.005  # of the picture: smaller shadows are not removed
FITTED = 0.8  # of the picture: least share that is on one of the levels
NEAR = 0.1  # of the light: how far paper may be from its level
DEGREE = 2  # of the polynomial surface of the light, across and down
ROUNDS, DEEP_ROUNDS = 3, 8  # of the fit, without and with the light's fall
LOGS = np.log(np.arange(256) + 1).astype(np.float32)


def light_up(
    colours: npt.NDArray[np.uint8],
    desk: npt.NDArray[np.uint8] | None = None,
) -> npt.NDArray[np.uint8]:
    """Removes a shadow with a hard edge by lighting up the paper in it.

    Args:
        colours: `(h, w, channels)` uint8.
        desk: `(h, w)` uint8, 1 where there is no paper.

    Returns:
        The picture without the shadow; unchanged if there is none.

    Example:
        >>> paper = np.full((80, 80, 1), 200, np.uint8)
        >>> paper[:, 30:] = 120
        >>> bool(abs(int(light_up(paper)[40, 60, 0]) - 200) < 4)
        True
    """
    found = _find_levels(colours, desk)
    light = None if found is None else _follow(colours, *found)
    if light is None:
        return colours
    return np.clip(np.rint(colours / light), 0, 255).astype(np.uint8)


def _follow(
    colours: np.ndarray, factors: np.ndarray, deep: np.ndarray
) -> np.ndarray | None:
    """Follows a shadow's outline; returns each pixel's share of the light."""
    height, width = colours.shape[:2]
    level = lay_surface(factors, height, width)
    smooth = np.asarray(cv2.GaussianBlur(colours, (0, 0), 0.8), np.uint8)
    away = cv2.LUT(smooth, LOGS).reshape(colours.shape) - level
    # A stroke's rim may have the shadow's level, but is thin.
    kernel = np.ones((3, 3), np.uint8)
    lit, shade = (
        cv2.morphologyEx(
            (take_largest(np.abs(away - step)) < NEAR).astype(np.uint8),
            cv2.MORPH_OPEN,
            kernel,
        )
        for step in (np.zeros_like(deep), deep)
    )
    # So may a pale stroke. A shadow is wide somewhere, even if ink divides it.
    half = WIDE / 4 * min(height, width)
    near = round(half) | 1
    # One colour is enough: blue ink is as bright as paper in blue.
    if (take_largest(deep - away) > 2 * NEAR).mean() < INKED:
        half = max(half, BROAD * height)
    joined = cv2.dilate(shade, np.ones((near, near), np.uint8))
    parts = np.asarray(cv2.connectedComponents(joined)[1], int)
    depth = cv2.distanceTransform(shade, cv2.DIST_L2, 3)
    inner = depth > half
    depths = np.zeros(parts.max() + 1, np.float32)
    np.maximum.at(depths, parts[inner], depth[inner])
    shade = np.where(depths[parts] > 0, shade, 0).astype(np.uint8)
    if not shade.any() or not lit.any() or _are_cells(depths[depths > 0]):
        return None
    if _is_pattern(shade, inner):
        return None
    # Under ink, and on soft edges, interpolated by the distance to either.
    ways = [
        cv2.distanceTransform(1 - own, cv2.DIST_L2, 5) for own in (lit, shade)
    ]
    share = ways[0] / np.maximum(ways[0] + ways[1], 1e-6)
    share = share * share * (3 - 2 * share)
    return np.exp(share[..., None] * deep)


def _are_cells(depths: np.ndarray) -> bool:
    """Whether shadows are several of one size, like a puzzle's filled cells."""
    return len(depths) >= CELLS and depths.max() < ALIKE * depths.min()


def _is_pattern(shade: np.ndarray, inner: np.ndarray) -> bool:
    """Whether shade is in many scattered parts, like a checked cloth."""
    count = cv2.connectedComponents(inner.astype(np.uint8), connectivity=4)[0]
    hull = cv2.convexHull(cv2.findNonZero(shade))
    fill = cv2.countNonZero(shade) / max(1.0, cv2.contourArea(hull))
    return count > PARTS and fill < SPREAD


def _find_levels(
    colours: np.ndarray, desk: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """Finds the surface of paper in the light, and the step down to shade.

    Returns:
        Factors of the surface, and the step of each colour, in logarithms;
        `None` if there are not two levels.
    """
    height, width = colours.shape[:2]
    if min(height, width) < 16:
        return None
    scale = min(1, SMALL / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(colours, size, interpolation=cv2.INTER_AREA)
    flat = cv2.medianBlur(small, max(3, round(WIDE * min(size))) | 1)
    scale = min(1, FEW / max(size))
    size = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    flat = np.asarray(
        cv2.resize(flat, size, interpolation=cv2.INTER_NEAREST), np.uint8
    )
    logs = LOGS[flat].reshape(size[0] * size[1], -1).astype(np.float64)
    on = np.ones(len(logs), bool)
    if desk is not None:
        on = cv2.resize(desk, size, interpolation=cv2.INTER_NEAREST) == 0
    basis = lay_basis(size[1], size[0], DEGREE)
    return _fit_levels(basis[on.ravel()], logs[on.ravel()])


def _fit_levels(
    basis: np.ndarray, logs: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    grey = logs.mean(axis=1)
    low, high = np.percentile(grey, [1, 99]) if len(grey) else (0, 0)
    if high - low < -np.log(PALEST):
        return None
    levels = np.clip((grey - low) / (high - low) * 255, 0, 255)
    level, _ = cv2.threshold(
        levels.astype(np.uint8)[:, None], 0, 1, cv2.THRESH_OTSU
    )
    # For a small shadow the threshold is in the middle of the range.
    for start in (level, 128):
        factors, near, shade = _fit_two(basis, logs, levels <= start)
        left, fitted = np.exp(factors[-1]), near < NEAR
        if (
            left.min() > DEEPEST
            and left.max() < PALEST
            and np.ptp(left) < NEUTRAL
            and fitted.mean() > FITTED
            and LEAST < shade[fitted].mean() < 1 - LEAST
        ):
            return factors[:-1], factors[-1].astype(np.float32)
    return None


def _fit_two(
    basis: np.ndarray, logs: np.ndarray, shade: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fits two surfaces a step apart, alternating with the assignment.

    Returns:
        The factors, of which the last are the step; each pixel's distance from
        the nearer surface, and whether that is the lower one.
    """
    good = np.ones(len(logs), bool)
    factors, near = np.zeros((1, logs.shape[1])), np.zeros(len(logs))
    for count in [1] * ROUNDS + [basis.shape[1]] * DEEP_ROUNDS:
        both = np.column_stack([basis[:, :count], shade])
        ridge = 1e-6 * len(logs) * np.eye(count + 1)
        on = both.T * good
        factors = np.linalg.solve(on @ both + ridge, on @ logs)
        away = logs - basis[:, :count] @ factors[:-1]
        ways = [take_largest(np.abs(away - k * factors[-1])) for k in (0, 1)]
        before = shade, good
        shade, near = ways[1] < ways[0], np.minimum(*ways)
        # Without ink and desk.
        good = near < max(2 * NEAR, 2.5 * find_median(near))
        if count > 1 and all(map(np.array_equal, before, (shade, good))):
            break
    return factors, near, shade
