"""Segmentation: which strokes make one digit.

A bar joins its five; two digits side by side stay two.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.ink import Stroke, bounding_box

# All lengths are in units of the size of the larger of two parts (the longer
# side of its box), so that small and large handwriting follow one rule.
TOUCH = 0.1  # ink this close touches: pens have a width, hands are not exact
NEAR = 0.15  # a bar or a flag beside comes this close
STACK = 0.2  # the two rings of an 8 come this close
REACH = 0.28  # a bar right above, below or across floats at most this far
# Parts of a digit are not all as tall as the digit: below this ratio of the
# heights the lower one is a part (a bar, a flag, the bowl of a 9).
PART = 0.6
OVERLAP = 0.25  # two digits that kiss share less of the narrower one's width
COVER = 0.5  # what stands above or below shares more than this
# The stem of a 4 stands beside it, lower by a quarter of its height and more;
# of digits on one line the shorter lies beside the taller.
STAGGER = 0.75

# Of more strokes, comparing all pairs would freeze the window.
MAX_STROKES = 400
SAMPLES = 32  # points for which two strokes are compared


@dataclasses.dataclass(frozen=True)
class Group:
    """The strokes that make one digit.

    Args:
        strokes: indices into the ink, ascending.
        box: `(left, top, right, bottom)` of the pen's path, without the
            pen's width, in the units of the strokes.
        label: what a person says that it is, None where nobody did. It stays
            when the digit grows.
    """

    strokes: tuple[int, ...]
    box: tuple[float, float, float, float]
    label: str | None = None


def group_ink(ink: Sequence[Stroke]) -> list[Group]:
    """Finds the digits on a canvas.

    Args:
        ink: of the canvas.

    Returns:
        One `Group` for each digit, in the order of `group_strokes`; its
        label is the one that was given last to any of its strokes.
    """
    found = []
    for indices in group_strokes([stroke.points for stroke in ink]):
        parts = [ink[i] for i in indices]
        said = max(parts, key=lambda part: part.labelled)
        box = bounding_box([part.points for part in parts])
        found.append(Group(tuple(indices), box, said.label))
    return found


def group_strokes(strokes: Sequence[npt.ArrayLike]) -> list[list[int]]:
    """Finds the strokes that make one digit.

    Strokes belong together where their ink touches, where one lies inside
    the other, and where a bar floats above, below or across a digit. Two
    digit-sized parts side by side stay two, even when they kiss.

    Args:
        strokes: arrays `(n, 2)` of points (x right, y down) in any units,
            in any order.

    Returns:
        Lists of ascending indices into `strokes`, in reading order: lines
        from top to bottom, and left to right in a line. Strokes without a
        point are in no list.

    Example:
        >>> stem = np.array([[5.0, 0.0], [5.0, 10.0]])
        >>> bar = np.array([[2.0, 5.0], [8.0, 5.0]])
        >>> group_strokes([stem, bar, stem + [20, 0]])
        [[0, 1], [2]]
    """
    paths = [np.asarray(s, np.float64).reshape(-1, 2) for s in strokes]
    drawn = [i for i, path in enumerate(paths) if len(path)]
    if len(drawn) > MAX_STROKES:
        return [drawn]
    samples = [_resample(paths[i]) for i in drawn]
    boxes = np.array([bounding_box([paths[i]]) for i in drawn]).reshape(-1, 4)
    parts = {k: [k] for k in range(len(drawn))}
    part_of = list(range(len(drawn)))
    extents = boxes.copy()
    distances: dict[tuple[int, int], float] = {}
    pairs = _near_pairs(boxes)
    joined = True
    while joined:
        joined = False
        for i, j in pairs:
            a, b = part_of[i], part_of[j]
            if a == b:
                continue
            if (i, j) not in distances:
                ways = samples[i][:, None] - samples[j]
                distances[i, j] = float(np.sqrt((ways**2).sum(-1).min()))
            if _belong(extents[a], extents[b], distances[i, j]):
                for k in parts[b]:
                    part_of[k] = a
                parts[a] += parts.pop(b)
                low = np.minimum(extents[a], extents[b])
                high = np.maximum(extents[a], extents[b])
                extents[a] = *low[:2], *high[2:]
                joined = True
    order = _reading_order({a: extents[a] for a in parts})
    return [sorted(drawn[k] for k in parts[a]) for a in order]


def _resample(stroke):
    """Returns `SAMPLES` points at equal steps along the stroke."""
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0.0, along[-1], SAMPLES if along[-1] else 1)
    return np.stack(
        [np.interp(wanted, along, stroke[:, k]) for k in (0, 1)], axis=1
    )


def _near_pairs(boxes):
    """Returns pairs within reach of each other, the nearest first.

    A bar joins its own digit before a neighbour that it comes near can claim
    it, and the digit made whole is then too tall to be claimed as a part.
    """
    i, j = np.triu_indices(len(boxes), 1)
    one, two = boxes[i], boxes[j]
    shared = np.minimum(one[:, 2:], two[:, 2:]) - np.maximum(
        one[:, :2], two[:, :2]
    )
    gap = np.maximum(-shared, 0.0).max(axis=1)
    overlap = np.prod(np.maximum(shared, 0.0), axis=1)
    near = gap <= REACH * np.maximum(_size(one), _size(two))
    i, j = i[near], j[near]
    order = np.lexsort((-overlap[near], gap[near]))
    return list(zip(i[order].tolist(), j[order].tolist(), strict=True))


def _belong(one, two, distance):
    """Returns whether two parts, this far apart, are parts of one digit."""
    scale = max(_size(one), _size(two))
    if scale == 0.0:
        return distance == 0.0
    distance = distance / scale
    pad = TOUCH * scale / 2
    (wide_one, tall_one), (wide_two, tall_two) = (
        box[2:] - box[:2] + 2 * pad for box in (one, two)
    )
    shared = np.minimum(one[2:], two[2:]) - np.maximum(one[:2], two[:2])
    shared_x, shared_y = shared + 2 * pad
    across = shared_x / min(wide_one, wide_two)
    along = shared_y / min(tall_one, tall_two)
    if across >= 1.0 and along >= 1.0:
        return True
    if min(tall_one, tall_two) < PART * max(tall_one, tall_two):
        return distance <= (REACH if across > COVER else NEAR)
    if across > COVER and along < OVERLAP:
        return distance <= STACK
    if 0.0 < along < STAGGER:
        return distance <= NEAR
    return across >= OVERLAP and distance <= TOUCH


def _size(box):
    return np.maximum(box[..., 2] - box[..., 0], box[..., 3] - box[..., 1])


def _reading_order(boxes):
    """Orders by lines, then left to right.

    The tallest boxes make the lines; the others fall into the line in which
    their middle lies, or near which it lies.
    """
    lines: list[list] = []
    for key in sorted(boxes, key=lambda k: boxes[k][1] - boxes[k][3]):
        middle = boxes[key][1::2].mean()
        for line in lines:
            _, top, _, bottom = boxes[line[0]]
            margin = (bottom - top) / 4
            if top - margin <= middle <= bottom + margin:
                line.append(key)
                break
        else:
            lines.append([key])
    lines.sort(key=lambda line: boxes[line[0]][1::2].mean())
    for line in lines:
        line.sort(key=lambda key: tuple(boxes[key][:2]))
    return [key for line in lines for key in line]
