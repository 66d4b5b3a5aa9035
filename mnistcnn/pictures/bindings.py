"""Bindings: the holes along a side of a pad, with or without a wire."""

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
EVEN = 0.06  # of the pitch, that a hole is out of its place; twice by wires
FULL, ROUND = 0.55, 1.5  # of a hole's box is dark; one side by the other
NARROW = 0.95  # of the pitch: a hole, with its wire
ENDS = 1.7  # pitches: no farther from a border is the last hole
STEEP = 0.15  # pixels down a pixel: a row of holes
WIRED = 0.7  # of the holes: so many wires are seen up to a border
LARGE = 1.5  # of a hole: what is so large is writing


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
    without = [_drop_rules(np.rot90(mask, turn)) for turn in range(2)]
    for turn in range(4):
        side = np.rot90(whole, turn)
        # The same rules end at opposite borders.
        rest = np.rot90(without[turn % 2], turn - turn % 2)
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


def _drop_rules(side: np.ndarray) -> np.ndarray:
    """The ink without rules from top to bottom: they join holes."""
    long = max(3, round(RULE * len(side)))
    side = np.ascontiguousarray(side)
    # Most pictures have none.
    if cv2.reduce(side, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S).max() < long:
        return side
    kernel = np.ones((long, 1), np.uint8)
    rules: np.ndarray = cv2.morphologyEx(side, cv2.MORPH_OPEN, kernel)
    near: np.ndarray = cv2.dilate(rules, np.ones((3, 3), np.uint8))
    return side & ~near & 1


def _find_row(
    strip: np.ndarray, beyond: np.ndarray | None
) -> np.ndarray | None:
    """Where, in each column, a row of holes along the upper border ends."""
    if not strip.size:
        return None
    parts, stats = find_components(strip)
    pieces = np.column_stack([stats, _find_wired(parts, stats, beyond)])
    holes = _find_holes(parts, pieces)
    if not len(holes):
        return None
    found: list[np.ndarray] = []
    alike = _compare(holes)
    order = np.argsort(-alike.sum(axis=1), kind="stable")[:TRIED]
    for row in (holes[alike[place]] for place in order):
        if len(row) < FEW:
            break
        left, top, wide, high = row[:, :4].T
        middle, bottom = left + wide / 2, top + high
        slope, start = np.polyfit(middle, bottom, 1)
        size = float(np.median(wide))
        away = np.abs(bottom - start - slope * middle)
        row = row[away <= ALIKE * size + 1]
        if not (_is_even(row, strip.shape[1]) and _is_bound(row)):
            continue
        ends = start + slope * np.arange(strip.shape[1]) + 0.5 * size
        if not _holds_writing(parts, pieces, ends, size):
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


def _find_holes(parts: np.ndarray, pieces: np.ndarray) -> np.ndarray:
    """The pieces that may be holes, and are whole, as wide as they end."""
    left, top, wide, high = pieces[:, :4].T
    keep = (wide >= SMALL) & (high >= SMALL) & (top + high < len(parts))
    keep &= (left > 1) & (left + wide < parts.shape[1] - 1)
    keep[0] = False
    if not FEW <= keep.sum() <= MOST:
        return pieces[:0]
    y, x = np.nonzero(keep[parts])
    names = parts[y, x]
    # Above it a wire leans.
    low = y >= (top + high - high / 3)[names]
    names, x = names[low], x[low]
    ends = np.stack([left + wide, left])
    np.minimum.at(ends[0], names, x)
    np.maximum.at(ends[1], names, x + 1)
    found = pieces.copy()
    found[:, 0], found[:, 2] = ends[0], ends[1] - ends[0]
    return found[keep & (found[:, 2] >= SMALL)]


def _compare(holes: np.ndarray) -> np.ndarray:
    """Which are as wide as each other, in a row that hardly climbs."""
    left, top, wide, high = holes[:, :4].T
    apart, up, along = (
        np.abs(column[:, None] - column)
        for column in (wide, top + high, left + wide / 2)
    )
    return (apart <= ALIKE * wide[:, None] + 1) & (up <= STEEP * along + 2)


def _is_even(row: np.ndarray, width: int) -> bool:
    """Whether holes are as far from each other, from border to border."""
    if len(row) < FEW:
        return False
    left, _, wide = row[:, :3].T
    middle = np.sort(left + wide / 2)
    steps = np.diff(middle)
    # Of two the greater: their mean would be half as far from either.
    pitch = float(np.sort(steps)[len(steps) // 2])
    if np.median(wide) > NARROW * pitch:
        return False
    times = np.rint(steps / pitch)
    off = np.abs(steps - pitch * times)
    room = EVEN * pitch * (1 + (row[:, 5].mean() >= WIRED)) + 1
    if (times < 1).any() or (off > room).any():
        return False
    # Of some holes there is more: they are the desk's.
    if times.sum() + 1 > 2 * len(middle):
        return False
    return max(middle[0], width - middle[-1]) <= ENDS * pitch


def _is_bound(row: np.ndarray) -> bool:
    """Whether they are full and round, or have wires up to a border."""
    wide, high, area, wired = row[:, 2:].T
    tall = float(np.median(high / wide))
    if tall < 1 / ROUND:
        return False
    if wired.mean() >= WIRED:
        return True
    return float(np.median(area / (wide * high))) >= FULL and tall <= ROUND


def _holds_writing(
    parts: np.ndarray, pieces: np.ndarray, ends: np.ndarray, size: float
) -> bool:
    """Whether writing is above a row of dots; no wire is so large."""
    within = np.arange(len(parts))[:, None] < ends - size
    inside = np.bincount(parts[within], minlength=len(pieces)) > 0
    inside[0] = False
    large = pieces[:, 2:4].min(axis=1) > LARGE * size
    return bool((inside & large & (pieces[:, 5] == 0)).any())
