"""Dots and dashes of the paper: small pieces of one size, and many."""

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.shapes.components import find_components

MANY = 12  # dots of one size, at least: more than decimal points
FEW, COLUMN = 4, 2  # least number; of upright dashes below each other
ROUND, FULL = 1.6, 0.6  # a dot's aspect ratio; of its box that it fills
FLAT = 0.4  # a dash's height by its width, plus a pixel of soft edge
ALIKE = 0.5  # of the usual size: how much a dot or a dash may differ
LINE = 1.0  # of two dashes' ink: largest area of a corner
ABOVE = (3.0, 1.5)  # times a dot's size, and a dash's: least height of digits


def find_dots(mask: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Finds the dots of dotted paper, and the dashes of rules and boxes.

    Args:
        mask: `(h, w)` uint8, 1 where there is ink.

    Returns:
        `(h, w)` uint8, 1 on a dot or a dash; all 0 if there are few, or nothing
        taller, as with digits made of dots.

    Example:
        >>> paper = np.zeros((60, 60), np.uint8)
        >>> paper[2::10, 2::10] = paper[13:49, 34:37] = 1
        >>> int(find_dots(paper).sum())
        36
    """
    parts, stats = find_components(mask)
    if len(stats) <= FEW:
        return np.zeros_like(mask)
    left, top, wide, high, area = stats[1:].T
    room = np.minimum(mask.shape[1] - left - wide, mask.shape[0] - top - high)
    cut = np.minimum(np.minimum(left, top), room) == 0
    long, short = np.maximum(wide, high), np.minimum(wide, high)
    dots = (long <= ROUND * short + 1) & (area >= FULL * wide * high)
    dashes = high <= FLAT * wide + 1
    chosen: np.ndarray = np.zeros(len(stats), bool)
    for kind, above in zip((dots, dashes), ABOVE, strict=True):
        if kind.sum() < FEW:
            continue
        usual = np.median(long[kind])
        alike = kind & (np.abs(long - usual) <= ALIKE * usual + 1)
        if kind is dashes and alike.any():
            alike |= _find_box(stats[1:], alike, usual)
        # A rule and the digits on it are one piece, as flat as a dash.
        others = ~alike & ~(kind & dots)
        if high[others].max(initial=0) < above * usual:
            continue
        if kind is dashes and FEW < alike.sum() < MANY:
            alike = _find_row(stats[1:], alike, usual, mask.shape[1])
        elif alike.sum() < MANY:
            continue
        if alike.any():
            chosen[1:] |= alike | (cut & (long <= usual))
    return chosen[np.asarray(parts, int)].astype(np.uint8)


def _find_row(
    stats: np.ndarray, dashes: np.ndarray, usual: float, width: int
) -> npt.NDArray[np.bool_]:
    """Finds a dashed rule, of which digits may cover most.

    Args:
        stats: `(n, 5)`, of pieces.
        dashes: `(n,)`, those across.
        usual: how long they are.
        width: the picture's, which the rule has to span.
    """
    left, top, wide, high, _ = stats[dashes].T
    x, y = left + wide / 2, top + high / 2
    slopes = (y - y[:, None]) / np.where(
        x == x[:, None], np.inf, x - x[:, None]
    )
    level = y - np.median(slopes) * x
    on = np.abs(level - np.median(level)) <= np.median(high) / 2 + 1
    ends = left[on].min(initial=width), (left + wide)[on].max(initial=0)
    through = ends[0] <= 2 * usual and ends[1] >= width - 2 * usual
    found = np.zeros_like(dashes)
    if through and on.sum() > FEW:
        found[np.flatnonzero(dashes)[on]] = True
    return found


def _find_box(
    stats: np.ndarray, dashes: np.ndarray, usual: float
) -> npt.NDArray[np.bool_]:
    """Finds the upright dashes and the corners of a box of dashes.

    Args:
        stats: `(n, 5)`, of pieces.
        dashes: `(n,)`, those across.
        usual: how long they are.
    """
    left, top, wide, high, area = stats.T
    thick = 1.5 * np.median(high[dashes]) + 1
    upright = (wide <= thick) & (wide <= FLAT * high + 1)
    upright &= np.abs(high - usual) <= ALIKE * usual + 1
    # Several below each other: one may be a 1.
    at = left[upright]
    upright[upright] = _count_near(at, at, thick) >= COLUMN
    rows, columns = (top + high / 2)[dashes], (left + wide / 2)[upright]
    on = [
        (_count_near(ends, at, thick) > 0).any(axis=0)
        for ends, at in (
            (np.stack([top, top + high]), rows),
            (np.stack([left, left + wide]), columns),
        )
    ]
    corner = on[0] & on[1] & (np.maximum(wide, high) <= usual + 2 * thick)
    # Two dashes that meet have less ink than a digit of that size.
    line = np.median((area / wide)[dashes])
    corner &= area <= LINE * (line * (wide + high))
    return upright | corner


def _count_near(
    values: np.ndarray, others: np.ndarray, most: float
) -> npt.NDArray[np.intp]:
    """How many of others are as near as that to each of some values.

    Of a picture full of specks there are too many for all their distances.
    """
    others = np.sort(others)
    low = np.searchsorted(others, values - most, side="left")
    return np.searchsorted(others, values + most, side="right") - low
