"""Illumination: how light falls off on paper, and where shadows end."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

DEGREE = 3  # of the surface that follows the light, across and down
WIDEST = 0.5  # of the picture's shorter side: no stroke is wider
STROKES = 4  # of a stroke's width: what is wider than so many is a shadow
MOST_GAIN = 3.0  # in deeper shade there is more noise than ink
DARKEST = 16  # grey level: in what is darker, light cannot be told
SHADE = 25  # grey levels: paler than the paper by less is its grain
SMALL = 400  # pixels a side: enough to see how wide strokes are
SPAN = 255 / 442  # bytes a level: colours are at most sqrt(3) * 255 apart


class Marks(NamedTuple):
    """What departs from the paper, in the direction in which ink does.

    Args:
        strength: `(h, w)` float32, grey levels; about 0 on paper, and as if
            all were in the light.
        noise: grey levels by which the paper itself strays.
    """

    strength: npt.NDArray[np.float32]
    noise: float


def subtract_paper(
    colours: npt.NDArray[np.uint8],
    desk: npt.NDArray[np.uint8] | None = None,
) -> Marks:
    """Subtracts the paper: what is left departs from it.

    The paper is what varies slowly, a smooth surface through most pixels, and
    what an opening leaves: what is wide, as a shadow with a hard edge is.
    Of colours, the direction counts in which narrow marks depart most.

    Args:
        colours: `(h, w, channels)` uint8.
        desk: `(h, w)` uint8, 1 where there is no paper.

    Returns:
        The marks: ink, and lines of the paper.

    Example:
        >>> paper = np.full((60, 60, 1), 200, np.uint8)
        >>> paper[:, 30:] = 120  # in the shade
        >>> paper[10:50, 10:14] = 20
        >>> strength = subtract_paper(paper).strength
        >>> bool(strength[:, 40:].max() < 25), bool(strength[30, 12] > 100)
        (True, True)
    """
    height, width = colours.shape[:2]
    scale = min(1, SMALL / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(colours, size, interpolation=cv2.INTER_AREA)
    small = small.reshape(*size[::-1], -1).astype(np.float32)
    off = np.zeros(size[::-1], np.uint8)
    if desk is not None:
        off = cv2.resize(desk, size, interpolation=cv2.INTER_NEAREST)
    factors = _fit_surface(small, off)
    level = small - _lay_surface(factors, *size[::-1])
    level[off > 0] = 0
    widest = max(3, round(WIDEST * min(size)))
    direction = _find_direction(level, widest)
    stroke, sign = _look_at_strokes(_to_bytes(level @ direction), widest)
    direction = direction * sign
    along = colours.astype(np.float32) @ direction.astype(np.float32)
    # In the middle of what bytes hold.
    along -= float(along.min() + along.max()) / 2
    if desk is not None:
        along[desk > 0] = 0
    side = round(stroke / scale) | 1
    # A shadow that leaves the picture at a slant goes on beyond it.
    bordered = cv2.copyMakeBorder(
        _to_bytes(along), side, side, side, side, cv2.BORDER_REPLICATE
    )
    kernel = np.ones((side, side), np.uint8)
    base = cv2.morphologyEx(bordered, cv2.MORPH_OPEN, kernel)
    base = base[side:-side, side:-side].astype(np.float32)
    along -= (base - 128) / SPAN
    along *= cv2.resize(
        _find_gain(small, off, direction.sum() > 0, stroke),
        (width, height),
        interpolation=cv2.INTER_LINEAR,
    )
    paper = along if desk is None else along[desk == 0]
    return Marks(along, 1.4826 * float(np.median(np.abs(paper))))


def _find_gain(small, off, bright, stroke) -> np.ndarray:
    """Returns the gain of each pixel: in the shade there is less contrast."""
    grey = np.clip(small.mean(axis=2), 0, 255).astype(np.uint8)
    kernel = np.ones((round(stroke) | 1, round(stroke) | 1), np.uint8)
    operation = cv2.MORPH_OPEN if bright else cv2.MORPH_CLOSE
    paper = cv2.morphologyEx(grey, operation, kernel)
    paper = np.maximum(paper.astype(np.float32), DARKEST)
    lit = np.percentile(paper[off == 0], 95) if not off.all() else 255
    return np.clip(lit / paper, 1, MOST_GAIN)


def _find_direction(level: np.ndarray, widest: int) -> np.ndarray:
    """Finds the axis of colour along which narrow marks depart from paper."""
    channels = level.shape[2]
    if channels == 1:
        return np.ones(1)
    kernel = np.ones((widest, widest), np.uint8)
    total = np.zeros((channels, channels))
    for hat in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT):
        narrow = np.dstack(
            [
                cv2.morphologyEx(_to_bytes(each), hat, kernel)
                for each in np.moveaxis(level, 2, 0)
            ]
        ).astype(np.float64)
        size = (narrow**2).sum(axis=2)
        strong = size > max(size.max() / 4, (SHADE * SPAN) ** 2)
        marks = level[strong].astype(np.float64)
        total += marks.T @ marks
    if not total.any():
        return np.full(channels, channels**-0.5)
    return np.linalg.eigh(total)[1][:, -1]


def _look_at_strokes(grey: np.ndarray, widest: int) -> tuple[float, int]:
    """Returns how wide a stroke may be, and 1 if ink is bright, else -1.

    Between dark strokes there is narrow paper, and between bright ones; of
    the two, ink is what is farther from what there is most of nearby.
    """
    usual = cv2.medianBlur(grey, min(widest, 255) | 1)
    kernel = np.ones((widest, widest), np.uint8)
    found = []
    for hat, sign in ((cv2.MORPH_BLACKHAT, -1), (cv2.MORPH_TOPHAT, 1)):
        narrow = cv2.morphologyEx(grey, hat, kernel)
        marks = narrow[narrow > SHADE * SPAN]
        if marks.size:
            # Not the pale lines of the paper, which are narrower.
            ink = (narrow > np.percentile(marks, 95) / 2).astype(np.uint8)
            away = float(cv2.absdiff(grey, usual)[ink > 0].mean())
            found.append((away, sign, ink))
    if not found:
        return widest, -1
    _, sign, ink = max(found, key=lambda each: each[0])
    # By the broad ones: rules are many, and thin.
    deep = cv2.distanceTransform(np.pad(ink, 1), cv2.DIST_L2, 3)
    stroke = 2 * float(np.percentile(deep[deep > 0], 90))
    return min(widest, max(3, STROKES * stroke)), sign


def _to_bytes(level: np.ndarray) -> np.ndarray:
    """Converts differences to bytes, without what is a pixel wide."""
    levels = np.clip(level * SPAN + 128, 0, 255).astype(np.uint8)
    return cv2.medianBlur(levels, 3)


def _fit_surface(small: np.ndarray, off: np.ndarray) -> np.ndarray:
    """Fits a smooth surface through most of the pixels; its factors."""
    height, width, channels = small.shape
    scale = min(1, 48 / max(height, width))
    rows, columns = (max(1, round(side * scale)) for side in (height, width))
    size = (columns, rows)
    least = cv2.resize(small, size, interpolation=cv2.INTER_AREA)
    target = least.reshape(-1, channels).astype(np.float64)
    down, across = _powers(rows), _powers(columns)
    basis = np.einsum("yi,xj->yxij", down, across).reshape(len(target), -1)
    on = cv2.resize(1 - off, size, interpolation=cv2.INTER_AREA).ravel() > 0
    if on.any():
        target, basis = target[on], basis[on]
    fitted = np.median(target, axis=0)
    factors = np.zeros((basis.shape[1], channels))
    for _ in range(15):
        away = np.sqrt(((target - fitted) ** 2).sum(axis=1))
        spread = max(1.4826 * np.median(away), 2)
        weighted = basis / (1 + (away / spread) ** 2)[:, None]
        # The ridge holds a picture of a few pixels, or one row, together.
        ridge = 1e-6 * len(target) * np.eye(basis.shape[1])
        factors = np.linalg.solve(
            weighted.T @ basis + ridge, weighted.T @ target
        )
        fitted = basis @ factors
    return factors.reshape(DEGREE + 1, DEGREE + 1, channels)


def _lay_surface(factors: np.ndarray, height: int, width: int) -> np.ndarray:
    """Computes a surface's value at each pixel, float32."""
    down = _powers(height).astype(np.float32)
    across = _powers(width).astype(np.float32)
    factors = factors.astype(np.float32)
    return np.einsum("yi,ijc,xj->yxc", down, factors, across, optimize=True)


def _powers(side):
    middle = (2 * np.arange(side) + 1) / side - 1
    return np.polynomial.chebyshev.chebvander(middle, DEGREE)
