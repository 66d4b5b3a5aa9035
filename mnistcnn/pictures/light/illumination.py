"""Illumination: how light falls off on paper, and where shadows end."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.surfaces import (
    fit_surface,
    lay_surface,
    take_few,
    take_mean,
)

WIDEST = 0.5  # of the picture's shorter side: largest width of a stroke
STROKES = 4  # stroke widths: anything wider is a shadow
NARROWEST = 5  # pixels: least width of paper between strokes
MOST_GAIN = 3.0  # in deeper shade there is more noise than ink
DARKEST = 16  # grey level: in darker places the light cannot be measured
GRAINY = 0.4  # of the picture: if more is marks, most of them are grain
SHADE = 25  # grey levels: smaller differences from paper are its grain
SMALL = 400  # pixels a side: enough to see how wide strokes are
SPAN = 255 / 442  # byte values per level: colours differ by up to sqrt(3) * 255


class Marks(NamedTuple):
    """Differences from the paper, along the axis of colour of the ink.

    Args:
        strength: `(h, w)` float32, grey levels; about 0 on paper; scaled as if
            all of the paper were in the light.
        noise: standard deviation of the paper itself, in grey levels.
        base: `(h, w)` uint8, the levels, halved, of everything wide: the paper
            and things on it; `None` if nothing was subtracted.
    """

    strength: npt.NDArray[np.float32]
    noise: float
    base: npt.NDArray[np.uint8] | None = None


def subtract_paper(
    colours: npt.NDArray[np.uint8],
    desk: npt.NDArray[np.uint8] | None = None,
) -> Marks:
    """Subtracts the paper, so that marks are left.

    The paper is a smooth surface through most pixels, plus everything wide that
    a morphological opening leaves, such as a shadow with a hard edge. Colours
    are projected on the axis along which narrow marks differ most.

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
    factors = fit_surface(small, np.asarray(off, np.uint8))
    level = small - lay_surface(factors, *size[::-1])
    level[off > 0] = 0
    widest = max(3, round(WIDEST * min(size)))
    direction = _find_direction(level, widest)
    seen = cv2.transform(level, direction[None])
    seen -= float(seen.min() + seen.max()) / 2
    stroke, sign = _look_at_strokes(_to_bytes(seen), widest)
    direction = direction * sign
    along = cv2.transform(colours.astype(np.float32), direction[None])
    # Centred in the range of bytes.
    along -= float(along.min() + along.max()) / 2
    if desk is not None:
        along[desk > 0] = 0
    levels, side = _to_bytes(along), round(stroke / scale) | 1
    base = _find_base(levels, side)
    # A puzzle's cells between thick walls may be narrower than that.
    while side > NARROWEST and _is_ink(cv2.subtract(levels, base)):
        side = (2 * side // 3) | 1
        base = _find_base(levels, side)
    along -= (base.astype(np.float32) - 128) / SPAN
    along *= cv2.resize(
        _find_gain(small, off, direction.sum() > 0, stroke),
        (width, height),
        interpolation=cv2.INTER_LINEAR,
    )
    paper = take_few(along, 200)
    if desk is not None:
        paper = paper[take_few(desk, 200) == 0]
    return Marks(along, 1.4826 * float(np.median(np.abs(paper))), base)


def _find_base(levels: np.ndarray, side: int) -> npt.NDArray[np.uint8]:
    """Finds the levels of things wider than a side (morphological opening)."""
    # A slanted shadow that leaves the picture is continued beyond it.
    bordered = cv2.copyMakeBorder(
        levels, side, side, side, side, cv2.BORDER_REPLICATE
    )
    kernel = np.ones((side, side), np.uint8)
    base = cv2.morphologyEx(bordered, cv2.MORPH_OPEN, kernel)
    return np.ascontiguousarray(base[side:-side, side:-side], np.uint8)


def _is_ink(marks: np.ndarray) -> bool:
    """Whether most of a picture differs from what should be its paper."""
    return bool((take_few(marks, 200) > SHADE * SPAN).mean() > 0.5)


def _find_gain(small, off, bright, stroke) -> np.ndarray:
    """Returns the gain of each pixel: in the shade there is less contrast."""
    grey = take_mean(small).astype(np.uint8)
    kernel = np.ones((round(stroke) | 1, round(stroke) | 1), np.uint8)
    operation = cv2.MORPH_OPEN if bright else cv2.MORPH_CLOSE
    paper = np.maximum(cv2.morphologyEx(grey, operation, kernel), DARKEST)
    few = take_few(paper)[take_few(off) == 0]
    lit = np.percentile(few, 95) if few.size else 255
    return np.clip(lit / paper, 1, MOST_GAIN)


def _find_direction(level: np.ndarray, widest: int) -> np.ndarray:
    """Finds the axis of colour along which narrow marks differ from paper."""
    channels = level.shape[2]
    if channels == 1:
        return np.ones(1, np.float32)
    total = np.zeros((channels, channels), np.float32)
    few = take_few(_to_bytes(level))
    widest = round(widest * len(few) / len(level))
    level = take_few(level)
    for hat in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT):
        narrow = _find_narrow(few, hat, widest).astype(np.float32)
        size = np.einsum("yxc,yxc->yx", narrow, narrow)
        strong = size > max(size.max() / 4, (SHADE * SPAN) ** 2)
        marks = level[strong]
        total += marks.T @ marks
    if not total.any():
        return np.full(channels, channels**-0.5, np.float32)
    return np.linalg.eigh(total)[1][:, -1]


def _find_narrow(levels: np.ndarray, hat: int, widest: int) -> np.ndarray:
    """Measures narrow marks by a top-hat or black-hat transform, uint8."""
    # A subsample is enough for the wide parts between narrow marks.
    few = take_few(levels)
    side = max(3, round(widest * len(few) / len(levels)))
    kernel = np.ones((side, side), np.uint8)
    size = levels.shape[1::-1]
    if hat == cv2.MORPH_BLACKHAT:
        wide = cv2.morphologyEx(few, cv2.MORPH_CLOSE, kernel)
        return cv2.subtract(cv2.resize(wide, size), levels)
    wide = cv2.morphologyEx(few, cv2.MORPH_OPEN, kernel)
    return cv2.subtract(levels, cv2.resize(wide, size))


def _look_at_strokes(grey: np.ndarray, widest: int) -> tuple[float, int]:
    """Returns the largest width of a stroke, and 1 if ink is bright, else -1.

    Paper between dark strokes looks like narrow bright marks, and the other way
    round. Ink is the one of the two that differs more from the local median.
    """
    # A subsample is enough for a median.
    few = take_few(grey)
    usual = cv2.medianBlur(few, max(3, widest * len(few) // len(grey)) | 1)
    usual = cv2.resize(usual, grey.shape[::-1])
    found = []
    for hat, sign in ((cv2.MORPH_BLACKHAT, -1), (cv2.MORPH_TOPHAT, 1)):
        narrow = _find_narrow(grey, hat, widest)
        marks = narrow[narrow > SHADE * SPAN]
        if marks.size:
            # Without the pale lines of the paper, which are narrower.
            few = 99 if marks.size > GRAINY * narrow.size else 95
            ink = (narrow > np.percentile(marks, few) / 2).astype(np.uint8)
            away = float(cv2.absdiff(grey, usual)[ink > 0].mean())
            found.append((away, sign, ink))
    if not found:
        return widest, -1
    _, sign, ink = max(found, key=lambda each: each[0])
    # By the broad strokes, since rules are many and thin.
    deep = cv2.distanceTransform(np.pad(ink, 1), cv2.DIST_L2, 3)
    stroke = 2 * float(np.percentile(deep[deep > 0], 90))
    return min(widest, max(3, STROKES * stroke)), sign


def _to_bytes(level: np.ndarray) -> np.ndarray:
    """Converts differences to bytes, and removes marks of one pixel."""
    levels = cv2.addWeighted(level, SPAN, level, 0, 127.5, dtype=cv2.CV_8U)
    return cv2.medianBlur(levels, 3)
