"""Segmentation of pictures: which pieces of ink are one digit."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError

INK = 64  # grey level, 0 to 255: from here on it is ink

SPECK = 0.12  # of the typical piece's size: smaller pieces are dirt
MAX_PIECES = 1000  # of ink that are looked at, the largest
SMALL = 0.3  # of the typical digit's size: smaller groups are no digits


@dataclass(frozen=True)
class Region:
    """One digit of a picture.

    Args:
        box: left, top, right and bottom in pixels, right and bottom excluded.
        ink: `(h, w)` uint8, bright ink on black: what lies in the box and
            belongs to this digit.
    """

    box: tuple[int, int, int, int]
    ink: npt.NDArray[np.uint8]


def find_digits(ink: npt.ArrayLike) -> list[Region]:
    """Finds the digits in a picture's ink.

    Args:
        ink: `(h, w)` uint8, bright ink on black.

    Returns:
        One region a digit, the top line first, left to right; none for blank
        ink. Specks are dropped.

    Raises:
        DataError: the ink is not a `(h, w)` uint8 array.

    Example:
        >>> ink = np.zeros((50, 90), np.uint8)
        >>> ink[10:40, 20:24] = ink[10:40, 60:64] = 255
        >>> [region.box for region in find_digits(ink)]
        [(20, 10, 24, 40), (60, 10, 64, 40)]
    """
    ink = check_ink(ink)
    if not ink.size:
        return []
    count, parts, stats, _ = cv2.connectedComponentsWithStats(
        (ink >= INK).astype(np.uint8), connectivity=8
    )
    if count == 1:
        return []
    left, top, width, height, area = stats[1:].T
    boxes = np.stack([left, top, left + width, top + height], 1)
    size = np.maximum(width, height)
    ruled = (width > 8 * height) & (width > ink.shape[1] / 2)
    kept = (size >= max(3, SPECK * _typical(size, area))) & ~ruled
    kept = np.flatnonzero(kept)
    kept = kept[np.argsort(-size[kept], kind="stable")[:MAX_PIECES]]
    groups = [kept[group] for group in _merge(boxes[kept])]
    regions = [_cut(ink, parts, boxes, group) for group in groups]
    if not regions:
        return []
    size = np.array([max(region.ink.shape) for region in regions])
    area = np.array([np.count_nonzero(region.ink) for region in regions])
    least = SMALL * _typical(size, area)
    return _sort_lines(
        [r for r, s in zip(regions, size, strict=True) if s >= least]
    )


def check_ink(ink: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Returns the ink, or raises a `DataError` if it is not `(h, w)` uint8."""
    ink = np.asarray(ink)
    if ink.ndim != 2 or ink.dtype != np.uint8:
        raise DataError(
            "Expected ink of shape (h, w) and dtype uint8. Received: shape="
            f"{ink.shape}, dtype={ink.dtype}. Use picture_to_ink on pictures."
        )
    return ink


def _typical(size, area):
    """Returns the ink-weighted median size of pieces."""
    order = np.argsort(size)
    total = np.cumsum(area[order])
    return size[order][np.searchsorted(total, total[-1] / 2)]


def _merge(boxes):
    """Groups the pieces of each digit: a list of arrays of indices."""
    group = np.arange(len(boxes))
    left, top, right, bottom = boxes.T
    wide, tall = right - left, bottom - top
    size = np.maximum(wide, tall)
    for i in range(len(boxes)):
        gap_x = np.maximum(left[i], left) - np.minimum(right[i], right)
        gap_y = np.maximum(top[i], top) - np.minimum(bottom[i], bottom)
        large, less = np.maximum(size[i], size), np.minimum(size[i], size)
        # A bar or a foot may float; a digit of the next line may not join.
        reach = large * np.where(less < 0.7 * large, 0.25, 0.1)
        stacked = (-gap_x >= 0.5 * np.minimum(wide[i], wide)) & (gap_y <= reach)
        # A small piece joins the one digit beside it that is nearest.
        small = (size >= 2 * size[i]) | (tall >= 3 * tall[i])
        beside = small & (np.maximum(gap_x, gap_y) < 0.15 * size)
        near = np.flatnonzero(beside)
        nearest = near[np.argsort(np.maximum(gap_x, gap_y)[near])[:1]]
        for j in (*np.flatnonzero(stacked), *nearest):
            group[group == group[j]] = group[i]
    return [np.flatnonzero(group == name) for name in np.unique(group)]


def _cut(ink, parts, boxes, group):
    left, top = boxes[group, :2].min(axis=0)
    right, bottom = boxes[group, 2:].max(axis=0)
    window = (slice(top, bottom), slice(left, right))
    # One pixel more than the pieces: the soft edge is below the threshold.
    mask = np.isin(parts[window], group + 1).astype(np.uint8)
    mask = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    box = (int(left), int(top), int(right), int(bottom))
    return Region(box, ink[window] * mask)


def _sort_lines(regions):
    """Sorts by lines from the top, each from left to right."""
    lines = []
    for region in sorted(regions, key=lambda r: r.box[1] + r.box[3]):
        middle = (region.box[1] + region.box[3]) / 2
        if lines and middle < np.mean([r.box[3] for r in lines[-1]]):
            lines[-1].append(region)
        else:
            lines.append([region])
    return [r for line in lines for r in sorted(line, key=lambda r: r.box[0])]
