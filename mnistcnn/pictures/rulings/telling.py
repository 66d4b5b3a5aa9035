"""Separating ink from the lines and boxes that are to be erased."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.paper.borders import find_rests
from mnistcnn.pictures.rulings.bands import (
    CELLS,
    Line,
    is_lined,
    measure_lined,
    paint_both,
    paint_boxes,
    paint_cells,
    paint_lines,
)
from mnistcnn.pictures.rulings.combs import find_ticks
from mnistcnn.pictures.rulings.crossings import keep_ink
from mnistcnn.pictures.rulings.frames import find_frames
from mnistcnn.pictures.shapes.boxes import Box

LINED = 0.85  # of a box's outline: with more on lines, only these are erased
# With MANY boxes, an outline with less than CUT on lines is erased; in others a
# part that is not on lines belongs to a digit.
MANY, CUT = 16, 0.5
TWO = 2.7  # of a digit's height: largest length of two digits' feet
BESIDE = 2  # pixels from a line: ink there touches it


def tell_ink(
    strength: npt.NDArray[np.float32],
    mask: npt.NDArray[np.uint8],
    whole: npt.NDArray[np.uint8],
    lines: list[list[Line]],
    boxes: list[Box],
    digit: float,
    desk: npt.NDArray[np.uint8] | None,
) -> npt.NDArray[np.bool_]:
    """Separates the ink from the chosen lines and boxes.

    Args:
        strength: `(h, w)`, how much each pixel differs from the paper.
        mask: 1 where there is ink or a line.
        whole: the same with the soft edges of both.
        lines: across, and down (by columns in place of rows).
        boxes: by their inner edges.
        digit: a digit's height, pixels.
        desk: 1 where there is no paper; `None` for nowhere.
    """
    bands = paint_both(lines, mask.shape)
    lined = np.asarray(cv2.dilate(bands, np.ones((7, 7), np.uint8)), np.uint8)
    rings = paint_boxes(choose_unlined(boxes, lined), mask.shape)
    # Lines are traced more accurately than boxes.
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


def choose_unlined(boxes: list[Box], lined: npt.NDArray[np.uint8]) -> list[Box]:
    """Chooses boxes whose outline has to be erased in addition to lines.

    Args:
        boxes: by their inner edges.
        lined: `(h, w)` uint8, 1 on lines.

    Returns:
        Those whose walls are not lines. The walls of many cells are lines: a
        part of an outline that is not on a line is where a digit touches it.
    """
    if len(boxes) >= MANY:
        return [box for box in boxes if measure_lined(box, lined) < CUT]
    # A side of a frame seen at an angle may not be among the lines.
    few = len(boxes) < CELLS
    return [
        box
        for box in boxes
        if few & box.solid or not is_lined(box, lined, LINED)
    ]


def split_feet(
    lines: list[Line], mask: npt.NDArray[np.uint8], digit: float
) -> tuple[list[Line], list[Line]]:
    """Splits lines into those that may be digits' feet or bars, and others.

    The foot of a 2 that goes on into that of the next digit looks like an
    underline, and the bar of a 7 or a 5 like a line above.

    Args:
        lines: across.
        mask: `(h, w)`, 1 where there is ink or a line.
        digit: a digit's height, pixels.

    Returns:
        Lines not longer than two digits' feet, with ink touching them; and the
        others.

    Example:
        >>> page = np.zeros((20, 40), np.uint8)
        >>> page[12:14, 5:35] = page[18:20, 5:35] = 1
        >>> page[2:14, 8:10] = 1  # stands on the upper one
        >>> lines = [Line(5, np.full(30, row), 2) for row in (12.5, 18.5)]
        >>> feet, others = split_feet(lines, page, 12)
        >>> [float(line.middle[0]) for line in feet]
        [12.5]
    """
    feet, others = [], []
    for line in lines:
        columns = np.arange(line.start, line.end)
        half = line.thick / 2 + BESIDE
        rows = np.rint(line.middle + np.array([[-half], [half]])).astype(int)
        beside = mask[rows.clip(0, len(mask) - 1), columns] > 0
        # There is no ink beyond the border.
        beside &= (rows >= 0) & (rows < len(mask))
        short = len(columns) < TWO * digit
        (feet if short and beside.any() else others).append(line)
    return feet, others


def _find_in_cells(mask: np.ndarray, boxes: list[Box]) -> np.ndarray:
    """Finds ink in cells, where stems of 1s in a column are not a line."""
    cells = paint_cells(boxes, mask.shape)
    inked: np.ndarray = cv2.dilate(mask & cells, np.ones((3, 3), np.uint8))
    return (inked & cells) > 0


def _find_ticks(
    mask: np.ndarray, lines: list[list[Line]], digit: float
) -> np.ndarray:
    """Finds ticks on lines across, and on lines down."""
    across, down = (
        find_ticks(rest & ~paint_lines(own, rest.shape), own, digit)
        for own, rest in zip(
            lines, (mask, np.ascontiguousarray(mask.T)), strict=True
        )
    )
    return across | down.T
