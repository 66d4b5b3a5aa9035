"""Merged cells: boxes that span several, whose inner walls are invisible.

The walls of a table's dark row may differ too little from it to count as ink.
"""

import itertools

import numpy as np

from mnistcnn.pictures.forms.places import measure_edges, measure_usual
from mnistcnn.pictures.shapes.boxes import Box, are_alike

ALIKE, SHRINK = 0.25, 0.2  # how far a box's sides may differ from cells'
OFF = 0.2  # of a cell: how far a part may be from a cell's column, or row


def split_merged(boxes: list[Box], cells: list[Box]) -> list[Box]:
    """Splits boxes into parts of the size of the cells beside them.

    Args:
        boxes: all that were found.
        cells: those that are of one size.

    Returns:
        The cells, and the parts of those boxes whose parts are all in line with
        a cell.
    """
    known = {id(cell) for cell in cells}
    others = [box for box in boxes if id(box) not in known]
    if not cells or not others:
        return cells
    usual = measure_usual(cells)
    centres = np.array([cell.corners.mean(axis=0) for cell in cells])
    parts: list[Box] = []
    for box in others:
        edges = measure_edges(box.corners[None])[0]
        sides = np.linalg.norm(edges, axis=0)
        counts = np.rint(sides / usual)
        axis = int(counts.argmax())
        count = int(counts[axis])
        if (
            count < 2
            or not are_alike(sides[1 - axis], usual[1 - axis], ALIKE)
            or not are_alike(sides[axis] / count, usual[axis], SHRINK)
        ):
            continue
        found = _split(box, axis, count)
        middles = np.array([part.corners.mean(axis=0) for part in found])
        along = edges[:, axis] / sides[axis]
        away = np.abs((middles[:, None] - centres) @ along).min(axis=1)
        if (away < OFF * usual[axis]).all():
            parts += found
    return cells + parts


def _split(box: Box, axis: int, count: int) -> list[Box]:
    """Cuts a box into parts, from the left (axis 0) or the top (1)."""
    # The corners that begin and end the sides that are cut.
    begins, ends = ([0, 3], [1, 2]) if axis == 0 else ([0, 1], [3, 2])
    shares = np.linspace(0, 1, count + 1)[:, None, None]
    cuts = (1 - shares) * box.corners[begins] + shares * box.corners[ends]
    parts = []
    for one, other in itertools.pairwise(np.asarray(cuts, np.float32)):
        ring = (one[0], other[0], other[1], one[1])
        corners = np.array(ring if axis == 0 else (*one, *other[::-1]))
        sides = np.linalg.norm(measure_edges(corners[None])[0], axis=0)
        hull = np.rint(corners[:, None]).astype(np.int32)
        short, long = sorted(sides.tolist())
        parts.append(
            box._replace(hull=hull, corners=corners, sides=(short, long))
        )
    return parts
