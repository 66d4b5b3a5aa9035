"""Erasing: lines that are no writing go, the ink that crosses them stays."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.paper.bindings import erase_binding
from mnistcnn.pictures.paper.borders import erase_borders, find_rests
from mnistcnn.pictures.paper.dots import find_dots
from mnistcnn.pictures.rulings.bands import (
    CELLS,
    Line,
    is_lined,
    paint_both,
    paint_boxes,
    paint_cells,
    paint_lines,
)
from mnistcnn.pictures.rulings.combs import find_ticks
from mnistcnn.pictures.rulings.crossings import keep_ink
from mnistcnn.pictures.rulings.digitsize import measure_digits
from mnistcnn.pictures.rulings.frames import choose_sides, find_frames
from mnistcnn.pictures.rulings.lines import find_faint, find_lines
from mnistcnn.pictures.rulings.rules import (
    LONG,
    TALL,
    choose_lines,
    drop_ruled,
)
from mnistcnn.pictures.shapes.boxes import Box, choose_boxes, find_boxes

# Of a box's outline, that is on lines: they say more than it does; and its
# walls are lines, whatever touches them.
LINED, WALLED = 0.85, 0.9
SOFT = 0.4  # of the darkest ink nearby: paler is its edge


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
    whole = (strength > floor).astype(np.uint8)
    # Not the soft edge of what is darker: it would join ink to a line.
    darkest = cv2.dilate(strength, np.ones((5, 5), np.uint8))
    clear = (strength > SOFT * darkest).astype(np.uint8)
    closed = whole & clear
    mask, strength = erase_borders(closed, strength)
    mask, strength = erase_binding(mask, strength, desk)
    if not mask.any():
        return Erased(strength, [], (0, 0))
    faint = _find_faint(mask, strength, clear, floor)
    candidates = [find_lines(side) for side in faint]
    # A line along the picture's border may be a grid's.
    boxes = find_boxes(closed, closed | faint[0] | faint[1].T)
    if len(boxes) < CELLS:
        boxes = drop_ruled(boxes, candidates, mask.shape)
        boxes = _find_walled(boxes, paint_both(candidates, mask.shape))
    # A pale line may be dashes as well, but not the other way round.
    dots = find_dots(mask)
    if dots.any():
        mask = mask & ~dots
        soft = cv2.dilate(dots, np.ones((5, 5), np.uint8)) > mask
        strength = np.where(soft, 0, strength)
    digit = measure_digits(mask, candidates, boxes)
    boxes = choose_boxes(boxes, digit)
    rings = paint_boxes(boxes, mask.shape)
    lines = [
        choose_lines(found, *seen, digit, long)
        for found, seen, long in zip(
            candidates,
            ((mask, strength, rings), (mask.T, strength.T, rings.T)),
            (LONG, TALL),
            strict=True,
        )
    ]
    lines = choose_sides(candidates, lines, mask.shape)
    if not (boxes or any(lines)):
        return Erased(strength, [], (0, 0))
    kept = _tell_ink(strength, mask, whole, lines, boxes, digit, desk)
    across, down = map(_count_leaving, lines, mask.shape[::-1])
    return Erased(np.where(kept, strength, 0), boxes, (across, down))


def _find_faint(
    mask: np.ndarray, strength: np.ndarray, clear: np.ndarray, floor: float
) -> list[np.ndarray]:
    """The ink and pale lines across, and of its transpose, those down."""
    return [
        side | find_faint(np.ascontiguousarray(turned), floor) & own
        for side, turned, own in (
            (mask, strength, clear),
            (np.ascontiguousarray(mask.T), strength.T, clear.T),
        )
    ]


def _tell_ink(
    strength: npt.NDArray[np.float32],
    mask: npt.NDArray[np.uint8],
    whole: npt.NDArray[np.uint8],
    lines: list[list[Line]],
    boxes: list[Box],
    digit: float,
    desk: npt.NDArray[np.uint8] | None,
) -> npt.NDArray[np.bool_]:
    """Tells the ink from lines and boxes that were chosen.

    Args:
        strength: `(h, w)`, what departs from the paper.
        mask: 1 where that is ink or a line.
        whole: the same with the soft edges of both.
        lines: across, and down (by columns in place of rows).
        boxes: by their inner edges.
        digit: a digit's height, pixels.
        desk: 1 where there is no paper; `None` for nowhere.
    """
    bands = paint_both(lines, mask.shape)
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
    ticks = _find_ticks(mask & ~rings & 1, lines, digit) & ~bands
    rest = np.asarray(mask & ~frames & 1, np.uint8)
    whole = np.where((strength > 0) & (frames == 0), whole, 0)
    kept = keep_ink(strength, rest, whole, lines, rings | frames | ticks, digit)
    kept |= _find_in_cells(mask, boxes)
    thick = float(np.median([e.thick for e in sum(lines, boxes)]))
    inked = np.asarray(kept & (mask > 0), np.uint8)
    return kept & ~find_rests(inked, lined | rings, thick, desk)


def _count_leaving(lines: list[Line], side: int) -> int:
    return sum(line.start <= 1 and line.end >= side - 1 for line in lines)


def _find_walled(boxes: list[Box], bands: np.ndarray) -> list[Box]:
    """Finds boxes whose walls are lines; all that is in one may touch them."""
    return [
        box._replace(filled=box.filled or is_lined(box, bands, WALLED))
        for box in boxes
    ]


def _find_in_cells(mask: np.ndarray, boxes: list[Box]) -> np.ndarray:
    """Finds ink in cells: stems of 1s below each other are no line there."""
    cells = paint_cells(boxes, mask.shape)
    inked: np.ndarray = cv2.dilate(mask & cells, np.ones((3, 3), np.uint8))
    return (inked & cells) > 0


def _find_ticks(
    mask: np.ndarray, lines: list[list[Line]], digit: float
) -> np.ndarray:
    """Finds ticks up and down from lines across, and across from others."""
    across, down = (
        find_ticks(rest & ~paint_lines(own, rest.shape), own, digit)
        for own, rest in zip(
            lines, (mask, np.ascontiguousarray(mask.T)), strict=True
        )
    )
    return across | down.T
