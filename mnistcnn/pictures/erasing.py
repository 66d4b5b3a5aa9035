"""Erasing: lines that are no writing go, the ink that crosses them stays."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.boxes import Box, choose_boxes, find_boxes, paint_boxes
from mnistcnn.pictures.crossings import keep_ink
from mnistcnn.pictures.lines import Line, find_lines, paint_lines

WIDE = 0.75  # of the picture: a line this long is a rule
LONG = 1.7  # of a digit's height: an underline is longer
SHORT = 1.0  # of a digit's height: what lies below, by itself, and is longer
TALL = 2.6  # of a digit's height: a 1 beside small digits is shorter
EDGE = 0.02  # of the picture: a line that ends so near its border leaves it
FULL_SIDE, HALF_SIDE = 0.9, 0.4  # of a border, that is along a line
RIM = 0.2  # of the picture: what lies along a border is thinner
FLAT = 0.2  # as tall as it is wide: what is flatter is no digit


class Erased(NamedTuple):
    """What is left without lines.

    Args:
        strength: `(h, w)` float32, 0 where a line was.
        boxes: that were erased.
        leaving: how many lines go from border to border, as on squared paper.
    """

    strength: npt.NDArray[np.float32]
    boxes: list[Box]
    leaving: int


def erase_lines(strength: npt.NDArray[np.float32], floor: float) -> Erased:
    """Erases rules, margins, frames, boxes and underlines.

    Args:
        strength: `(h, w)` float32, what departs from the paper.
        floor: from here on it may be a line.

    Returns:
        The ink without them; what crosses a line is whole.
    """
    mask = (strength > floor).astype(np.uint8)
    mask, strength = _erase_borders(mask, strength)
    if not mask.any():
        return Erased(strength, [], 0)
    # Down the picture is across its transpose.
    sides = [mask, np.ascontiguousarray(mask.T)]
    lines = [find_lines(side) for side in sides]
    boxes = find_boxes(mask)
    leaving = [
        [line for line in found if _count_ends(line, side.shape[1]) == 2]
        for found, side in zip(lines, sides, strict=True)
    ]
    bands = _paint(leaving, mask.shape)
    bands |= paint_boxes([box for box in boxes if box.filled], mask.shape)
    # Strokes that a line crosses are whole.
    rest = cv2.morphologyEx(
        mask & ~bands & 1, cv2.MORPH_CLOSE, np.ones((9, 1), np.uint8)
    )
    digit = _measure_digit(rest)
    boxes = choose_boxes(boxes, digit)
    rings = paint_boxes(boxes, mask.shape)
    lines = [
        _choose_lines(found, side, ring, digit, long)
        for found, side, ring, long in zip(
            lines, sides, (rings, rings.T), (LONG, TALL), strict=True
        )
    ]
    if not (boxes or any(lines)):
        return Erased(strength, [], 0)
    kept = keep_ink(strength, mask, lines, rings, digit)
    leaving = sum(
        line.start <= 1 and line.end >= side.shape[1] - 1
        for found, side in zip(lines, sides, strict=True)
        for line in found
    )
    return Erased(np.where(kept, strength, 0), boxes, int(leaving))


def _paint(lines: list[list[Line]], shape: tuple[int, int]) -> np.ndarray:
    return (
        paint_lines(lines[0], shape)
        | paint_lines(lines[1], (shape[1], shape[0])).T
    )


def _erase_borders(mask, strength) -> tuple[np.ndarray, np.ndarray]:
    """Erases what lies along a border of the picture: a rest of a line."""
    for turn in range(4):
        turned = np.rot90(mask, turn)
        share = turned[: max(2, round(RIM * len(turned)))].mean(axis=1)
        if share[:2].max(initial=0) < FULL_SIDE:
            continue
        # Up to where most of it ends, and its soft edge.
        end = np.flatnonzero(share > HALF_SIDE)[-1] + 3
        mask, strength = mask.copy(), strength.copy()
        np.rot90(mask, turn)[:end] = 0
        np.rot90(strength, turn)[:end] = 0
    return mask, strength


def _count_ends(line: Line, side: int) -> int:
    """How many of its ends are at the picture's border."""
    near = EDGE * side + 2
    return int(line.start <= near) + int(line.end >= side - near)


def _measure_digit(rest: np.ndarray) -> float:
    """The height of most of the ink; 0 where there is none."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(rest)
    wide, tall, area = stats[1:, 2:5].T
    keep = (np.maximum(wide, tall) >= 6) & (tall > FLAT * wide)
    tall, area = tall[keep], area[keep]
    if not tall.size:
        return 0.0
    order = np.argsort(tall)
    total = np.cumsum(area[order])
    return float(tall[order][np.searchsorted(total, total[-1] / 2)])


def _choose_lines(lines, mask, rings, digit, long) -> list[Line]:
    """Chooses those that are longer than a digit's strokes, or a box's side."""
    side = mask.shape[1]
    chosen = []
    for line in lines:
        length = line.end - line.start
        ends = _count_ends(line, side)
        least = (long, LONG, 1.3)[ends] * digit
        if not digit:
            least = 0 if ends else np.inf
        if long == LONG and length >= SHORT * digit:
            least = least if not _lies_below(line, mask, digit) else 0
        middle = np.rint(line.middle).astype(int).clip(0, mask.shape[0] - 1)
        ringed = rings[middle, np.arange(line.start, line.end)].mean()
        enough = length >= least and (ends < 2 or length >= WIDE * side)
        if enough or ringed > 0.6:
            chosen.append(line)
    return chosen


def _lies_below(line: Line, mask: np.ndarray, digit: float) -> bool:
    """Whether a line is by itself, with ink above it and none below."""
    span = slice(line.start, line.end)
    half = line.thick / 2 + 2
    top = int(line.middle.min() - half)
    bottom = int(line.middle.max() + half)
    above = mask[max(0, int(top - digit)) : max(0, top), span]
    below = mask[bottom : int(bottom + 0.7 * digit), span]
    beside = mask[max(0, top) : bottom, span].sum()
    alone = beside <= 1.3 * mask[:, span].shape[1] * (line.thick + 1)
    return bool(alone and above.any() and below.sum() <= 0.01 * below.size)
