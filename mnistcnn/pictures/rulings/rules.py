"""Rules: which lines are the paper's, and which are strokes of digits."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.rulings.bands import Line, measure_lined, paint_lines
from mnistcnn.pictures.rulings.surroundings import (
    is_stems,
    is_writing,
    lies_beside,
    take_longest,
)
from mnistcnn.pictures.shapes.boxes import Box

WIDE = 0.75  # of the picture: a line this long is a rule
LONG = 1.7  # of a digit's height: an underline is longer
SHORT = 0.8  # of a digit's height: what lies below, by itself, and is longer
TALL = 2.6  # of a digit's height: a 1 beside small digits is shorter
EDGE = 0.02  # of the picture: a line that ends so near its border leaves it
CROPPED = 0.04  # the same in a small picture
THIN = 11  # times as long as it is thick: a line among digits
ACROSS = 10  # the same, from border to border
RULES, RINGED = 2, 0.6  # lines from border to border; of a line
RULED, NEAR = 0.8, 7  # of two walls of a box; pixels round a rule


def choose_lines(
    lines: list[Line],
    mask: npt.NDArray[np.uint8],
    strength: npt.NDArray[np.float32],
    rings: npt.NDArray[np.uint8],
    digit: float,
    long: float,
) -> list[Line]:
    """Chooses those that are longer than a digit's strokes, or a box's side.

    Args:
        lines: across.
        mask: `(h, w)` uint8, 1 where there is ink.
        strength: `(h, w)`, what departs from the paper.
        rings: 1 on the lines of boxes.
        digit: a digit's height, pixels; 0 where it is not known.
        long: times as long is a line.
    """
    side = mask.shape[1]
    chosen = []
    # Beside rules, what lies along a box is a stroke that closes it with them.
    ruled = sum(_find_ends(e, mask.shape)[:2].all() for e in lines) >= RULES
    mask = mask.copy()
    # From below: what lies above a line that is chosen may lie below as well.
    for line in sorted(lines, key=lambda line: -line.middle.mean()):
        leaving = _find_ends(line, mask.shape)
        if leaving.sum() < 2:
            line = take_longest(line, strength)
            leaving = _find_ends(line, mask.shape)
        length = line.end - line.start
        ends = int(leaving.sum())
        least = (long, LONG, 1.3)[ends] * digit
        if not digit:
            least = 0 if ends else np.inf
        if length < (THIN if ends < 2 else ACROSS) * line.thick:
            least = np.inf
        if long == LONG and length >= SHORT * digit:
            least = least if not lies_beside(line, mask, digit) else 0
        middle = np.rint(line.middle).astype(int).clip(0, mask.shape[0] - 1)
        ringed = rings[middle, np.arange(line.start, line.end)].mean()
        # One that cuts a corner off may be short.
        least = max(least, WIDE * side * leaving[:2].all())
        enough = length >= least
        if enough and ends < 2:
            enough = not is_writing(line, mask)
        elif enough:
            enough = not is_stems(line, mask, digit)
        if enough or (ringed > RINGED and not ruled):
            chosen.append(line)
            mask[paint_lines([line], mask.shape) > 0] = 0
    return chosen


def drop_ruled(
    boxes: list[Box], lines: list[list[Line]], shape: tuple[int, int]
) -> list[Box]:
    """Drops what two rules close with strokes, as 1s from one to the other.

    Rules go from border to border: a box that has one for a wall has such
    lines for all of them.

    Args:
        boxes: by their inner edges.
        lines: across, and down, of the transpose.
        shape: of the picture.
    """
    rules = choose_crossing(lines, shape)
    if not any(rules):
        return boxes
    kernel = np.ones((NEAR, NEAR), np.uint8)
    down = paint_lines(rules[1], (shape[1], shape[0])).T
    ways = [
        np.asarray(cv2.dilate(bands, kernel), np.uint8)
        for bands in (paint_lines(rules[0], shape), down)
    ]
    left = []
    for box in boxes:
        _, _, *sides = cv2.boundingRect(box.hull)
        ruled = [
            measure_lined(box, bands) > RULED * side / sum(sides)
            for bands, side in zip(ways, sides, strict=True)
        ]
        if ruled[0] == ruled[1]:
            left.append(box)
    return left


def choose_crossing(
    lines: list[list[Line]], shape: tuple[int, int]
) -> list[list[Line]]:
    """Chooses the lines that go from border to border.

    Args:
        lines: across, and down, of the transpose.
        shape: of the picture.
    """
    return [
        [line for line in found if _find_ends(line, size).sum() == 2]
        for found, size in zip(lines, (shape, shape[::-1]), strict=True)
    ]


def _find_ends(line: Line, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Which ends of a line across are at the picture's border.

    Returns:
        `(3,)`: the left end at the left, the right one at the right, and one
        of them at the top or bottom where it is not so.
    """
    # A line along that border ends it.
    # In a small picture that may be a digit which is cropped near its ends.
    near = min(EDGE * shape[1] + 4, CROPPED * shape[1])
    aside = np.array([line.start <= near, line.end >= shape[1] - near])
    rows = line.middle[[0, -1]]
    out = (rows <= line.thick) | (rows >= shape[0] - 1 - line.thick)
    return np.array([*aside, (out & ~aside).any()])
