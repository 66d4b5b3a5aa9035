"""Bindings: the holes along a side of a pad, with or without a wire."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.paper.holes import (
    ALIKE,
    FEW,
    compare_holes,
    find_holes,
    is_bound,
    is_even,
    mark_wired,
)
from mnistcnn.pictures.paper.tabled import are_in_cells, are_in_columns
from mnistcnn.pictures.shapes.components import find_components

TRIED = 40  # candidate rows, at most
STRIP = 0.4  # of the picture: holes are along a border
RULE = 0.35  # of the picture: least length of a rule that joins holes
LARGE = 1.5  # of a hole's size: larger pieces are writing


def erase_binding(
    mask: npt.NDArray[np.uint8],
    strength: npt.NDArray[np.float32],
    desk: npt.NDArray[np.uint8] | None = None,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Erases a row of even holes along a border, and everything beyond it.

    Args:
        mask: `(h, w)`, 1 where there is ink.
        strength: `(h, w)`, how much each pixel differs from the paper.
        desk: `(h, w)`, 1 where there is no paper; `None` for nowhere.

    Returns:
        `mask` and `strength` without it.

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
        # The same rules join holes at opposite borders.
        rest = np.rot90(without[turn % 2], turn - turn % 2)
        strip = np.ascontiguousarray(rest[: round(STRIP * len(side))])
        beyond = None if desk is None else np.rot90(desk, turn)[: len(strip)]
        ends = _find_row(strip, beyond, side)
        if ends is None or not side[len(strip) :].any():
            continue
        gone = np.arange(len(strip))[:, None] < ends
        mask, strength = mask.copy(), strength.copy()
        np.rot90(mask, turn)[: len(strip)][gone] = 0
        np.rot90(strength, turn)[: len(strip)][gone] = 0
    return mask, strength


def _drop_rules(side: np.ndarray) -> np.ndarray:
    """Removes rules from top to bottom, which join holes."""
    long = max(3, round(RULE * len(side)))
    side = np.ascontiguousarray(side)
    # Most pictures have none.
    if cv2.reduce(side, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S).max() < long:
        return side
    kernel = np.ones((long, 1), np.uint8)
    # With zeros beyond the border, wires that end there do not count as long.
    rules: np.ndarray = cv2.morphologyEx(
        side,
        cv2.MORPH_OPEN,
        kernel,
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,
    )
    near: np.ndarray = cv2.dilate(rules, np.ones((3, 3), np.uint8))
    return side & ~near & 1


def _find_row(
    strip: np.ndarray, beyond: np.ndarray | None, side: np.ndarray
) -> np.ndarray | None:
    """Finds the lower end of a row of holes at the upper border, per column."""
    if not strip.size:
        return None
    parts, stats = find_components(strip)
    wired = mark_wired(parts, stats, beyond).astype(stats.dtype)
    pieces = np.column_stack([stats, wired])
    holes = find_holes(parts, pieces)
    if not len(holes):
        return None
    found: list[np.ndarray] = []
    alike = compare_holes(holes)
    order = np.argsort(-alike.sum(axis=1), kind="stable")[:TRIED]
    # The holes of one row all yield the same row: try it once.
    _, first = np.unique(alike[order], axis=0, return_index=True)
    order = order[np.sort(first)]
    for row in (holes[alike[place]] for place in order):
        if len(row) < FEW:
            break
        left, top, wide, high = row[:, :4].T
        middle, bottom = left + wide / 2, top + high
        slope, start = np.polyfit(middle, bottom, 1)
        size = float(np.median(wide))
        away = np.abs(bottom - start - slope * middle)
        row = row[away <= ALIKE * size + 1]
        if not (is_even(row, strip.shape[1]) and is_bound(row, parts)):
            continue
        if are_in_cells(row, side) or are_in_columns(row, side):
            continue
        ends = start + slope * np.arange(strip.shape[1]) + 0.5 * size
        if not _holds_writing(parts, pieces, ends, size):
            found.append(ends)
    # Wires may form a row as well, above that of their holes.
    return max(found, key=np.mean, default=None)


def _holds_writing(
    parts: np.ndarray, pieces: np.ndarray, ends: np.ndarray, size: float
) -> bool:
    """Whether writing is above a row: pieces larger than any wire."""
    within = np.arange(len(parts))[:, None] < ends - size
    inside = np.bincount(parts[within], minlength=len(pieces)) > 0
    inside[0] = False
    large = pieces[:, 2:4].min(axis=1) > LARGE * size
    return bool((inside & large & (pieces[:, 5] == 0)).any())
