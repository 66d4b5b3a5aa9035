"""Erasing: the lines that are no writing go, the ink that crosses them stays."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.boxes import Box, choose_boxes, find_boxes, paint_boxes
from mnistcnn.pictures.lines import Line, find_lines, paint_lines

WIDE = 0.75  # of the picture: a line this long is a rule
LONG = 1.7  # of a digit's height: an underline is longer
SHORT = 1.0  # of a digit's height: what lies below, by itself, and is longer
TALL = 2.6  # of a digit's height: a 1 beside small digits is shorter
EDGE = 0.02  # of the picture: a line that ends so near its border leaves it
FLAT = 0.2  # as tall as it is wide: what is flatter is no digit
DARKER = 1.35  # than a line: ink over it
THICKER = 0.35  # than a line: where ink lies beside it, or across
SPECK = 0.25  # of a digit's height: smaller rests of a line are no ink
SLANTS = (-1.0, -0.5, 0.0, 0.5, 1.0)  # of strokes that cross a line


class Erased(NamedTuple):
    """What is left without lines.

    Args:
        strength: `(h, w)` float32, 0 where a line was.
        boxes: that were erased.
        slope: of the rules, pixels down a pixel; 0 where there are none.
    """

    strength: npt.NDArray[np.float32]
    boxes: list[Box]
    slope: float


def erase_lines(strength: npt.NDArray[np.float32], floor: float) -> Erased:
    """Erases rules, margins, frames, boxes and underlines.

    Args:
        strength: `(h, w)` float32, what departs from the paper.
        floor: from here on it may be a line.

    Returns:
        The ink without them; what crosses a line is whole.
    """
    mask = (strength > floor).astype(np.uint8)
    if not mask.any() or _is_one_digit(mask):
        return Erased(strength, [], 0.0)
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
    digit = _measure_digit(mask & ~bands & 1)
    boxes = choose_boxes(boxes, digit)
    rings = paint_boxes(boxes, mask.shape)
    lines = [
        _choose_lines(found, side, ring, digit, long)
        for found, side, ring, long in zip(
            lines, sides, (rings, rings.T), (LONG, TALL), strict=True
        )
    ]
    if not (boxes or any(lines)):
        return Erased(strength, [], 0.0)
    kept = _keep_ink(strength, mask, lines, rings, digit)
    slopes = [(e.middle[-1] - e.middle[0]) / len(e.middle) for e in lines[0]]
    slope = float(np.median(slopes)) if slopes else 0.0
    return Erased(np.where(kept, strength, 0), boxes, slope)


def _paint(lines: list[list[Line]], shape: tuple[int, int]) -> np.ndarray:
    return (
        paint_lines(lines[0], shape) | paint_lines(lines[1], shape[::-1]).T
    )


def _is_one_digit(mask: np.ndarray) -> bool:
    """Whether one piece of ink touches all four borders: a digit cut out."""
    height, width = mask.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    sizes = stats[1:, 2:4]
    large = sizes.max(axis=1) > 0.2 * max(mask.shape)
    if large.sum() != 1:
        return False
    wide, high = sizes[large][0]
    whole = wide >= width - 2 and high >= height - 2
    # A frame is hollow; squared paper is cut into many pieces.
    holes = cv2.connectedComponents(1 - mask, connectivity=4)[0] - 1
    inner = mask[height // 8 : -height // 8, width // 8 : -width // 8]
    return bool(whole and holes < 9 and inner.any())


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
    return bool(alone and above.any() and below.mean() < 0.01)


def _keep_ink(strength, mask, lines, rings, digit) -> np.ndarray:
    """Where there is ink beside the lines, across them, or darker than they."""
    bands = [
        paint_lines(lines[0], mask.shape),
        paint_lines(lines[1], mask.shape[::-1]).T,
    ]
    band = bands[0] | bands[1] | rings
    rest = mask & ~band & 1
    ink = float(np.median(strength[rest > 0])) if rest.any() else np.inf
    kept = rest.copy()
    for found, own, turn in zip(lines, bands, (False, True), strict=True):
        # Without the lines that cross it, which are no ink.
        free = mask & (own | (1 - band))
        fields = [strength, free, kept]
        fields = [field.T for field in fields] if turn else fields
        for line in found:
            _keep_beside(line, *fields, ink)
    thick = max([e.thick for e in (*lines[0], *lines[1])], default=3)
    for slant in SLANTS:
        for turn in (False, True):
            crossed = _bridge(rest, round(thick + 4), slant, turn)
            kept |= crossed & band & mask
    _drop_rests(kept, band, digit)
    # The soft edge of ink that stays.
    soft = cv2.dilate(kept, np.ones((3, 3), np.uint8))
    return (kept > 0) | ((soft > 0) & (mask == 0) & (band == 0))


def _keep_beside(line, strength, mask, kept, ink) -> None:
    """Keeps what is thicker than a line, or darker."""
    far = int(2 * line.thick + 8)
    offsets = np.arange(-far, far + 1)[:, None]
    rows = np.rint(line.middle).astype(int) + offsets
    columns = np.broadcast_to(np.arange(line.start, line.end), rows.shape)
    inside = (rows >= 0) & (rows < mask.shape[0])
    at = (rows.clip(0, mask.shape[0] - 1), columns)
    on = (mask[at] > 0) & inside
    half = line.thick / 2 + 1
    near = np.abs(offsets) <= half + 0.5
    values = np.where(on & near, strength[at], 0)
    level = float(np.median(values.max(axis=0)))
    if level * DARKER < ink:
        keep = values > DARKER * level
    else:
        run = np.logical_and.accumulate(on[far:], axis=0).sum(axis=0)
        run += np.logical_and.accumulate(on[far::-1], axis=0).sum(axis=0) - 1
        more = max(2.0, THICKER * line.thick)
        keep = on & near & (run >= line.thick + more)
    kept[rows[keep], columns[keep]] = 1


def _bridge(rest, gap, slant, turn) -> np.ndarray:
    """Fills gaps between ink on both sides, along a slant."""
    side = gap | 1
    kernel = np.zeros((side, side), np.uint8)
    reach, middle = side // 2, side // 2
    aside = round(slant * reach)
    ends = ((middle - aside, 0), (middle + aside, side - 1))
    cv2.line(kernel, *ends, 1)
    if turn:
        kernel = np.ascontiguousarray(kernel.T)
    bordered = np.pad(rest, side)
    closed = cv2.morphologyEx(bordered, cv2.MORPH_CLOSE, kernel)
    return closed[side:-side, side:-side]


def _drop_rests(kept: np.ndarray, band: np.ndarray, digit: float) -> None:
    """Drops what is small and beside a line."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(kept)
    near = np.zeros(len(stats), bool)
    near[np.unique(parts[cv2.dilate(band, np.ones((3, 3), np.uint8)) > 0])] = 1
    small = stats[:, 2:4].max(axis=1) < max(5, SPECK * digit)
    gone = near & small
    gone[0] = False
    kept[gone[parts]] = 0
