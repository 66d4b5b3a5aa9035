"""Pairs: the relative position of two pieces of ink."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mnistcnn.reading.enclosing import find_inside
from mnistcnn.reading.pieces import Pieces

# Lengths are in units of the height of the line that a piece stands in.
NEAR = 0.45  # boxes this close are neighbours
REACH = 0.35  # ink this close may be one sign
STEM = 0.5  # strokes taller than this, that share more rows, may be stems
LEAN = 1.0  # stems lean at most this far aside, per height
ALIKE = 0.05  # largest deviation of two stems from their common form
MEET = 0.15  # ink this close meets; the closer, the more it counts
STRAIGHT = 0.04  # of its length: deviation of straight ink from its axis
ANGLE = 0.5  # the least sine at which strokes count as meeting at an angle


@dataclass(frozen=True, eq=False)
class Pairs:
    """Measures of pairs of neighbours, in units of their line's height."""

    one: np.ndarray
    two: np.ndarray
    line: np.ndarray
    apart: np.ndarray  # distance between their ink
    beside: np.ndarray  # gap between their columns; negative if they overlap
    shared: np.ndarray  # share of the narrower's columns that overlap
    level: np.ndarray  # share of the less tall one's rows that overlap
    cut: np.ndarray  # ink cut between them; 0 unless they follow in one source
    inside: np.ndarray  # -1: two is in one; 1: one is in two; else 0
    dotted: np.ndarray  # whether one is a point in the other, as in a dotted 0
    meet: np.ndarray  # `(n, 3)`: how they meet, as a corner, a T or a cross


def measure_pairs(pieces: Pieces, lines: npt.NDArray[np.floating]) -> Pairs:
    """Measures pieces that are near each other.

    Args:
        pieces: of ink.
        lines: `(n,)` how tall the line of each is.

    Returns:
        Each pair once.
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
    meet = np.zeros((len(one), 3))
    axes = [_find_axis(points) for points in pieces.points]
    same = sources[one] == sources[two]
    cut = np.where(follow[one, two], pieces.cuts[two], 0.0)
    for row in np.flatnonzero(~same):
        left, right = [
            (pieces.points[k], axes[k]) for k in (one[row], two[row])
        ]
        apart[row], meet[row] = _find_contact(left, right, line[row])
    # Pieces of one source that are not consecutive count as far apart.
    rest = same & ~follow[one, two]
    apart[rest] = 2 * REACH * line[rest]
    # Two straight 1s side by side share no columns, however near they are.
    pad = np.outer(line, [0.01, 0.05])
    wide, tall = (boxes[:, 2:] - boxes[:, :2]).T
    common = shared[one, two]
    narrow = np.minimum(wide[one], wide[two])
    lower = np.minimum(tall[one], tall[two])
    # Nor do two that lean or bend alike, once their common form is removed.
    stems = ~same & (common[:, 0] > 0)
    stems &= (lower > STEM * line) & (common[:, 1] > STEM * line)
    for row in np.flatnonzero(stems):
        both = pieces.points[one[row]], pieces.points[two[row]]
        found = _straighten(*both, line[row])
        common[row, 0], narrow[row] = found or (common[row, 0], narrow[row])
    across = common + 2 * pad
    narrow = narrow + 2 * pad[:, 0]
    lower = lower + 2 * pad[:, 1]
    return Pairs(
        one,
        two,
        line,
        apart / line,
        -common[:, 0] / line,
        np.clip(across[:, 0] / narrow, 0, 1),
        np.clip(across[:, 1] / lower, 0, 1),
        cut,
        *find_inside(pieces, lines, one, two),
        meet,
    )


def _find_axis(points):
    """Finds a piece's main axis.

    Returns:
        Where it begins, its direction, its length, and how straight the piece
        is, 0 to 1.
    """
    middle = points.mean(0)
    away = points - middle
    xx, xy, yy = (away[:, i] @ away[:, j] for i, j in ((0, 0), (0, 1), (1, 1)))
    turn = np.arctan2(2 * xy, xx - yy) / 2
    way = np.array([np.cos(turn), np.sin(turn)])
    along, aside = away @ way, away @ (-way[1], way[0])
    size = max(float(np.ptp(along)), 1e-12)
    off = float(np.sqrt(np.mean(aside**2))) / size
    # A point has no direction.
    straight = min(max(2 - off / STRAIGHT, 0), 1) * (size > 1e-12)
    return middle + along.min() * way, way, size, straight


def _find_contact(one, two, line):
    """Finds how near two pieces, `(points, axis)`, are, and how they meet.

    The straight lines of a letter meet at an angle, as a corner, a T or a
    cross; two 1s that touch have about the same slant.
    """
    (left, _), (right, _) = one, two
    x, y = (
        np.subtract.outer(*each) for each in zip(left.T, right.T, strict=True)
    )
    ways = x * x + y * y
    near = np.unravel_index(ways.argmin(), ways.shape)
    apart = np.sqrt(ways[near])
    share, ends = max(1 - apart / (MEET * line), 0), []
    for (points, (start, way, size, straight)), k in zip(
        (one, two), near, strict=True
    ):
        # 1 at an end of a piece, 0 in its middle.
        out = abs(2 * ((points[k] - start) @ way) / size - 1)
        ends.append(np.clip((out - 0.4) / 0.4, 0, 1))
        share *= straight
    (a, b), (c, d) = one[1][1], two[1][1]
    share *= min(abs(a * d - b * c) / ANGLE, 1)
    corner, cross = ends[0] * ends[1], (1 - ends[0]) * (1 - ends[1])
    return apart, share * np.array([corner, 1 - corner - cross, cross])


def _straighten(left, right, line):
    """Measures how far two stems overlap without their common form.

    That form is a parabola, fitted to both at once.

    Returns:
        The width of the overlap, negative for a gap, and the width of the
        narrower stem; `None` if they have no common form, or lean too far.
    """
    y = np.concatenate([left[:, 1], right[:, 1]])
    half = np.ptp(y) / 2
    forms = [(points[:, 1] - y.min()) / half - 1 for points in (left, right)]
    forms = [np.stack([t, t**2], 1) for t in forms]
    places = [points[:, 0] for points in (left, right)]
    of_form = np.concatenate([form - form.mean(0) for form in forms])
    aside = np.concatenate([x - x.mean() for x in places])
    squares = of_form.T @ of_form
    if np.linalg.det(squares / len(y)) < 1e-9:
        return None
    lean = np.linalg.solve(squares, of_form.T @ aside)
    away = np.sqrt(np.mean((aside - of_form @ lean) ** 2))
    if away > ALIKE * line or abs(lean[0]) > LEAN * half:
        return None
    straight = [x - form @ lean for x, form in zip(places, forms, strict=True)]
    (a, b), (c, d) = [(x.min(), x.max()) for x in straight]
    return min(b, d) - max(a, c), min(b - a, d - c)
