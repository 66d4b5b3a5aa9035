"""Erasing: lines that are no writing go, the ink that crosses them stays."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.bands import (
    CELLS,
    Line,
    is_lined,
    paint_boxes,
    paint_cells,
    paint_lines,
)
from mnistcnn.pictures.bindings import erase_binding
from mnistcnn.pictures.borders import erase_borders, find_rests
from mnistcnn.pictures.boxes import Box, choose_boxes, find_boxes
from mnistcnn.pictures.combs import find_ticks
from mnistcnn.pictures.components import find_components
from mnistcnn.pictures.crossings import keep_ink
from mnistcnn.pictures.dots import find_dots
from mnistcnn.pictures.frames import choose_sides, find_frames
from mnistcnn.pictures.lines import find_faint, find_lines
from mnistcnn.pictures.rules import (
    LONG,
    TALL,
    choose_crossing,
    choose_lines,
    drop_ruled,
)

# Of a box's outline, that is on lines: they say more than it does; and its
# walls are lines, whatever touches them.
LINED, WALLED = 0.6, 0.8
WIDE = 0.75  # of the picture: a line that may join all of its digits
FLAT = 0.2  # as tall as it is wide: what is flatter is no digit


class Erased(NamedTuple):
    """What is left without lines.

    Args:
        strength: `(h, w)` float32, 0 where a line was.
        boxes: that were erased.
        leaving: how many lines go from border to border, across and down.
    """

    strength: npt.NDArray[np.float32]
    boxes: list[Box]
    leaving: tuple[int, int]


def erase_lines(
    strength: npt.NDArray[np.float32],
    floor: float,
    desk: npt.NDArray[np.uint8] | None = None,
) -> Erased:
    """Erases rules, margins, frames, boxes and underlines.

    Args:
        strength: `(h, w)` float32, what departs from the paper.
        floor: from here on it may be a line.
        desk: `(h, w)` uint8, 1 where there is no paper.

    Returns:
        The ink without them; what crosses a line is whole.
    """
    mask = (strength > floor).astype(np.uint8)
    mask, strength = erase_borders(mask, strength)
    mask, strength = erase_binding(mask, strength, desk)
    if not mask.any():
        return Erased(strength, [], (0, 0))
    # Down the picture is across its transpose.
    sides = [mask, np.ascontiguousarray(mask.T)]
    faint = [
        side | find_faint(np.ascontiguousarray(turned), floor)
        for side, turned in zip(sides, (strength, strength.T), strict=True)
    ]
    candidates = [find_lines(side) for side in faint]
    boxes = find_boxes(mask, faint[0] | faint[1].T)
    if len(boxes) < CELLS:
        boxes = drop_ruled(boxes, candidates, mask.shape)
        boxes = _find_walled(boxes, _paint(candidates, mask.shape))
    # A pale line may be dashes as well, but not the other way round.
    dots = find_dots(mask)
    if dots.any():
        mask = mask & ~dots
        soft = cv2.dilate(dots, np.ones((5, 5), np.uint8)) > mask
        strength = np.where(soft, 0, strength)
    digit = _look_at_digits(mask, candidates, boxes)
    boxes = choose_boxes(boxes, digit)
    rings = paint_boxes(boxes, mask.shape)
    lines = [
        choose_lines(found, side, ring, digit, long)
        for found, side, ring, long in zip(
            candidates, sides, (rings, rings.T), (LONG, TALL), strict=True
        )
    ]
    lines = choose_sides(candidates, lines, mask.shape)
    if not (boxes or any(lines)):
        return Erased(strength, [], (0, 0))
    bands = _paint(lines, mask.shape)
    lined = np.asarray(cv2.dilate(bands, np.ones((7, 7), np.uint8)), np.uint8)
    # Of a frame a side may be no line: it is seen at an angle.
    few = len(boxes) < CELLS
    rings = paint_boxes(
        [b for b in boxes if few & b.solid or not is_lined(b, lined, LINED)],
        mask.shape,
    )
    # A line is followed more closely than a box is.
    rings[lined > 0] = 0
    frames = find_frames(boxes, mask, rings | bands, digit)
    ticks = _find_ticks(mask & ~rings & 1, lines) & ~bands
    rest = np.asarray(mask & ~frames & 1, np.uint8)
    kept = keep_ink(strength, rest, lines, rings | frames | ticks, digit)
    kept |= _find_in_cells(mask, boxes)
    thick = float(np.median([e.thick for e in sum(lines, boxes)]))
    inked = np.asarray(kept & (mask > 0), np.uint8)
    kept &= ~find_rests(inked, lined | rings, thick, desk)
    across, down = map(_count_leaving, lines, mask.shape[::-1])
    return Erased(np.where(kept, strength, 0), boxes, (across, down))


def _count_leaving(lines: list[Line], side: int) -> int:
    return sum(line.start <= 1 and line.end >= side - 1 for line in lines)


def _find_walled(boxes: list[Box], bands: np.ndarray) -> list[Box]:
    """Finds boxes whose walls are lines; all that is in one may touch them."""
    return [
        box._replace(filled=box.filled or is_lined(box, bands, WALLED))
        for box in boxes
    ]


def _look_at_digits(
    mask: np.ndarray, lines: list[list[Line]], boxes: list[Box]
) -> float:
    """Measures a digit's height without the lines that are surely none."""
    sure = choose_crossing(lines, (len(mask), mask.shape[1]))
    # An empty one may be a digit's ring.
    boxes = choose_boxes(boxes)
    if not boxes:
        wide = WIDE * mask.shape[1]
        sure[0] += [e for e in lines[0] if e.end - e.start >= wide]
    bands = _paint(sure, mask.shape)
    bands |= paint_boxes(boxes, mask.shape)
    # Strokes that a line crosses are whole.
    rest = mask & ~bands & 1
    closed = cv2.morphologyEx(rest, cv2.MORPH_CLOSE, np.ones((9, 1), np.uint8))
    return _measure_digit(np.asarray(rest | closed & bands, np.uint8))


def _find_in_cells(mask: np.ndarray, boxes: list[Box]) -> np.ndarray:
    """Finds ink in cells: stems of 1s below each other are no line there."""
    cells = paint_cells(boxes, mask.shape)
    inked: np.ndarray = cv2.dilate(mask & cells, np.ones((3, 3), np.uint8))
    return (inked & cells) > 0


def _find_ticks(mask: np.ndarray, lines: list[list[Line]]) -> np.ndarray:
    """Finds ticks up and down from lines across, and across from others."""
    across, down = (
        find_ticks(rest & ~paint_lines(own, rest.shape), own)
        for own, rest in zip(
            lines, (mask, np.ascontiguousarray(mask.T)), strict=True
        )
    )
    return across | down.T


def _paint(lines: list[list[Line]], shape: tuple[int, int]) -> np.ndarray:
    return (
        paint_lines(lines[0], shape)
        | paint_lines(lines[1], (shape[1], shape[0])).T
    )


def _measure_digit(rest: np.ndarray) -> float:
    """The height of most of the ink; 0 where there is none."""
    _, stats = find_components(rest)
    wide, tall, area = stats[1:, 2:5].T
    keep = (np.maximum(wide, tall) >= 6) & (tall > FLAT * wide)
    tall, area = tall[keep], area[keep]
    if not tall.size:
        return 0.0
    order = np.argsort(tall)
    total = np.cumsum(area[order])
    return float(tall[order][np.searchsorted(total, total[-1] / 2)])
