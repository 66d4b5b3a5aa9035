"""Ticks: of the combs in forms, and of number lines."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.rulings.bands import Line
from mnistcnn.pictures.rulings.feet import (
    NEAR,
    Feet,
    find_ends,
    find_feet,
    find_rows,
)
from mnistcnn.pictures.shapes.boxes import are_alike
from mnistcnn.pictures.shapes.components import find_components

ALIKE = 0.2  # of the longer one: how much ticks may differ in length
SHRINK = 0.5  # the same, from the first one to the last
LEAN = 0.75  # largest lean of a tick, columns per row
STRAIGHT = 0.35  # of its height: largest width of a tick, without its edges
UPRIGHT = 1.0  # least ratio of a tick's height to its width
MOST = 40  # teeth
# Least number of ticks on a number line; their largest height, in digits'.
CROSSING, LOW = 3, 0.6
EVEN = 0.1  # of the distance of ticks: how far one may be from its place
FULL, SHORTER = 0.9, 0.8  # least share of ink in a tick; of its checked length


def find_ticks(
    mask: npt.NDArray[np.uint8], lines: list[Line], digit: float
) -> npt.NDArray[np.uint8]:
    """Finds the ticks of combs and number lines.

    Args:
        mask: `(h, w)` uint8, 1 where there is ink that does not belong to a
            line.
        lines: across.
        digit: a digit's height, pixels.

    Returns:
        `(h, w)` uint8, 1 on a tick.
    """
    found = np.zeros_like(mask)
    if not lines:
        return found
    parts, stats = find_components(mask)
    ends, spread = find_ends(parts, stats)
    feet = [find_feet(line, ends, stats) for line in lines]
    touching = np.array([each.on for each in feet])
    # A piece from one line to another is a wall, not a tick.
    touching &= touching.sum(axis=0) < 2
    wide, high, area = stats[:, 2:5].T
    for line, foot, on in zip(lines, feet, touching, strict=True):
        most = _most_wide(line)
        on &= (area <= most * high) & (wide <= most + LEAN * high)
        on &= spread <= np.minimum(most, STRAIGHT * high + 2)
        # Not the end of the line itself.
        on &= foot.tall > line.thick / 2 + 2
        on[0] = False
        crossing = _find_crossing(foot, on, NEAR * line.thick + 2, digit)
        found |= np.isin(parts, crossing).astype(np.uint8)
        on &= high >= UPRIGHT * wide
        ticks = np.flatnonzero(on)
        if len(ticks) < 2:
            continue
        ticks = ticks[np.argsort(foot.x[ticks])]
        first, last = ticks[0], ticks[-1]
        near = NEAR * line.thick + 2
        if (
            abs(foot.x[first] - line.start) > near
            or abs(foot.x[last] - line.end) > near
            or not are_alike(foot.tall[first], foot.tall[last], SHRINK)
        ):
            continue
        # Seen at an angle, their lengths change evenly from the first to the
        # last.
        usual = np.interp(
            foot.x[ticks], foot.x[[first, last]], foot.tall[[first, last]]
        )
        ticks = ticks[are_alike(foot.tall[ticks], usual, ALIKE)]
        found |= np.isin(parts, ticks).astype(np.uint8)
        tips = [
            foot.lean[ticks],
            np.where(foot.up, -foot.tall, foot.tall)[ticks],
        ]
        thick = float(np.median((area / np.maximum(high, 1))[ticks]))
        _find_touched(mask, line, foot.x[ticks], tips, thick, found)
    return found


def _find_crossing(
    foot: Feet, on: np.ndarray, near: float, digit: float
) -> np.ndarray:
    """Finds the ticks of a number line, which cross it in the middle.

    Args:
        foot: of pieces at a line.
        on: those that may be ticks.
        near: largest distance of the two halves of a tick, in columns.
        digit: a digit's height, pixels; three crossed-out 1s are taller than
            ticks.
    """
    upper, lower = (
        np.flatnonzero(on & (foot.up == side)) for side in (True, False)
    )
    if min(len(upper), len(lower)) < CROSSING:
        return upper[:0]
    away = np.abs(foot.x[upper][:, None] - foot.x[lower])
    other = lower[away.argmin(axis=1)]
    tall = foot.tall[upper] + foot.tall[other]
    good = (away.min(axis=1) <= near) & (tall <= LOW * digit)
    good &= are_alike(foot.tall[upper], foot.tall[other], SHRINK)
    if not good.any():
        return upper[:0]
    usual = float(np.median(tall[good]))
    good &= are_alike(tall, np.full(len(tall), usual), SHRINK / 2)
    if good.sum() < CROSSING:
        return upper[:0]
    # Some ticks have only one half that is a piece of its own.
    half = are_alike(foot.tall, np.full(len(foot.tall), usual / 2), SHRINK)
    return np.flatnonzero(on & half)


def _most_wide(line: Line) -> float:
    return 1.6 * line.thick + 3


def _find_touched(
    mask: np.ndarray,
    line: Line,
    ticks: np.ndarray,
    tips: list[np.ndarray],
    thick: float,
    found: np.ndarray,
) -> None:
    """Finds the ticks that digits touch, at the places without a known tick.

    Args:
        mask: 1 where there is ink that does not belong to a line.
        line: with the ticks.
        ticks: columns of the known ones.
        tips: how far each leans per row, and how far it goes down from the
            line; up, if below 0.
        thick: how thick they are.
        found: 1 is written on those that are found.
    """
    places = _find_places(ticks, tips[1], _most_wide(line))
    tooth = np.diff(places).min(initial=np.inf)
    if not np.isfinite(tooth):
        return
    near = np.arange(-round(EVEN * tooth), round(EVEN * tooth) + 1)
    for place in places:
        if np.abs(ticks - place).min() <= EVEN * tooth:
            continue
        lean, tall = (float(np.interp(place, ticks, tip)) for tip in tips)
        row = float(find_rows(line, np.array([place]))[0])
        start = row + np.copysign(line.thick / 2 + 1, tall)
        ends = sorted((round(start), round(row + SHORTER * tall)))
        rows = np.arange(max(0, ends[0]), min(len(mask), ends[1] + 1))
        at = place + near + lean * (rows[:, None] - row)
        at = np.rint(at).astype(int).clip(0, mask.shape[1] - 1)
        if not rows.size:
            continue
        full = np.flatnonzero(mask[rows[:, None], at].mean(axis=0) >= FULL)
        if full.size and np.ptp(full) < _most_wide(line):
            foot = place + near[full].mean()
            ways = np.array([start - row, tall])
            tick = np.stack([foot + lean * ways, row + ways], axis=1)
            tick = np.rint(tick).astype(np.int32)
            cv2.polylines(found, [tick], False, 1, round(thick) + 2)


def _find_places(
    ticks: np.ndarray, tall: np.ndarray, least: float
) -> np.ndarray:
    """Finds the places of all ticks from those that are known.

    Seen at an angle, ticks are nearer to each other where they are shorter, by
    the same projection.
    """
    long, shrunk = ticks[-1] - ticks[0], tall[0] / tall[-1]
    if shrunk <= 0:  # one stands on the line, another hangs from it
        return ticks[:0]
    for count in range(len(ticks) - 1, MOST + 1):
        k = np.arange(count + 1) / count
        places = ticks[0] + long * k * shrunk / (1 + (shrunk - 1) * k)
        tooth = np.diff(places).min()
        if tooth <= least:
            break
        away = np.abs(places - ticks[:, None]).min(axis=1)
        if away.max() <= EVEN * tooth:
            return places
    return ticks[:0]
