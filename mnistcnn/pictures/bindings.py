"""Bindings: the holes along a side of a pad, with or without a wire."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.components import find_components

TRIED = 40  # rows, at most
FEW, MOST = 3, 300  # whole holes: a pad's corner has so few; more are grain
STRIP = 0.4  # of the picture: holes are along a border
RULE = 0.35  # of the picture: a shorter line is none that joins holes
SMALL = 4  # pixels: what is narrower is a dot
ALIKE = 0.3  # of a hole's size, that another one's differs by
EVEN = 0.06  # of the pitch, that a hole is out of its place
FULL, ROUND = 0.55, 1.5  # of a hole's box is dark; one side by the other
NARROW = 0.95  # of the pitch: a hole, with its wire
ENDS = 1.7  # pitches: no farther from a border is the last hole
STEEP = 0.15  # pixels down a pixel: a row of holes
WIRED = 0.7  # of the holes: so many wires are seen up to a border
LARGE = 1.5  # of a hole: what is so large is writing


class _Holes(NamedTuple):
    """Pieces of ink that may be holes, an item a piece.

    Args:
        middle: pixels from the left.
        bottom: from the upper border.
        wide: a hole's width.
        high: its height, with its wire's.
        area: of both, pixels.
        wired: whether it reaches what is beyond the pad.
    """

    middle: np.ndarray
    bottom: np.ndarray
    wide: np.ndarray
    high: np.ndarray
    area: np.ndarray
    wired: np.ndarray

    def take(self, chosen: np.ndarray) -> "_Holes":
        return _Holes(*(column[chosen] for column in self))


def erase_binding(
    mask: npt.NDArray[np.uint8],
    strength: npt.NDArray[np.float32],
    desk: npt.NDArray[np.uint8] | None = None,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Erases a row of even holes along a border, and all that is beyond it.

    Args:
        mask: `(h, w)`, 1 where there is ink.
        strength: `(h, w)`, what departs from the paper.
        desk: `(h, w)`, 1 where there is no paper; `None` for nowhere.

    Returns:
        The first two without it.

    Example:
        >>> pad = np.zeros((60, 90), np.uint8)
        >>> for left in range(4, 90, 12):
        ...     pad[4:10, left : left + 6] = 1
        >>> pad[30:50, 40:44] = 1
        >>> rest, _ = erase_binding(pad, pad.astype(np.float32))
        >>> bool(rest[:20].any()), int(rest[20:].sum())
        (False, 80)
    """
    whole = mask
    for turn in range(4):
        side = np.rot90(whole, turn)
        # A rule that ends at this border joins holes.
        kernel = np.ones((max(3, round(RULE * len(side))), 1), np.uint8)
        copied = np.ascontiguousarray(side)
        rules: np.ndarray = cv2.morphologyEx(copied, cv2.MORPH_OPEN, kernel)
        near: np.ndarray = cv2.dilate(rules, np.ones((3, 3), np.uint8))
        rest = side & ~near & 1
        strip = np.ascontiguousarray(rest[: round(STRIP * len(side))])
        beyond = None if desk is None else np.rot90(desk, turn)[: len(strip)]
        ends = _find_row(strip, beyond)
        if ends is None or not side[len(strip) :].any():
            continue
        gone = np.arange(len(strip))[:, None] < ends
        mask, strength = mask.copy(), strength.copy()
        np.rot90(mask, turn)[: len(strip)][gone] = 0
        np.rot90(strength, turn)[: len(strip)][gone] = 0
    return mask, strength


def _find_row(
    strip: np.ndarray, beyond: np.ndarray | None
) -> np.ndarray | None:
    """Where, in each column, a row of holes along the upper border ends."""
    if not strip.size:
        return None
    parts, stats = find_components(strip)
    wired = _find_wired(parts, stats, beyond)
    holes = _find_holes(stats, wired, strip.shape)
    if not FEW <= len(holes.wide) <= MOST:
        return None
    found: list[np.ndarray] = []
    alike = _compare(holes)
    order = np.argsort(-alike.sum(axis=1), kind="stable")[:TRIED]
    for row in (holes.take(alike[place]) for place in order):
        if len(row.wide) < FEW:
            break
        slope, start = np.polyfit(row.middle, row.bottom, 1)
        size = float(np.median(row.wide))
        away = np.abs(row.bottom - start - slope * row.middle)
        row = row.take(away <= ALIKE * size + 1)
        if not (_is_even(row, strip.shape[1]) and _is_bound(row)):
            continue
        ends = start + slope * np.arange(strip.shape[1]) + 0.5 * size
        if not _holds_writing(parts, stats[:, 2:4], wired, ends, size):
            found.append(ends)
    # Wires may be a row as well, before that of their holes.
    return max(found, key=np.mean, default=None)


def _find_wired(
    parts: np.ndarray, stats: np.ndarray, beyond: np.ndarray | None
) -> np.ndarray:
    """Which pieces go on beyond the strip, or up to a desk, as wires do."""
    left, top, wide = stats[:, :3].T
    wired = (top <= 2) | (left <= 1) | (left + wide >= parts.shape[1] - 1)
    if beyond is not None:
        near = cv2.dilate(beyond, np.ones((9, 9), np.uint8)) > 0
        wired |= np.bincount(parts[near], minlength=len(stats)) > 0
    return wired


def _find_holes(
    stats: np.ndarray, wired: np.ndarray, shape: tuple[int, int]
) -> _Holes:
    """The pieces that may be holes, and are whole."""
    left, top, wide, high, area = stats.T
    keep = (wide >= SMALL) & (high >= SMALL) & (top + high < shape[0])
    keep &= (left > 1) & (left + wide < shape[1] - 1)
    keep[0] = False
    columns = left + wide / 2, top + high, wide, high, area, wired
    return _Holes(*(np.asarray(column)[keep] for column in columns))


def _compare(holes: _Holes) -> np.ndarray:
    """Which are as wide as each other, in a row that hardly climbs."""
    wide, bottom, middle = holes.wide, holes.bottom, holes.middle
    apart, up, along = (
        np.abs(column[:, None] - column) for column in (wide, bottom, middle)
    )
    return (apart <= ALIKE * wide[:, None] + 1) & (up <= STEEP * along + 2)


def _is_even(row: _Holes, width: int) -> bool:
    """Whether holes are as far from each other, from border to border."""
    if len(row.middle) < FEW:
        return False
    middle = np.sort(row.middle)
    steps = np.diff(middle)
    # Of two the greater: their mean would be half as far from either.
    pitch = float(np.sort(steps)[len(steps) // 2])
    if np.median(row.wide) > NARROW * pitch:
        return False
    times = np.rint(steps / pitch)
    off = np.abs(steps - pitch * times)
    if (times < 1).any() or (off > EVEN * pitch + 1).any():
        return False
    # Of some holes there is more: they are the desk's.
    if times.sum() + 1 > 2 * len(middle):
        return False
    return max(middle[0], width - middle[-1]) <= ENDS * pitch


def _is_bound(row: _Holes) -> bool:
    """Whether they are full and round, or have wires up to a border."""
    tall = float(np.median(row.high / row.wide))
    if tall < 1 / ROUND:
        return False
    if row.wired.mean() >= WIRED:
        return True
    full = float(np.median(row.area / (row.wide * row.high)))
    return full >= FULL and tall <= ROUND


def _holds_writing(
    parts: np.ndarray,
    sizes: np.ndarray,
    wired: np.ndarray,
    ends: np.ndarray,
    size: float,
) -> bool:
    """Whether writing is above a row of dots; no wire is so large."""
    within = np.arange(len(parts))[:, None] < ends - size
    inside = np.bincount(parts[within], minlength=len(sizes)) > 0
    inside[0] = False
    large = sizes.min(axis=1) > LARGE * size
    return bool((inside & ~wired & large).any())
