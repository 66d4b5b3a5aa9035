"""Photographs: pictures without writing, such as landscapes and faces.

Ink differs from paper in one direction, and by the same amount everywhere;
paper is even, and a pen has one width. In a photograph of a landscape or a face
things are both brighter and darker than their surroundings, and of any tone and
any width.
"""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.surfaces import take_few

SMALL = 320  # pixels a side: enough to see which way things differ
FEW = 80  # pixels a side: enough to count them
LEAST_SIDE = 60  # pixels: a smaller picture is not judged
AROUND = 0.25  # of the shorter side: the neighbourhood of a pixel
DEPARTS = 0.25  # of the largest difference: least one that counts
LARGE = 0.4  # of the picture: if more is desk, little of the paper is visible
FAINT = 8  # grey levels: smaller differences do not count
# Chosen on synthetic papers and half of BSDS500's photographs:
BOTH = 0.1  # ratio of brighter to darker pixels or inverse; papers: up to 0.16
VARIED = 0.35  # that times the spread of stroke widths; papers: up to 0.27
UNEVEN = 0.015  # of the ink's contrast: largest noise of paper
SHADES = 0.1  # spread of the ink's tones, as a share of the strongest
# Chosen on all of them: least share of bare paper, and largest spread of its
# tone, as a share of the ink's contrast.
BARE, PLAIN = 0.5, 0.07
CUT_OUT = 1.6  # spread of stroke widths, for a digit that fills its picture


def is_photograph(
    colours: npt.NDArray[np.uint8],
    ink: npt.NDArray[np.uint8],
    desk: npt.NDArray[np.uint8] | None = None,
    spread: float = 1.0,
) -> bool:
    """Tells whether a picture is a photograph without writing.

    Args:
        colours: `(h, w, channels)` uint8.
        ink: `(h, w)` uint8, bright on black, the ink that was found in it.
        desk: `(h, w)` uint8, 1 where there is no paper.
        spread: the least ratio of wide strokes' width to narrow ones'.

    Returns:
        False for a picture that is too small, or without ink.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> clouds = cv2.GaussianBlur(rng.normal(0, 1, (90, 90)), (0, 0), 3)
        >>> sky = np.uint8(np.clip(128 + 600 * clouds, 0, 255))[..., None]
        >>> is_photograph(sky, np.uint8(255 * (sky[..., 0] < 90)))
        True
    """
    height, width = ink.shape
    mask = (ink > 127).astype(np.uint8)
    if min(height, width) < LEAST_SIDE or not mask.any():
        return False
    scale = min(1, SMALL / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(colours, size, interpolation=cv2.INTER_AREA)
    # A subsample is enough for counting.
    few = take_few(small.reshape(*size[::-1], -1), FEW)
    shape = few.shape[:2]
    side = max(3, round(AROUND * min(shape))) | 1
    paper = cv2.medianBlur(few, side)
    paper = paper.reshape(few.shape).astype(np.float32)
    away = few - paper
    on: np.ndarray = np.ones(shape, bool)
    if desk is not None:
        off = cv2.resize(desk, size, interpolation=cv2.INTER_NEAREST)
        off = take_few(off, FEW)
        if off.mean() < LARGE:
            # Near a small desk's corners the local median is the desk's.
            near = np.ones((side // 2, side // 2), np.uint8)
            off = cv2.dilate(off, near)
        on = off == 0 if (off == 0).any() else on
    axis = _find_axis(away[on])
    both = _compare_sides(away[on] @ axis)
    if both < BOTH:
        return False
    ridge, varied = _measure_pen(mask)
    if both * varied < VARIED or varied < spread:
        return False
    y, x = ridge
    places = (y * shape[0] // height, x * shape[1] // width)
    tones = np.abs((colours[ridge] - paper[places]) @ axis)
    weak, usual, strong = np.percentile(tones, [10, 50, 90])
    inked = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    inked = cv2.dilate(inked, np.ones((3, 3), np.uint8))
    bare = on & (take_few(inked, FEW) < 32)
    if not bare.any():
        return True
    # Where ink fills most of a neighbourhood the median is not paper; so bare
    # paper may also be recognized by its single tone.
    tone = few[bare] @ axis
    strays = np.percentile(np.abs(tone - np.median(tone)), 90)
    contrast = abs(np.median(colours[ridge] @ axis) - np.median(tone))
    if bare.mean() > BARE and strays < PLAIN * contrast:
        return False
    noise = 1.4826 * float(np.median(np.abs(away[bare] @ axis)))
    return bool(noise > UNEVEN * usual and strong - weak > SHADES * strong)


def _measure_pen(
    mask: np.ndarray,
) -> tuple[tuple[np.ndarray, np.ndarray], float]:
    """Finds the centre lines of strokes, and the spread of their widths."""
    deep = cv2.distanceTransform(np.pad(mask, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    most = cv2.dilate(deep, np.ones((3, 3), np.uint8))
    y, x = np.nonzero((deep > 0) & (deep >= most - 1e-6))
    narrow, wide = np.percentile(deep[y, x], [25, 90])
    return (y, x), float((wide + 0.5) / (narrow + 0.5))


def _find_axis(away: np.ndarray) -> np.ndarray:
    """Finds the axis of colour of the largest differences."""
    size = np.einsum("ic,ic->i", away, away)
    far = away[size >= np.percentile(size, 98)] if len(away) else away
    return np.linalg.eigh(far.T @ far)[1][:, -1].astype(np.float32)


def _compare_sides(along: np.ndarray) -> float:
    """Compares the numbers of brighter and darker pixels.

    Returns:
        The smaller number by the larger, 0 to 1.
    """
    if not along.size:
        return 0.0
    low, high = np.percentile(along, [0.5, 99.5])
    least = max(FAINT, DEPARTS * max(high, -low))
    bright, dark = (along > least).sum(), (along < -least).sum()
    return float(min(bright, dark) / max(1, bright, dark))
