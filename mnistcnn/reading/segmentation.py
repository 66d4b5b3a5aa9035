"""Segmentation: which pieces of ink are one digit; the network decides.

Pieces are taken too small, every run of neighbours that could be one sign is
looked at by the network, in one batch, and the best path through them is
taken, by its probabilities and a prior on size, gap and overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures import measure_lines
from mnistcnn.reading.decoding import find_path
from mnistcnn.reading.lattice import DOT, Lattice
from mnistcnn.reading.lines import find_commas, find_lines
from mnistcnn.reading.prior import describe_signs, score
from mnistcnn.reading.readings import Box


@dataclass(frozen=True, eq=False)
class Sign:
    """Pieces of ink that belong together.

    Args:
        place: among the lattice's proposals.
        pieces: their places, ascending.
        box: `(left, top, right, bottom)`.
        is_digit: whether it is read as one.
        line: of writing, 0 the top one.
        ring: whether it is no digit and goes round others.
        size: its longer side, in heights of its line.
    """

    place: int
    pieces: tuple[int, ...]
    box: Box
    is_digit: bool
    line: int
    ring: bool
    size: float


def choose_signs(
    lattice: Lattice,
    rows: npt.NDArray[np.floating] | None,
    classes: Sequence[str],
) -> list[Sign]:
    """Chooses the signs that pieces of ink make.

    Args:
        lattice: of what is proposed.
        rows: `(signs, classes)`, what a network says of each; None: their
            shapes alone decide.
        classes: the network's, `""` the rejection class.

    Returns:
        The signs, lines from the top, left to right in each. Each piece is in
        one of them.
    """
    if not lattice.proposals:
        return []
    digit, other = score(describe_signs(lattice.shapes, rows, classes))
    digit[lattice.dots] = -np.inf
    path = find_path(lattice.order, lattice.proposals, np.maximum(digit, other))
    boxes = lattice.boxes[path]
    sizes = (boxes[:, 2:] - boxes[:, :2]).max(1)
    sizes /= np.maximum(measure_lines(boxes), 1e-12)
    found = []
    for line, members in enumerate(find_lines(boxes)):
        commas = find_commas(boxes, members)
        for k in members:
            place, box = path[k], boxes[k]
            is_digit = bool(digit[place] >= other[place] and sizes[k] >= DOT)
            is_digit = is_digit and k not in commas
            inside = (boxes[:, :2] > box[:2]) & (boxes[:, 2:] < box[2:])
            found.append(
                Sign(
                    place,
                    lattice.proposals[place],
                    tuple(box.tolist()),
                    is_digit,
                    line,
                    not is_digit and bool(inside.all(1).any()),
                    float(sizes[k]),
                )
            )
    return found
