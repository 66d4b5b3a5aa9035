"""Proposals: which neighbouring pieces of ink may be one sign."""

import numpy as np
import numpy.typing as npt

from mnistcnn.reading.marks import BEYOND, LOW
from mnistcnn.reading.pairs import REACH, Pairs
from mnistcnn.reading.pieces import Pieces

# Lengths are in units of the height of the line that a piece stands in.
ASIDE = 0.3  # largest gap between the columns of such ink
NEARER = 0.1  # the same for a point or comma (a 1's foot is a wide dash)
TALLEST = 2.1  # largest height and width of several pieces as one sign
WIDEST = 1.75
MOST = 8  # pieces that may be one sign
PROPOSALS = 24  # proposals kept that begin with one piece, the smallest
TOUCH = 0.05  # ink this close touches: pens have a width


def propose(
    pieces: Pieces,
    lines: npt.NDArray[np.floating],
    pairs: Pairs,
    rank: npt.NDArray[np.int64],
) -> list[tuple[int, ...]]:
    """Finds the connected sets of neighbours that have the size of a sign.

    Args:
        pieces: of ink.
        lines: `(n,)` how tall the line of each is.
        pairs: of neighbours.
        rank: `(n,)` the position of each from left to right.

    Returns:
        The pieces of each proposed sign, ascending; each piece alone is one.
    """
    aside = np.where(_find_points(pieces.boxes, lines, pairs), NEARER, ASIDE)
    linked = (pairs.apart <= REACH) & (pairs.beside <= aside)
    # A ring round other ink is not part of the same sign.
    linked &= (pairs.inside == 0) | (pairs.apart <= TOUCH)
    # But a point in a ring is, as in a dotted zero, however wide the ring.
    linked |= (pairs.cut > 0) | pairs.dotted
    links = np.stack([pairs.one[linked], pairs.two[linked]], 1)
    found = _grow(np.arange(len(lines)), links, pieces.boxes, lines, rank)
    # A connected component may be one sign, however often it was cut.
    found |= _grow(pieces.sources, links, pieces.boxes, lines, rank)
    # And so may all of the ink, however wide or tall, if it is linked.
    names = set(pieces.sources.tolist())
    steps = [set(step) for step in pieces.sources[links].tolist()]
    reached = {min(names)}
    for _ in range(MOST):
        reached = reached.union(*(step for step in steps if step & reached))
    if len(names) <= MOST and reached == names:
        found.add(tuple(range(len(lines))))
    return sorted(found)


def _find_points(boxes, lines, pairs):
    """Finds the pairs of which one may be a point or comma beside the other."""
    wide, tall = (boxes[:, 2:] - boxes[:, :2]).T
    small = (tall <= LOW * lines) & (wide <= tall + TOUCH * lines)
    foot = boxes[:, 3] - BEYOND * tall
    one, two = pairs.one, pairs.two
    return (small[one] & (boxes[one, 1] >= foot[two])) | (
        small[two] & (boxes[two, 1] >= foot[one])
    )


def _grow(names, links, boxes, lines, rank):
    """Finds connected sets of parts; pieces of the same name are one part."""
    parts = {name: np.flatnonzero(names == name) for name in np.unique(names)}
    first = {name: min(rank[part]) for name, part in parts.items()}
    beside = {name: set() for name in parts}
    for one, two in names[links].tolist():
        beside[one].add(two)
        beside[two].add(one)
    found = set()
    for start in parts:
        grown = [frozenset([start])]
        seen = set(grown)
        for group in grown:
            if len(group) == MOST or len(seen) >= PROPOSALS:
                continue
            reach = set().union(*(beside[k] for k in group)) - group
            for more in sorted(reach, key=lambda k: first[k]):
                new = group | {more}
                if first[more] < first[start] or new in seen:
                    continue
                members = np.concatenate([parts[k] for k in new])
                low, high = boxes[members, :2], boxes[members, 2:]
                wide, tall = high.max(0) - low.min(0)
                line = lines[members].max()
                if wide <= WIDEST * line and tall <= TALLEST * line:
                    seen.add(new)
                    grown.append(new)
        found |= {
            tuple(sorted(np.concatenate([parts[k] for k in group]).tolist()))
            for group in seen
        }
    return found
