"""Segmentation: which pieces of ink form one digit, decided by the network.

The ink is over-segmented into small pieces; the network classifies every run of
neighbours that could be one sign, in one batch, and the best path through them
is taken, by its probabilities and a prior on size, gap and overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnistcnn.pictures import measure_lines
from mnistcnn.reading.decoding import find_path
from mnistcnn.reading.lattice import DOT, Lattice
from mnistcnn.reading.lines import find_lines
from mnistcnn.reading.looks import Look
from mnistcnn.reading.marks import find_brackets, find_commas, has_point
from mnistcnn.reading.prior import describe_signs, measure_bends, score
from mnistcnn.reading.readings import Box

NARROW = 0.5  # of its height: largest width of a bracket


@dataclass(frozen=True, eq=False)
class Sign:
    """Pieces of ink that belong together.

    Args:
        place: its index among the lattice's proposals.
        pieces: their indices, ascending.
        box: `(left, top, right, bottom)`.
        is_digit: whether it is read as a digit.
        line: of writing, 0 the top one.
        ring: whether it is a ring round others instead of a digit.
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
    lattice: Lattice, looks: Sequence[Look] | None, classes: Sequence[str]
) -> list[Sign]:
    """Chooses the signs that pieces of ink form.

    Args:
        lattice: the proposed signs.
        looks: the image of each proposal and its probabilities; `None`: their
            shapes alone decide.
        classes: the network's, `""` the rejection class.

    Returns:
        The signs, lines from the top, left to right in each. Each piece is in
        one of them.
    """
    if not lattice.proposals:
        return []
    digit, other = score(describe_signs(lattice.shapes, looks, classes))
    digit[lattice.dots] = -np.inf
    path = find_path(lattice.order, lattice.proposals, np.maximum(digit, other))
    boxes = lattice.boxes[path]
    sizes = (boxes[:, 2:] - boxes[:, :2]).max(1)
    sizes /= np.maximum(measure_lines(boxes), 1e-12)
    digits = (digit >= other)[path] & (sizes >= DOT)
    bends = _find_bends(path, boxes, digits, looks, classes)
    found = []
    for line, members in enumerate(find_lines(boxes)):
        marks = find_commas(boxes, members)
        marks |= find_brackets(boxes, members, bends)
        marks |= _find_pointed(lattice, path, members, digits)
        for k in members:
            is_digit = bool(digits[k]) and k not in marks
            box = boxes[k]
            inside = (boxes[:, :2] > box[:2]) & (boxes[:, 2:] < box[2:])
            found.append(
                Sign(
                    path[k],
                    lattice.proposals[path[k]],
                    tuple(box.tolist()),
                    is_digit,
                    line,
                    not is_digit and bool(inside.all(1).any()),
                    float(sizes[k]),
                )
            )
    return found


def _find_bends(path, boxes, digits, looks, classes):
    """Measures the bend of each sign that looks like a 1; 0 for the others."""
    bends = np.zeros(len(path))
    wide, tall = (boxes[:, 2:] - boxes[:, :2]).T
    for k in np.flatnonzero(digits & (wide <= NARROW * tall)) if looks else ():
        image, row = looks[path[k]]
        if classes[int(row.argmax())] == "1":
            bends[k] = measure_bends(image[None])[0]
    return bends


def _find_pointed(lattice, path, members, digits):
    """Finds digits with a point beneath, their own or another sign."""
    alone = {g[0]: k for k, g in enumerate(lattice.proposals) if len(g) == 1}
    points = np.array([path[k] for k in members if not digits[k]], int)
    tops = lattice.boxes[points, 1]
    found = set()
    for k in members:
        if not digits[k]:
            continue
        own = [alone[i] for i in lattice.proposals[path[k]] if i in alone]
        below = points[tops >= lattice.boxes[path[k], 3]]
        parts = [own, *([path[k], point] for point in below)]
        if any(has_point(lattice.boxes[part]) for part in parts if part):
            found.add(k)
    return found
