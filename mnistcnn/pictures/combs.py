"""Combs, as forms have: ticks at both ends of a line, and between them."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.bands import Line
from mnistcnn.pictures.boxes import are_alike
from mnistcnn.pictures.components import find_components

ALIKE = 0.2  # of the longer one: by so much ticks may differ
NEAR = 1.5  # times a line's thickness: so far from its end is a tick
UPRIGHT = 1.2  # times as tall as it is wide: a tick
EVEN = 0.1  # of a tooth's width: so far a tick may be from its place
FULL, SHORTER = 0.9, 0.8  # of a tick, that is ink, up to there


def find_ticks(
    mask: npt.NDArray[np.uint8], lines: list[Line]
) -> npt.NDArray[np.uint8]:
    """Finds the ticks of combs.

    Args:
        mask: `(h, w)` uint8, 1 where there is ink that is no line.
        lines: across.

    Returns:
        `(h, w)` uint8, 1 on a tick.
    """
    found = np.zeros_like(mask)
    if not lines:
        return found
    parts, stats = find_components(mask)
    left, top, wide, high, _ = stats.T
    middle = left + wide / 2
    rows = [_find_rows(line, middle) for line in lines]
    touching = np.array(
        [
            _touch(line, row, stats)
            for line, row in zip(lines, rows, strict=True)
        ]
    )
    # From line to line there goes a wall; what is beside one is a digit.
    touching &= touching.sum(axis=0) < 2
    for line, row, on in zip(lines, rows, touching, strict=True):
        on &= (wide <= _most_wide(line)) & (high >= UPRIGHT * wide)
        on[0] = False
        far = np.maximum(row - top, top + high - row)
        ticks = np.flatnonzero(on)
        if len(ticks) < 2:
            continue
        ticks = ticks[np.argsort(middle[ticks])]
        first, last = ticks[0], ticks[-1]
        near = NEAR * line.thick + 2
        if (
            abs(middle[first] - line.start) > near
            or abs(middle[last] - line.end) > near
            or not are_alike(far[first], far[last], ALIKE)
        ):
            continue
        usual = (far[first] + far[last]) / 2
        ticks = ticks[are_alike(far[ticks], usual, ALIKE)]
        found |= np.isin(parts, ticks).astype(np.uint8)
        up = top[first] < row[first] - line.thick
        size = (float(np.median(wide[ticks])), -usual if up else usual)
        _find_touched(mask, line, middle[ticks], size, found)
    return found


def _most_wide(line: Line) -> float:
    return 1.6 * line.thick + 3


def _find_rows(line: Line, columns: np.ndarray) -> np.ndarray:
    """Finds the row of a line at columns, beyond its ends too."""
    at = np.rint(columns - line.start).astype(int)
    return line.middle[at.clip(0, len(line.middle) - 1)]


def _touch(line: Line, row: np.ndarray, stats: np.ndarray) -> np.ndarray:
    """Which pieces stand on a line or hang from it, at whose row they are."""
    left, top, wide, high, _ = stats.T
    middle, reach = left + wide / 2, line.thick / 2 + 3
    beyond = NEAR * line.thick
    on = (middle >= line.start - beyond) & (middle < line.end + beyond)
    return on & (
        (np.abs(top - row) < reach) | (np.abs(top + high - row) < reach)
    )


def _find_touched(
    mask: np.ndarray,
    line: Line,
    ticks: np.ndarray,
    size: tuple[float, float],
    found: np.ndarray,
) -> None:
    """Finds the ticks that digits touch, by the places that are free.

    Args:
        mask: 1 where there is ink that is no line.
        line: with the ticks.
        ticks: columns of those that are known.
        size: how wide they are, and how far they go down from the line; up,
            if below 0.
        found: 1 is written on those that are found.
    """
    wide, tall = size
    gaps = np.diff(ticks)
    tooth = gaps[gaps > _most_wide(line)].min(initial=np.inf)
    if not np.isfinite(tooth):
        return
    count = round((ticks[-1] - ticks[0]) / tooth)
    places = np.linspace(ticks[0], ticks[-1], count + 1)
    for place in places:
        if np.abs(ticks - place).min() <= EVEN * tooth:
            continue
        row = float(_find_rows(line, np.array([place]))[0])
        start = row + np.copysign(line.thick / 2 + 1, tall)
        rows = sorted((round(start), round(row + SHORTER * tall)))
        columns = slice(
            max(0, round(place - EVEN * tooth)), round(place + EVEN * tooth) + 1
        )
        window = (slice(max(0, rows[0]), rows[1] + 1), columns)
        full = np.flatnonzero(mask[window].mean(axis=0) >= FULL)
        if full.size and np.ptp(full) < _most_wide(line):
            at = full.mean() + columns.start
            ends = (
                (round(at - wide / 2 - 1), round(start)),
                (
                    round(at + wide / 2 + 1),
                    round(row + tall),
                ),
            )
            cv2.rectangle(found, *ends, 1, cv2.FILLED)
