"""The eraser: what it leaves of a pen's path."""

import numpy as np
import numpy.typing as npt

CRUMB = 1.0  # a piece shorter than this goes as well, in units of the path


def erase_path(
    points: npt.ArrayLike, sweep: npt.ArrayLike, radius: float
) -> list[npt.NDArray[np.float32]] | None:
    """Cuts the part of a path near the eraser's movement out of it.

    The eraser covers a capsule: all that is nearer than `radius` to the line
    from its last place to its new one. A capsule is convex, so that each
    segment of the path loses one interval at most.

    Args:
        points: `(n, 2)` float, n at least 1; a single point is a dot.
        sweep: `(2, 2)` float, where the eraser was and where it is.
        radius: above 0, in the units of the points.

    Returns:
        The pieces that are left, each `(m, 2)` float32, m at least 2: an empty
        list if all is erased. `None` if nothing is erased.

    Example:
        >>> line = np.array([[0.0, 0.0], [10.0, 0.0]])
        >>> here = np.array([[5.0, 1.0], [5.0, -1.0]])
        >>> [piece.tolist() for piece in erase_path(line, here, 2.0)]
        [[[0.0, 0.0], [3.0, 0.0]], [[7.0, 0.0], [10.0, 0.0]]]
    """
    points = np.asarray(points, np.float64)
    sweep = np.asarray(sweep, np.float64)
    if len(points) == 1:
        begin, end = _find_covered(points, points, sweep, radius)
        return [] if begin[0] < end[0] else None
    begin, end = _find_covered(points[:-1], points[1:], sweep, radius)
    hit = np.flatnonzero(begin < end)
    if not hit.size:
        return None
    # A point is erased if the segments on both its sides are covered there: a
    # point on the border, where only one is, begins or ends a piece.
    lost = np.ones(len(points), bool)
    lost[:-1] &= (begin < end) & (begin <= 0)
    lost[1:] &= (begin < end) & (end >= 1)
    pieces, lead, start = [], points[:0], 0
    for i in hit.tolist():
        way = points[i + 1] - points[i]
        edge = points[i] + begin[i] * way
        kept = points[start : i + 1][~lost[start : i + 1]]
        tail = edge[None] if begin[i] > 0 else points[:0]
        pieces.append(np.concatenate([lead, kept, tail]))
        edge = points[i] + end[i] * way
        lead = edge[None] if end[i] < 1 else points[:0]
        start = i + 1
    pieces.append(np.concatenate([lead, points[start:][~lost[start:]]]))
    return [piece.astype(np.float32) for piece in pieces if _long(piece)]


def _find_covered(first, last, sweep, radius):
    """Finds the interval, within 0..1, of each segment in the capsule.

    If the first is not below the second, the segment does not touch it.
    """
    way = last - first
    parts = [_cross_disc(first, way, place, radius) for place in sweep]
    parts.append(_cross_band(first, way, sweep, radius))
    begin = np.min([p[0] for p in parts], axis=0)
    end = np.max([p[1] for p in parts], axis=0)
    return np.maximum(begin, 0.0), np.minimum(end, 1.0)


def _cross_disc(first, way, place, radius):
    """Solves |first + t way - place| = radius for both t."""
    from_place = first - place
    a = (way**2).sum(1)
    b = (way * from_place).sum(1)
    c = (from_place**2).sum(1) - radius**2
    inside = b**2 - a * c
    root = np.sqrt(np.maximum(inside, 0.0))
    a_safe = np.where(a > 0, a, 1.0)
    begin, end = (-b - root) / a_safe, (-b + root) / a_safe
    # A segment of length 0 lies either in it or outside.
    begin = np.where(a > 0, begin, np.where(c < 0, -np.inf, np.inf))
    end = np.where(a > 0, end, np.where(c < 0, np.inf, -np.inf))
    missed = (inside <= 0) & (a > 0)
    return np.where(missed, np.inf, begin), np.where(missed, -np.inf, end)


def _cross_band(first, way, sweep, radius):
    """Does as `_cross_disc`, for the rectangle between the capsule's ends."""
    along = sweep[1] - sweep[0]
    length = np.hypot(*along)
    if length == 0:
        none = np.full(len(first), np.inf)
        return none, -none
    along = along / length
    across = np.array([-along[1], along[0]])
    from_place = first - sweep[0]
    begin = np.full(len(first), -np.inf)
    end = np.full(len(first), np.inf)
    for axis, low, high in ((along, 0.0, length), (across, -radius, radius)):
        place, speed = from_place @ axis, way @ axis
        still = speed == 0
        speed = np.where(still, 1.0, speed)
        one, two = (low - place) / speed, (high - place) / speed
        outside = still & ((place <= low) | (place >= high))
        near = np.where(still, -np.inf, np.minimum(one, two))
        far = np.where(still, np.inf, np.maximum(one, two))
        begin = np.maximum(begin, np.where(outside, np.inf, near))
        end = np.minimum(end, np.where(outside, -np.inf, far))
    missed = begin >= end
    return np.where(missed, np.inf, begin), np.where(missed, -np.inf, end)


def _long(piece):
    return np.hypot(*np.diff(piece, axis=0).T).sum() >= CRUMB
