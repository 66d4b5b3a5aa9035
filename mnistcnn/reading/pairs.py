"""Pairs: how two pieces of ink lie to each other."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mnistcnn.reading.pieces import Pieces

# Lengths are in units of the height of the line that a piece stands in.
NEAR = 0.45  # boxes this close are neighbours
OPEN = 1.2  # radians: a ring is not open farther
REACH = 0.35  # ink this close may be one sign


@dataclass(frozen=True, eq=False)
class Pairs:
    """Neighbours: what is known of each two, in units of their line."""

    one: np.ndarray
    two: np.ndarray
    line: np.ndarray
    apart: np.ndarray  # between their ink
    beside: np.ndarray  # between their columns; negative where they share some
    shared: np.ndarray  # of the narrower's columns
    level: np.ndarray  # of the lower's rows
    cut: np.ndarray  # between them; 0 where they are not of one source
    inside: np.ndarray  # -1: two is in one; 1: one is in two; else 0


def measure_pairs(pieces: Pieces, lines: npt.NDArray[np.floating]) -> Pairs:
    """Measures pieces that are near each other.

    Args:
        pieces: of ink.
        lines: `(n,)` how tall the line of each is.

    Returns:
        Each two once.
    """
    boxes, n = pieces.boxes, len(pieces.boxes)
    shared = np.minimum(boxes[:, None, 2:], boxes[:, 2:]) - np.maximum(
        boxes[:, None, :2], boxes[:, :2]
    )
    line = np.maximum(lines[:, None], lines)
    sources = pieces.sources
    follow = np.zeros((n, n), bool)
    steps = np.flatnonzero(sources[1:] == sources[:-1])
    follow[steps, steps + 1] = True
    near = ((-shared).max(2) <= NEAR * line) | follow
    one, two = np.nonzero(np.triu(near, 1))
    line = np.maximum(line[one, two], 1e-12)
    apart = np.zeros(len(one))
    same = sources[one] == sources[two]
    cut = np.where(follow[one, two], pieces.cuts[two], 0.0)
    for row in np.flatnonzero(~same):
        ways = pieces.points[one[row]][:, None] - pieces.points[two[row]]
        apart[row] = np.sqrt((ways**2).sum(-1).min())
    # Of one source, those between which others lie are apart as they are.
    rest = same & ~follow[one, two]
    apart[rest] = 2 * REACH * line[rest]
    # Two straight 1s side by side share no column, however near they are.
    pad = np.outer(line, [0.01, 0.05])
    wide, tall = (boxes[:, 2:] - boxes[:, :2]).T
    across = shared[one, two] + 2 * pad
    narrow = np.minimum(wide[one], wide[two]) + 2 * pad[:, 0]
    lower = np.minimum(tall[one], tall[two]) + 2 * pad[:, 1]
    inside = np.zeros(len(one))
    large = np.maximum(wide, tall) > 0.25 * lines
    for row in np.flatnonzero(~same):
        for way, (a, b) in ((-1, (one, two)), (1, (two, one))):
            if large[b[row]] and _surrounds(pieces, sources[a[row]], b[row]):
                inside[row] = way
    return Pairs(
        one,
        two,
        line,
        apart / line,
        -shared[one, two, 0] / line,
        np.clip(across[:, 0] / narrow, 0, 1),
        np.clip(across[:, 1] / lower, 0, 1),
        cut,
        inside,
    )


def _surrounds(pieces, source, piece):
    """Returns whether a source's ink goes round a piece of another."""
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
    # And not past it, or through it.
    return bool(gaps.max() < OPEN)
