"""Blocks: cells that are filled with a colour, as in a crossword or a table."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.forms.fragments import join_fragments
from mnistcnn.pictures.light.surfaces import (
    fit_surface,
    lay_surface,
    take_largest,
)
from mnistcnn.pictures.shapes.components import find_components

APART = 25  # grey levels by which a block differs from paper
SMALL = 320  # pixels a side: enough to see a block
LEAST, SIDE = 0.035, 7  # of the shorter side; pixels: least width of a block
LARGEST = 0.5  # of the shorter side: largest width of a block
BRIGHTEST = 97  # percentile of the levels that counts as paper's
STROKE = 4  # pixels, in a picture of SMALL: width of a sign's stroke
# 2 pixels at a block's rim stay, as a cell's wall.
WALLS = np.ones((5, 5), np.uint8)
PALEST = 0.25  # of the darkest block's contrast: least contrast of a block
TINTED = 0.6  # of a block: least share that is not covered by signs
LARGE = 0.3  # of the widest block: least width of others, which may be a cell
BROAD = 0.08  # of a picture's shorter side: few strokes are so broad
DARK = 20, 80  # percentiles of a picture's levels: of tiles, and of paper
AROUND = 0.8  # of the picture's rim: least share in the colour of paper


def may_be_filled(
    colours: npt.NDArray[np.uint8], ink: npt.NDArray[np.uint8]
) -> bool:
    """Whether there may be blocks, also where no boxes were found.

    Args:
        colours: `(h, w, channels)` uint8.
        ink: `(h, w)` uint8, bright on black; of filled cells there may be none.

    Returns:
        Whether there is no ink, some is broader than a pen's, or a part of the
        picture is much darker than another.
    """
    side = max(3, round(BROAD * min(ink.shape)))
    if not ink.any() or cv2.erode(ink, np.ones((side, side), np.uint8)).any():
        return True
    low, high = np.percentile(colours[::4, ::4].mean(axis=2), DARK)
    return bool(low < high / 2)


def open_blocks(
    colours: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]] | None:
    """Paints blocks in the colour of paper, up to their outline.

    An opened block is a cell like others, with walls of a grid. Signs on it,
    whether darker or brighter than its colour, become dark on paper.

    Args:
        colours: `(h, w, channels)` uint8.

    Returns:
        The picture with opened blocks, and `(h, w)` uint8, 1 where these were;
        `None` if there are none.

    Example:
        >>> page = np.full((90, 90, 1), 240, np.uint8)
        >>> page[30:60, 30:60] = 20
        >>> page[40:50, 45] = 200
        >>> opened, _ = open_blocks(page)
        >>> opened[[15, 31, 35, 45], 45, 0].tolist()
        [240, 20, 240, 60]
    """
    height, width = colours.shape[:2]
    scale = min(1, SMALL / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(colours, size, interpolation=cv2.INTER_AREA)
    small = small.reshape(*size[::-1], -1)
    found = _find_blocks(small)
    if found is None:
        return None
    core, tints = (
        cv2.resize(each, (width, height), interpolation=cv2.INTER_NEAREST)
        for each in found[1:]
    )
    off = np.asarray(cv2.dilate(found[0], WALLS), np.uint8)
    factors = fit_surface(small.astype(np.float32), off)
    paper = lay_surface(factors, height, width)
    tints = tints.reshape(colours.shape)
    blocks = tints.any(axis=2).astype(np.uint8)
    away = take_largest(np.abs(colours - paper))
    # The edge of a block is where it is half as dark.
    blocks &= (away > np.median(away[blocks > 0]) / 2) | (core > 0)
    blocks = cv2.erode(blocks, WALLS)
    signs = cv2.absdiff(colours, tints).reshape(colours.shape)
    signs = take_largest(signs)[..., None]
    paper = np.clip(np.rint(paper - signs), 0, 255)
    opened = np.where(blocks[..., None] > 0, paper, colours).astype(np.uint8)
    return opened, np.asarray(blocks, np.uint8)


def _find_darker(small: np.ndarray) -> np.ndarray:
    """Measures how much darker than paper things up to a block's size are."""
    # A surface through most pixels would run between blocks and paper.
    kernel = np.ones((round(LARGEST * min(small.shape[:2])),) * 2, np.uint8)
    light = cv2.morphologyEx(cv2.medianBlur(small, 3), cv2.MORPH_CLOSE, kernel)
    # JPEG's ringing makes pixels beside strokes brighter than any paper.
    brightest = np.percentile(small, BRIGHTEST, axis=(0, 1)).astype(np.uint8)
    light = np.minimum(light.reshape(small.shape), brightest)
    darker = cv2.subtract(light, small)
    return take_largest(darker.reshape(small.shape))


def _find_blocks(
    small: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Finds blocks; pixels next to them may belong to them as well.

    Returns:
        `(h, w)` uint8, 1 on all that is darker than paper; the same, 1 well
        inside of blocks, including signs in them; and `(h, w, channels)` uint8,
        the blocks' colours on and beside them, else 0; `None` if there are no
        blocks.
    """
    darker = _find_darker(small)
    # Things wider than a stroke (morphological opening; a kernel with an even
    # side would shift the result).
    side = max(SIDE, round(LEAST * min(darker.shape))) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    deepest = cv2.morphologyEx(darker, cv2.MORPH_OPEN, kernel)
    # JPEG makes paper beside a dark block brighter than paper.
    apart = max(APART, PALEST * float(deepest.max()))
    other, inner = ((d > apart).astype(np.uint8) for d in (darker, deepest))
    inner = join_fragments(inner, other, side)
    parts, stats = find_components(inner)
    left, top, wide, high, _ = stats.T
    inside = (left > 0) & (left + wide < other.shape[1])
    inside &= (top > 0) & (top + high < other.shape[0])
    inside[0] = False
    inside &= ~_find_dark_paper(small, parts, stats[:, 4])
    if not inside.any():
        return None
    depth = cv2.distanceTransform(inner, cv2.DIST_L2, 3)
    deep = np.zeros(len(stats), np.float32)
    np.maximum.at(deep, parts[inner > 0], depth[inner > 0])
    # Where strokes of a broad pen meet they may be as wide as a block.
    inside &= deep > LARGE * deep[inside].max()
    core, tints = np.zeros_like(other), np.zeros_like(small)
    near = np.ones((side // 2 | 1,) * 2, np.uint8)
    # Between signs and its edge a block may be narrower.
    fine = cv2.getStructuringElement(
        cv2.MORPH_ELLIPSE, (2 * side // 3 | 1,) * 2
    )
    both = np.ones((2 * (side + STROKE) + 1,) * 2, np.uint8)
    for part in np.flatnonzero(inside):
        # With a margin, by which its outline may move.
        start = np.maximum(stats[part, :2] - side, 0)
        end = stats[part, :2] + stats[part, 2:4] + side
        place = np.s_[start[1] : end[1], start[0] : end[0]]
        own = (parts[place] == part).astype(np.uint8)
        tint = np.median(small[place][own > 0], axis=0)
        free = other[place] & (~inside[parts[place]] | (own > 0))
        strips = cv2.morphologyEx(free, cv2.MORPH_OPEN, fine)
        own[(cv2.dilate(own, both) > 0) & (strips > 0)] = 1
        # Bright signs make holes or bays; paper in a frame is a larger hole.
        outlines, _ = cv2.findContours(
            own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        filled = cv2.drawContours(own.copy(), outlines, -1, 1, cv2.FILLED)
        own = own if own.sum() < TINTED * filled.sum() else filled
        own = cv2.morphologyEx(own, cv2.MORPH_CLOSE, kernel)
        core[place][cv2.erode(own, WALLS) > 0] = 1
        # Restores the corners, which the kernel has rounded off.
        tints[place][cv2.dilate(own, near) > 0] = np.maximum(tint, 1)
    return other, core, tints


def _find_dark_paper(
    small: np.ndarray, parts: np.ndarray, area: np.ndarray
) -> np.ndarray:
    """Finds parts in the colour of the picture's rim: dark paper in a frame."""
    rim = np.concatenate([*small[[0, -1]], small[:, 0], small[:, -1]])
    usual = np.median(rim, axis=0)
    if (np.abs(rim - usual).max(axis=1) < APART).mean() < AROUND:
        return np.zeros(len(area), bool)
    away = [
        np.bincount(parts.ravel(), channel.ravel()) / area - middle
        for channel, middle in zip(
            np.moveaxis(small, -1, 0), usual, strict=True
        )
    ]
    return np.abs(away).max(axis=0) < APART
