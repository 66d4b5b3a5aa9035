"""Erasing lines that are not writing, while ink that crosses them stays."""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.paper.bindings import erase_binding
from mnistcnn.pictures.paper.borders import erase_borders
from mnistcnn.pictures.paper.dots import find_dots
from mnistcnn.pictures.rulings.bands import (
    CELLS,
    Line,
    is_lined,
    paint_both,
    paint_boxes,
    paint_cells,
)
from mnistcnn.pictures.rulings.digitsize import measure_digits
from mnistcnn.pictures.rulings.frames import choose_sides
from mnistcnn.pictures.rulings.lines import find_faint, find_lines
from mnistcnn.pictures.rulings.rules import (
    LONG,
    TALL,
    choose_crossing,
    choose_lines,
    drop_ruled,
)
from mnistcnn.pictures.rulings.telling import split_feet, tell_ink
from mnistcnn.pictures.shapes.boxes import (
    INSIDE,
    Box,
    choose_boxes,
    find_boxes,
)
from mnistcnn.pictures.shapes.components import find_components
from mnistcnn.pictures.shapes.cutboxes import find_cut

WALLED = 0.9  # of a box's outline: so much on lines, and its walls are lines
SOFT = 0.4  # of the darkest ink nearby: paler pixels are its soft edge


class Erased(NamedTuple):
    """A picture's marks without lines.

    Args:
        strength: `(h, w)` float32, 0 where a line was.
        boxes: those that were erased.
        leaving: how many lines go from border to border, across and down.
        footed: as `strength`, with the lines that may be the feet of digits;
            `None` if there are none.
    """

    strength: npt.NDArray[np.float32]
    boxes: list[Box]
    leaving: tuple[int, int]
    footed: npt.NDArray[np.float32] | None = None


def erase_lines(
    strength: npt.NDArray[np.float32],
    floor: float,
    desk: npt.NDArray[np.uint8] | None = None,
) -> Erased:
    """Erases rules, margins, frames, boxes and underlines.

    Args:
        strength: `(h, w)` float32, how much each pixel differs from the paper.
        floor: the threshold of lines.
        desk: `(h, w)` uint8, 1 where there is no paper.

    Returns:
        The ink without them; ink that crosses a line stays whole.
    """
    whole = (strength > floor).astype(np.uint8)
    # Without the soft edges of darker ink, which would join it to a line.
    darkest = cv2.dilate(strength, np.ones((5, 5), np.uint8))
    clear = (strength > SOFT * darkest).astype(np.uint8)
    closed = whole & clear
    mask, strength = erase_borders(closed, strength)
    mask, strength = erase_binding(mask, strength, desk)
    if not mask.any():
        return Erased(strength, [], (0, 0))
    faint = _find_faint(mask, strength, clear, floor)
    candidates = [find_lines(side) for side in faint]
    # `closed`, since a line along the picture's border may belong to a grid.
    lined = closed | faint[0] | faint[1].T
    boxes = find_boxes(closed, lined)
    # Squared paper's lines go from border to border.
    if not boxes and not any(choose_crossing(candidates, mask.shape)):
        boxes = find_cut(closed, lined)
    if len(boxes) < CELLS:
        boxes = drop_ruled(boxes, candidates, mask.shape)
        boxes = _find_walled(boxes, paint_both(candidates, mask.shape))
    # A pale line may also look like dashes, but not the other way round.
    dots = find_dots(_drop_signs(mask, boxes))
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
    rest = (boxes, digit, desk)
    kept = tell_ink(strength, mask, whole, lines, *rest)
    across, down = map(_count_leaving, lines, mask.shape[::-1])
    found = Erased(np.where(kept, strength, 0), boxes, (across, down))
    feet, others = split_feet(lines[0], mask, digit)
    if boxes or not feet:
        return found
    if others or lines[1]:
        kept = tell_ink(strength, mask, whole, [others, lines[1]], *rest)
        return found._replace(footed=np.where(kept, strength, 0))
    return found._replace(footed=strength)


def _find_faint(
    mask: np.ndarray, strength: np.ndarray, clear: np.ndarray, floor: float
) -> list[np.ndarray]:
    """The ink with pale lines across, and its transpose with those down."""
    return [
        side | find_faint(np.ascontiguousarray(turned), floor) & own
        for side, turned, own in (
            (mask, strength, clear),
            (np.ascontiguousarray(mask.T), strength.T, clear.T),
        )
    ]


def _drop_signs(mask: np.ndarray, boxes: list[Box]) -> np.ndarray:
    """Removes digit-sized ink among cells, which may look like many dots."""
    cells = paint_cells(boxes, mask.shape)
    if not cells.any():
        return mask
    x, y, wide, high = cv2.boundingRect(cells)
    parts, stats = find_components(mask)
    usual = np.median([box.sides[0] for box in boxes])
    middle = stats[:, :2] + stats[:, 2:4] / 2
    among = (middle > (x, y)) & (middle < (x + wide, y + high))
    signs = among.all(axis=1) & (stats[:, 3] >= INSIDE * usual)
    signs &= stats[:, 3] < 2 * usual
    signs[0] = False
    return np.where(signs[np.asarray(parts, int)], 0, mask)


def _count_leaving(lines: list[Line], side: int) -> int:
    return sum(line.start <= 1 and line.end >= side - 1 for line in lines)


def _find_walled(boxes: list[Box], bands: np.ndarray) -> list[Box]:
    """Marks boxes whose walls are lines as filled: all ink may touch them."""
    return [
        box._replace(filled=box.filled or is_lined(box, bands, WALLED))
        for box in boxes
    ]
