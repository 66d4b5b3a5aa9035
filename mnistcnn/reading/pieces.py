"""Pieces: what strokes and pictures are taken apart into.

A piece is a stroke, or connected ink, or a part of either.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mnistcnn.ink import bounding_box, resample
from mnistcnn.pictures import Piece, ink_to_image, measure_lines

SAMPLES = 64  # points by which the ink of two pieces is compared
# A stroke that is wider than this, in units of its line's height, may be
# several digits that hang together; each cut is this far from the next.
WIDE = 0.9
EACH = 0.4
COLUMNS = 64  # in which a wide stroke is looked at
LEAST = 0.01  # what a cut counts as, however little ink it goes through


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of ink.

    Args:
        boxes: `(n, 4)` float64, left, top, right and bottom, in any units.
        points: for each some points `(m, 2)` of its ink.
        sources: `(n,)` int64, the stroke, or the connected ink, that each is
            of; pieces of one source follow each other.
        cuts: `(n,)` float64, how much ink was cut between a piece and the one
            before it, of the same source, in pens' widths; 0 for the first.
    """

    boxes: npt.NDArray[np.float64]
    points: Sequence[npt.NDArray[np.floating]]
    sources: npt.NDArray[np.int64]
    cuts: npt.NDArray[np.float64]


def cut_strokes(
    strokes: Sequence[npt.NDArray[np.floating]],
    whole: Collection[int] = (),
) -> tuple[list[npt.NDArray[np.floating]], Pieces]:
    """Takes strokes apart where digits may hang together.

    Args:
        strokes: arrays `(n, 2)`, n at least 1.
        whole: the places of those that are not cut.

    Returns:
        The parts of the strokes, in their order, and the same as pieces.

    Example:
        >>> hill = np.array([[0, 0], [4, 9], [8, 1], [30, 0], [34, 9], [38, 1]])
        >>> parts, pieces = cut_strokes([hill])
        >>> len(parts), pieces.sources.tolist()
        (2, [0, 0])
    """
    boxes = np.array([bounding_box([s]) for s in strokes]).reshape(-1, 4)
    parts, sources, cuts = [], [], []
    for source, line in enumerate(measure_lines(boxes)):
        found = [strokes[source]]
        if source not in whole:
            found = _cut(strokes[source], boxes[source], float(line))
        parts += found
        sources += [source] * len(found)
        cuts += [0.0] + [1.0] * (len(found) - 1)
    if len(parts) > len(boxes):
        boxes = np.array([bounding_box([s]) for s in parts])
    points = [resample(part, SAMPLES) for part in parts]
    return parts, Pieces(boxes, points, np.array(sources, int), np.array(cuts))


def describe_ink(found: Sequence[Piece]) -> Pieces:
    """Describes the pieces of a picture's ink.

    Args:
        found: by `find_pieces`.

    Returns:
        The same, as the lattice takes them.
    """
    cuts = [max(piece.cut, LEAST) if piece.cut else 0.0 for piece in found]
    return Pieces(
        np.array([piece.box for piece in found], np.float64).reshape(-1, 4),
        [_find_points(piece) for piece in found],
        np.array([piece.source for piece in found], int),
        np.array(cuts),
    )


def draw_ink(found: Sequence[Piece]) -> npt.NDArray[np.uint8]:
    """Draws pieces of ink as one image `(28, 28)`, as MNIST has them."""
    boxes = np.array([piece.box for piece in found])
    left, top = boxes[:, :2].min(0)
    right, bottom = boxes[:, 2:].max(0)
    ink = np.zeros((bottom - top, right - left), np.uint8)
    for piece in found:
        x, y = piece.box[0] - left, piece.box[1] - top
        tall, wide = piece.ink.shape
        window = ink[y : y + tall, x : x + wide]
        np.maximum(window, piece.ink, out=window)
    return ink_to_image(ink)


def _find_points(piece):
    down, along = np.nonzero(piece.ink)
    step = max(1, len(down) // SAMPLES)
    return np.stack([along, down], 1)[::step] + np.array(piece.box[:2]) + 0.5


def _cut(stroke, box, line):
    """Cuts a wide stroke where a vertical line meets it a single time."""
    left, _, right, _ = box
    most = int((right - left) / (EACH * line)) - 1 if line > 0 else 0
    if right - left < WIDE * line or most < 1 or len(stroke) < 2:
        return [stroke]
    path = resample(stroke, 4 * COLUMNS)
    columns = np.linspace(left, right, COLUMNS + 2)[1:-1]
    sides = path[:, :1] < columns
    crossed = sides[1:] != sides[:-1]
    single = np.flatnonzero(crossed.sum(0) == 1)
    runs = np.split(single, np.flatnonzero(np.diff(single) > 1) + 1)
    middles = [run[len(run) // 2] for run in runs if len(run)]
    room = EACH * line
    places = []
    for middle in sorted(middles, key=lambda m: abs(m - COLUMNS / 2)):
        x = columns[middle]
        if not left + room <= x <= right - room or len(places) == most:
            continue
        if all(abs(x - columns[other]) >= room for other in places):
            places.append(middle)
    edges = sorted(int(crossed[:, place].argmax()) for place in places)
    # One point is in both parts: the pen went on.
    return (
        [
            path[start : end + 1]
            for start, end in zip(
                [0, *edges], [*edges, len(path) - 1], strict=True
            )
        ]
        if edges
        else [stroke]
    )
