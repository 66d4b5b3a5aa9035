"""How the page that reads takes pen and picture apart: by position alone.

Python once did the same; the page's JavaScript is held to it.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from mnistcnn.ink import bounding_box

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


def group_strokes(strokes) -> list[list[int]]:
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


INK = 64  # grey level, 0 to 255: from here on it is ink

SPECK = 0.12  # of the typical piece's size: smaller pieces are dirt
MAX_PIECES = 1000  # of ink that are looked at, the largest
SMALL = 0.3  # of the typical digit's size: smaller groups are no digits


@dataclass(frozen=True)
class Region:
    """One digit of a picture.

    Args:
        box: left, top, right and bottom in pixels, right and bottom excluded.
        ink: `(h, w)` uint8, bright ink on black: what lies in the box and
            belongs to this digit.
    """

    box: tuple[int, int, int, int]
    ink: np.ndarray


def find_digits(ink) -> list[Region]:
    """Finds the digits in a picture's ink.

    Args:
        ink: `(h, w)` uint8, bright ink on black.

    Returns:
        One region a digit, the top line first, left to right; none for blank
        ink. Specks are dropped.

    Raises:
        DataError: the ink is not a `(h, w)` uint8 array.

    Example:
        >>> ink = np.zeros((50, 90), np.uint8)
        >>> ink[10:40, 20:24] = ink[10:40, 60:64] = 255
        >>> [region.box for region in find_digits(ink)]
        [(20, 10, 24, 40), (60, 10, 64, 40)]
    """
    if not ink.size:
        return []
    count, parts, stats, _ = cv2.connectedComponentsWithStats(
        (ink >= INK).astype(np.uint8), connectivity=8
    )
    if count == 1:
        return []
    left, top, width, height, area = stats[1:].T
    boxes = np.stack([left, top, left + width, top + height], 1)
    size = np.maximum(width, height)
    ruled = (width > 8 * height) & (width > ink.shape[1] / 2)
    kept = (size >= max(3, SPECK * _typical(size, area))) & ~ruled
    kept = np.flatnonzero(kept)
    kept = kept[np.argsort(-size[kept], kind="stable")[:MAX_PIECES]]
    groups = [kept[group] for group in _merge(boxes[kept])]
    regions = [_cut(ink, parts, boxes, group) for group in groups]
    if not regions:
        return []
    size = np.array([max(region.ink.shape) for region in regions])
    area = np.array([np.count_nonzero(region.ink) for region in regions])
    least = SMALL * _typical(size, area)
    return _sort_lines(
        [r for r, s in zip(regions, size, strict=True) if s >= least]
    )


def _typical(size, area):
    """Returns the ink-weighted median size of pieces."""
    order = np.argsort(size)
    total = np.cumsum(area[order])
    return size[order][np.searchsorted(total, total[-1] / 2)]


def _merge(boxes):
    """Groups the pieces of each digit: a list of arrays of indices."""
    group = np.arange(len(boxes))
    left, top, right, bottom = boxes.T
    wide, tall = right - left, bottom - top
    size = np.maximum(wide, tall)
    for i in range(len(boxes)):
        gap_x = np.maximum(left[i], left) - np.minimum(right[i], right)
        gap_y = np.maximum(top[i], top) - np.minimum(bottom[i], bottom)
        large, less = np.maximum(size[i], size), np.minimum(size[i], size)
        # A bar or a foot may float; a digit of the next line may not join.
        reach = large * np.where(less < 0.7 * large, 0.25, 0.1)
        stacked = (-gap_x >= 0.5 * np.minimum(wide[i], wide)) & (gap_y <= reach)
        # A small piece joins the one digit beside it that is nearest.
        small = (size >= 2 * size[i]) | (tall >= 3 * tall[i])
        beside = small & (np.maximum(gap_x, gap_y) < 0.15 * size)
        near = np.flatnonzero(beside)
        nearest = near[np.argsort(np.maximum(gap_x, gap_y)[near])[:1]]
        for j in (*np.flatnonzero(stacked), *nearest):
            group[group == group[j]] = group[i]
    return [np.flatnonzero(group == name) for name in np.unique(group)]


def _cut(ink, parts, boxes, group):
    left, top = boxes[group, :2].min(axis=0)
    right, bottom = boxes[group, 2:].max(axis=0)
    window = (slice(top, bottom), slice(left, right))
    # One pixel more than the pieces: the soft edge is below the threshold.
    mask = np.isin(parts[window], group + 1).astype(np.uint8)
    mask = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    box = (int(left), int(top), int(right), int(bottom))
    return Region(box, ink[window] * mask)


def _sort_lines(regions):
    """Sorts by lines from the top, each from left to right."""
    lines = []
    for region in sorted(regions, key=lambda r: r.box[1] + r.box[3]):
        middle = (region.box[1] + region.box[3]) / 2
        if lines and middle < np.mean([r.box[3] for r in lines[-1]]):
            lines[-1].append(region)
        else:
            lines.append([region])
    return [r for line in lines for r in sorted(line, key=lambda r: r.box[0])]
