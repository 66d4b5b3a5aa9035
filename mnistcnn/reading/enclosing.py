"""Enclosing: which pieces of ink lie inside the ring of another."""

import numpy as np
import numpy.typing as npt

from mnistcnn.reading.pieces import Pieces

OPEN = 1.2  # radians: the largest gap in a ring
# Of the line's height: ink inside a ring whose longer side is no longer than
# this is the point of a dotted zero, not a circled digit.
POINT = 0.35


def find_inside(
    pieces: Pieces,
    lines: npt.NDArray[np.floating],
    one: npt.NDArray[np.integer],
    two: npt.NDArray[np.integer],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Finds which of two pieces lies inside the other's ring.

    Args:
        pieces: of ink.
        lines: `(n,)` how tall the line of each is.
        one: `(pairs,)` the index of the first piece of each pair.
        two: `(pairs,)` the index of the second one.

    Returns:
        `(pairs,)` -1 where two is in one, 1 where one is in two, else 0; and
        `(pairs,)` whether one of them is a point in the other, in which case
        the first is 0.
    """
    inside, dotted = np.zeros(len(one)), np.zeros(len(one), bool)
    large = (pieces.boxes[:, 2:] - pieces.boxes[:, :2]).max(1) > POINT * lines
    sources = pieces.sources
    for row in np.flatnonzero(sources[one] != sources[two]):
        for way, (a, b) in ((-1, (one, two)), (1, (two, one))):
            if _surrounds(pieces, sources[a[row]], b[row]):
                inside[row] = way * large[b[row]]
                dotted[row] = not large[b[row]]
    return inside, dotted


def _surrounds(pieces, source, piece):
    """Returns whether a source's ink encloses a piece of another."""
    members = np.flatnonzero(pieces.sources == source)
    box = pieces.boxes[piece]
    low = pieces.boxes[members, :2].min(0)
    high = pieces.boxes[members, 2:].max(0)
    if not ((low < box[:2]) & (high > box[2:])).all():
        return False
    points = np.concatenate([pieces.points[k] for k in members])
    x, y = (points - (box[:2] + box[2:]) / 2).T
    turns = np.sort(np.arctan2(y, x))
    gaps = np.diff(turns, append=turns[0] + 2 * np.pi)
    # All the way round, not just past it or through it.
    return bool(gaps.max() < OPEN)
