"""Pieces: what strokes and the ink of pictures are cut into.

A piece is a stroke, or connected ink, or a part of either.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mnistcnn.ink import bounding_box, resample
from mnistcnn.pictures import Piece, ink_to_image, measure_lines

SAMPLES = 64  # points of a piece, for comparing the ink of two pieces
# A stroke wider than this, in units of its line's height, may be several
# connected digits; two cuts are at least EACH apart.
WIDE = 0.9
EACH = 0.4
COLUMNS = 64  # vertical lines at which a wide stroke is examined
LEAST = 0.01  # least value of a cut, however little ink it goes through


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of ink.

    Args:
        boxes: `(n, 4)` float64, left, top, right and bottom, in any units.
        points: for each piece, some points `(m, 2)` of its ink.
        sources: `(n,)` int64, the stroke or connected component that each was
            cut from; pieces of one source follow each other.
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
    """Cuts strokes apart where digits may be connected.

    Args:
        strokes: arrays `(n, 2)`, n at least 1.
        whole: indices of strokes that are not cut.

    Returns:
        The parts of the strokes, in order, and the same as `Pieces`.

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
        The same, in the form that `build_lattice` takes.
    """
    cuts = [max(piece.cut, LEAST) if piece.cut else 0.0 for piece in found]
    return Pieces(
        np.array([piece.box for piece in found], np.float64).reshape(-1, 4),
        [_find_points(piece) for piece in found],
        np.array([piece.source for piece in found], int),
        np.array(cuts),
    )


def draw_ink(found: Sequence[Piece]) -> npt.NDArray[np.uint8]:
    """Draws pieces of ink as one image `(28, 28)` in MNIST's form."""
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
    """Cuts a wide stroke where a vertical line crosses it only once."""
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
    # Both parts include the point of the cut, as the pen was not lifted.
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
