"""Illumination: how light falls off on paper, and where shadows end."""

import cv2
import numpy as np
import numpy.typing as npt

DEGREE = 3  # of the surface that follows the light, across and down
WIDEST = 0.5  # of the picture's shorter side: no stroke is wider
STROKES = 4  # of a stroke's width: what is wider than so many is a shadow
MOST_GAIN = 3.0  # in deeper shade there is more noise than ink
DARKEST = 16  # grey level: in what is darker, light cannot be told
SHADE = 25  # grey levels: paler than the paper by less is its grain
_SMALL = 500  # pixels a side: enough to see how wide strokes are


def subtract_paper(
    colours: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Subtracts the paper: what is left departs from it.

    The paper is what varies slowly, a smooth surface through most pixels, and
    what a closing fills (an opening, where ink is bright): what is wide, as a
    shadow with a hard edge is.

    Args:
        colours: `(h, w, channels)` float32, 0 to 255.

    Returns:
        The same shape, float32: 0 where there is paper, in light or shade,
        and ink as if it were all in the light.

    Example:
        >>> paper = np.full((60, 60, 1), 200, np.float32)
        >>> paper[:, 30:] = 120  # in the shade
        >>> paper[10:50, 10:14] = 20
        >>> rest = subtract_paper(paper)[..., 0]
        >>> bool(abs(rest[:, 40:]).max() < 25), bool(rest[30, 12] < -100)
        (True, True)
    """
    rest = colours - _fit_surface(colours)
    # Of a colour's channels one may be darker than the paper's, one brighter.
    for channel in np.moveaxis(rest, 2, 0):
        side, operation = _look_at_strokes(channel)
        kernel = np.ones((side, side), np.uint8)
        # A shadow that leaves the picture at a slant goes on beyond it.
        bordered = np.pad(_to_bytes(channel), side, "edge")
        base = cv2.morphologyEx(bordered, operation, kernel)
        base = base[side:-side, side:-side].astype(np.float32)
        channel -= 2 * (base - 128)
    return rest * _find_gain(colours - rest)


def _find_gain(paper: np.ndarray) -> np.ndarray:
    """Returns the gain of each pixel: in the shade there is less contrast."""
    grey = np.maximum(paper.mean(axis=2, keepdims=True), DARKEST)
    return np.clip(np.percentile(grey, 95) / grey, 1, MOST_GAIN)


def _look_at_strokes(channel: np.ndarray) -> tuple[int, int]:
    """Returns how wide a stroke may be, in pixels, and what removes strokes.

    Between dark strokes there is narrow paper, and between bright ones; of
    the two, ink is what is farther from what there is most of nearby.
    """
    height, width = channel.shape
    scale = min(1, _SMALL / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    grey = cv2.resize(
        np.ascontiguousarray(channel), size, interpolation=cv2.INTER_AREA
    )
    widest = max(3, round(WIDEST * min(size)))
    grey = _to_bytes(grey)
    usual = cv2.medianBlur(grey, widest | 1)
    kernel = np.ones((widest, widest), np.uint8)
    found = []
    for hat, operation in (
        (cv2.MORPH_BLACKHAT, cv2.MORPH_CLOSE),
        (cv2.MORPH_TOPHAT, cv2.MORPH_OPEN),
    ):
        narrow = cv2.morphologyEx(grey, hat, kernel)
        marks = narrow[narrow > SHADE / 2]
        if marks.size:
            # Not the pale lines of the paper, which are narrower.
            ink = (narrow > np.percentile(marks, 95) / 2).astype(np.uint8)
            away = float(cv2.absdiff(grey, usual)[ink > 0].mean())
            found.append((away, operation, ink))
    if not found:
        return round(widest / scale) | 1, cv2.MORPH_CLOSE
    _, operation, ink = max(found, key=lambda each: each[0])
    area = int(ink.sum())
    # A stroke's outline is twice its length.
    inside = cv2.erode(ink, np.ones((3, 3), np.uint8))
    outline = area - int(inside.sum())
    stroke = 2 * area / max(1, outline)
    side = min(widest, max(3, STROKES * stroke)) / scale
    return round(side) | 1, operation


def _to_bytes(grey: np.ndarray) -> np.ndarray:
    """Converts -256..254 to bytes, without what is a pixel wide."""
    halves = np.clip(grey / 2 + 128, 0, 255).astype(np.uint8)
    return cv2.medianBlur(halves, 3)


def _fit_surface(colours: np.ndarray) -> np.ndarray:
    """Fits a smooth surface through most of the pixels."""
    height, width, channels = colours.shape
    scale = min(1, 48 / max(height, width))
    rows, columns = (max(1, round(side * scale)) for side in (height, width))
    small = cv2.resize(colours, (columns, rows), interpolation=cv2.INTER_AREA)
    target = small.reshape(-1, channels).astype(np.float64)
    down, across = _powers(rows), _powers(columns)
    basis = np.einsum("yi,xj->yxij", down, across).reshape(len(target), -1)
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
    factors = factors.reshape(DEGREE + 1, DEGREE + 1, channels)
    return np.einsum(
        "yi,ijc,xj->yxc",
        _powers(height),
        factors,
        _powers(width),
        optimize=True,
    ).astype(np.float32)


def _powers(side):
    middle = (2 * np.arange(side) + 1) / side - 1
    return np.polynomial.chebyshev.chebvander(middle, DEGREE)
