"""Rules: which lines are the paper's, and which are strokes of digits."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.bands import Line, measure_lined, paint_lines
from mnistcnn.pictures.boxes import Box

WIDE = 0.75  # of the picture: a line this long is a rule
LONG = 1.7  # of a digit's height: an underline is longer
SHORT = 0.8  # of a digit's height: what lies below, by itself, and is longer
TALL = 2.6  # of a digit's height: a 1 beside small digits is shorter
EDGE = 0.02  # of the picture: a line that ends so near its border leaves it
THIN = 14  # times as long as it is thick: a line among digits
ACROSS = 10  # the same, from border to border
RULED, NEAR = 0.8, 7  # of two walls of a box; pixels round a rule
ALONE = 0.05  # of its length: where other ink touches a line by itself


def choose_lines(
    lines: list[Line],
    mask: npt.NDArray[np.uint8],
    rings: npt.NDArray[np.uint8],
    digit: float,
    long: float,
) -> list[Line]:
    """Chooses those that are longer than a digit's strokes, or a box's side.

    Args:
        lines: across.
        mask: `(h, w)` uint8, 1 where there is ink.
        rings: 1 on the lines of boxes.
        digit: a digit's height, pixels; 0 where it is not known.
        long: times as long is a line.
    """
    side = mask.shape[1]
    chosen = []
    mask = mask.copy()
    # From below: what lies above a line that is chosen may lie below as well.
    for line in sorted(lines, key=lambda line: -line.middle.mean()):
        length = line.end - line.start
        ends = _count_ends(line, side)
        least = (long, LONG, 1.3)[ends] * digit
        if not digit:
            least = 0 if ends else np.inf
        if length < (THIN if ends < 2 else ACROSS) * line.thick:
            least = np.inf
        if long == LONG and length >= SHORT * digit:
            least = least if not _lies_beside(line, mask, digit) else 0
        middle = np.rint(line.middle).astype(int).clip(0, mask.shape[0] - 1)
        ringed = rings[middle, np.arange(line.start, line.end)].mean()
        enough = length >= least and (ends < 2 or length >= WIDE * side)
        if enough or ringed > 0.6:
            chosen.append(line)
            mask[paint_lines([line], mask.shape) > 0] = 0
    return chosen


def _lies_beside(line: Line, mask: np.ndarray, digit: float) -> bool:
    """Whether a line is by itself, with ink on one side and none beyond."""
    top, bottom = (round(f(line.middle)) for f in (np.min, np.max))
    first = max(0, int(top - digit))
    window = (slice(first, int(bottom + digit)), slice(line.start, line.end))
    near = mask[window]
    if not near.size:
        return False
    moved = Line(0, line.middle - first, line.thick)
    own = paint_lines([moved], near.shape)
    wider: np.ndarray = cv2.dilate(own, np.ones((5, 1), np.uint8))
    around = wider & ~own
    if (near & around).sum() > ALONE * near.shape[1]:
        return False
    if _goes_on(line, mask):
        return False
    half = round(line.thick / 2 + 2)
    above = near[: max(0, top - first - half)][::-1]
    below = near[bottom - first + half :]
    clear = round(0.7 * digit)
    return any(
        here.any() and beyond[:clear].sum() <= 0.01 * beyond[:clear].size
        for here, beyond in ((above, below), (below, above))
    )


def _goes_on(line: Line, mask: np.ndarray) -> bool:
    """Whether ink goes on from an end of a line: the foot or bow of a digit."""
    far = round(line.thick + 3)
    for column, row in (
        (line.start - far, line.middle[0]),
        (line.end + 3, line.middle[-1]),
    ):
        columns = slice(max(0, column), max(0, column + far - 3))
        rows = slice(max(0, round(row) - far), round(row) + far)
        if mask[rows, columns].any():
            return True
    return False


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
        [line for line in found if _count_ends(line, side) == 2]
        for found, side in zip(lines, shape[::-1], strict=True)
    ]


def _count_ends(line: Line, side: int) -> int:
    """Counts the ends of a line across that are at the picture's border."""
    # A line along that border ends it.
    near = EDGE * side + 2 + line.thick
    return int(line.start <= near) + int(line.end >= side - near)
