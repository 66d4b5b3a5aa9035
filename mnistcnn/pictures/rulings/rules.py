"""Rules: which lines belong to the paper, and which to digits."""

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

WIDE = 0.75  # of the picture: least length of a rule
LONG = 1.7  # of a digit's height: least length of an underline
SHORT = 0.8  # of a digit's height: the same for a line by itself
TALL = 2.6  # of a digit's height: least length down; a 1 is shorter
EDGE = 0.02  # of the picture: a line ending so near its border leaves it
CROPPED = 0.04  # the same in a small picture
THIN = 11  # least length of a line among digits, in its thickness
ACROSS = 10  # the same for a line from border to border
RULES, RINGED = 2, 0.6  # rules on ruled paper; of a line: share along boxes
RULED, NEAR = 0.8, 7  # of two walls of a box: share on rules; pixels round one


def choose_lines(
    lines: list[Line],
    mask: npt.NDArray[np.uint8],
    strength: npt.NDArray[np.float32],
    rings: npt.NDArray[np.uint8],
    digit: float,
    long: float,
) -> list[Line]:
    """Chooses lines longer than a digit's strokes, and sides of boxes.

    Args:
        lines: across.
        mask: `(h, w)` uint8, 1 where there is ink.
        strength: `(h, w)`, how much each pixel differs from the paper.
        rings: 1 on the lines of boxes.
        digit: a digit's height, pixels; 0 if it is unknown.
        long: least length of a line, in a digit's height.
    """
    side = mask.shape[1]
    chosen = []
    # On ruled paper, a line along a box may be a stroke that closes it with two
    # rules.
    ruled = sum(_find_ends(e, mask.shape)[:2].all() for e in lines) >= RULES
    mask = mask.copy()
    # From below, since removing a chosen line may isolate the one above it.
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
        # A line that cuts a corner off may be short.
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
    """Drops boxes that two rules form with strokes, like 1s between them.

    Rules go from border to border. A real box with a rule as a wall has rules
    as all of its walls.

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
    """Finds the ends of a line across that are at the picture's border.

    Returns:
        `(3,)`: whether the left end is at the left border, the right one at the
        right border, and another end at the top or bottom.
    """
    # With a tolerance, since another line along that border may end it. It is
    # less in a small picture, where it may be a digit's stroke, cropped near
    # its ends.
    near = min(EDGE * shape[1] + 4, CROPPED * shape[1])
    aside = np.array([line.start <= near, line.end >= shape[1] - near])
    rows = line.middle[[0, -1]]
    out = (rows <= line.thick) | (rows >= shape[0] - 1 - line.thick)
    return np.array([*aside, (out & ~aside).any()])
