"""Borders of a picture: remnants of lines along them."""

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.shapes.components import find_components

FULL_SIDE, HALF_SIDE = 0.9, 0.4  # of a border: inked at a line; at its soft end
GAP = 4  # rows: beyond a wider gap is another line
BESIDE = 0.2  # of the picture: lines along a border are looked for here
# A thin line along a border. Of the shorter side: its largest distance and
# thickness; of the border: its least length; of its length: its largest rise.
STRIP, THIN, PART, RISE = 0.13, 0.1, 0.25, 0.12
LEAST = 6  # pixels: that distance in small pictures, where edges are soft
# Of the border: longest dash of a line, and gap beside it; of the shorter side:
# its largest thickness.
DASH, FLAT = 0.2, 0.05
SHORT = 0.6  # of that border: shorter than most cropped digits
REST = 2  # times a line's thickness: a remnant's distance from a border


def erase_borders(
    mask: npt.NDArray[np.uint8], strength: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Erases remnants of lines along the borders of the picture.

    Args:
        mask: `(h, w)`, 1 where there is ink.
        strength: `(h, w)`, how much each pixel differs from the paper.

    Returns:
        Both without them.
    """
    whole = mask
    for turn in range(4):
        turned = np.rot90(whole, turn)
        share = turned[: max(2, round(BESIDE * len(turned)))].mean(axis=1)
        if share[:2].max(initial=0) < FULL_SIDE:
            continue
        # Up to its end and soft edge, but not up to a grid's other walls.
        rows = np.flatnonzero(share > HALF_SIDE)
        gaps = np.flatnonzero(np.diff(rows) > GAP)
        end = rows[gaps[0] if len(gaps) else -1] + 3
        mask, strength = mask.copy(), strength.copy()
        np.rot90(mask, turn)[:end] = 0
        np.rot90(strength, turn)[:end] = 0
    rests = _find_along(mask)
    if not rests.any():
        return mask, strength
    soft = cv2.dilate(rests, np.ones((5, 5), np.uint8))
    mask = np.where(rests, 0, mask).astype(np.uint8)
    return mask, np.where(soft, 0, strength)


def _find_along(mask: np.ndarray) -> np.ndarray:
    """Finds thin lines along borders that leave the picture, or are alone."""
    found = [
        (turn, *line)
        for turn in range(4)
        for line in _list_along(np.rot90(mask, turn))
    ]
    lines = np.zeros_like(mask)
    if not found:
        return lines
    for turn, own, _ in found:
        np.rot90(lines, turn)[: len(own)] |= own
    rest = mask & ~lines & 1
    sizes = find_components(rest)[1][1:, 2:4]
    if sizes.max(initial=0) < THIN * min(mask.shape):
        return lines
    lines[:] = 0
    for turn, own, ends in found:
        # Digits cropped to their box reach a border, and one may be a 1.
        others = np.rot90(rest, turn)[:, [0, -1]].any(axis=0)
        if (ends & ~others).any():
            np.rot90(lines, turn)[: len(own)] |= own
    return lines


def _list_along(mask: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Lists thin lines along the upper border.

    Yields:
        The rows near the border, 1 on a line; and whether it leaves the picture
        at the left, and at the right. A short line at the very border counts as
        leaving at both.
    """
    long, wide = min(mask.shape), mask.shape[1]
    deep = min(max(LEAST, round(STRIP * long)), long - 1)
    if not deep:
        return
    near = np.ascontiguousarray(mask[:deep])
    parts, stats = find_components(near | _join_dashes(near, long))
    # At a corner another line may go on.
    inner = slice(deep, wide - deep)
    stats[np.unique(np.where(mask[deep, inner], parts[-1, inner], 0))] = 0
    for part in np.flatnonzero(stats[:, 2] > PART * wide):
        left, top, across, high, area = stats[part]
        thick = area / across
        straight = high <= thick + RISE * across + 1
        if part and thick <= THIN * long + 1 and straight:
            aside = top <= 1 and across < SHORT * wide
            ends = np.array([left <= 1, left + across >= wide - 1]) | aside
            yield near * (parts == part), ends


def _join_dashes(near: np.ndarray, long: int) -> np.ndarray:
    """Joins the dashes at the very border, so that they are one line."""
    wide = near.shape[1]
    parts, stats = find_components(near)
    top, across, high = stats[:, 1:4].T
    # Neither digits, nor 1s below each other.
    dashes = (top <= high) & (high < across) & (across <= DASH * wide)
    dashes &= high <= max(LEAST, FLAT * long)
    gap = np.ones((1, round(DASH * wide) | 1), np.uint8)
    return cv2.morphologyEx(dashes[parts] & near, cv2.MORPH_CLOSE, gap)


def find_rests(
    kept: npt.NDArray[np.uint8],
    lined: npt.NDArray[np.uint8],
    thick: float,
    desk: npt.NDArray[np.uint8] | None = None,
) -> npt.NDArray[np.bool_]:
    """Finds remnants of lines where they leave the picture, or the sheet.

    Args:
        kept: `(h, w)`, 1 where there is ink that does not belong to a line.
        lined: 1 where lines were.
        thick: the thickness of lines, pixels.
        desk: 1 where there is no paper; `None` for nowhere.

    Returns:
        `(h, w)`, true on such a remnant and its soft edge.
    """
    parts, stats = find_components(kept)
    near = cv2.dilate(lined, np.ones((7, 7), np.uint8))
    rests = np.bincount(parts[near > 0], minlength=len(stats)) > 0
    rests[0] = False
    y, x = np.nonzero(rests[parts])
    if not len(y):
        return np.zeros(kept.shape, bool)
    paper = np.ones_like(kept) if desk is None else 1 - desk
    deep = cv2.distanceTransform(np.pad(paper, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    far = np.zeros(len(stats), np.float32)
    np.maximum.at(far, parts[y, x], deep[y, x])
    rests &= far <= REST * thick + 3
    return cv2.dilate(rests[parts].astype(np.uint8), np.ones((5, 5))) > 0
