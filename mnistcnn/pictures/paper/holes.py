"""Holes of a pad: a row of pieces, recognized by their form and place."""

import cv2
import numpy as np
import numpy.typing as npt

FEW, MOST = 3, 300  # number of holes: a pad's corner has few; more are grain
SMALL = 4  # pixels: least width of a hole; smaller pieces are dots
ALIKE = 0.3  # of a hole's size: how much another one's may differ
EVEN = 0.06  # of the pitch: how far a hole may be off; with wires, twice that
FULL, ROUND = 0.55, 1.5  # of a hole's box: least dark share; its aspect ratio
MOSTLY, MANY = 0.8, 7  # least share of similar holes; fewer are checked more
ROUNDER = (0.87, 1.3)  # the aspect ratio of a few holes
NARROW = 0.95  # of the pitch: largest width of a hole with its wire
ENDS = 2  # pitches: largest distance of the last hole from a border
STEEP = 0.15  # largest slope of a row of holes
WIRED = 0.7  # of the holes: least share with wires that reach a border
THICK, BAR = 0.65, 0.8  # with a wire: least ink of its end; most of its box
HOLLOW = 0.05  # of a hole: with more paper inside, it is a digit


def mark_wired(
    parts: npt.NDArray[np.integer],
    stats: npt.NDArray[np.integer],
    beyond: npt.NDArray[np.uint8] | None,
) -> npt.NDArray[np.bool_]:
    """Finds pieces that go on beyond a strip, or up to a desk, like wires.

    Args:
        parts: `(h, w)`, which piece a pixel of the strip is of.
        stats: `(n, 5)`, as of `find_components`.
        beyond: `(h, w)`, 1 where there is no paper; `None` for nowhere.
    """
    left, top, wide = stats[:, :3].T
    wired = (top <= 2) | (left <= 1) | (left + wide >= parts.shape[1] - 1)
    if beyond is not None:
        near = cv2.dilate(beyond, np.ones((9, 9), np.uint8)) > 0
        wired |= np.bincount(parts[near], minlength=len(stats)) > 0
    return wired


def find_holes(
    parts: npt.NDArray[np.integer], pieces: npt.NDArray[np.integer]
) -> npt.NDArray[np.integer]:
    """Finds pieces that may be holes, with the width of their lower ends.

    Args:
        parts: as of `mark_wired`.
        pieces: `(n, 6)`, left, top, wide, high, area, and whether it is wired.
    """
    left, top, wide, high = pieces[:, :4].T
    keep = (wide >= SMALL) & (high >= SMALL) & (top + high < len(parts))
    keep &= (left > 1) & (left + wide < parts.shape[1] - 1)
    keep[0] = False
    if not FEW <= keep.sum() <= MOST:
        return pieces[:0]
    y, x = np.nonzero(keep[parts])
    names = parts[y, x]
    # Only the lower half: above it a wire leans.
    low = y >= (top + high / 2)[names]
    names, x = names[low], x[low]
    ends = np.stack([left + wide, left])
    np.minimum.at(ends[0], names, x)
    np.maximum.at(ends[1], names, x + 1)
    found = pieces.copy()
    found[:, 0], found[:, 2] = ends[0], ends[1] - ends[0]
    return found[keep & (found[:, 2] >= SMALL)]


def compare_holes(
    holes: npt.NDArray[np.integer],
) -> npt.NDArray[np.bool_]:
    """Finds pairs of equal width, in a nearly level row; `(n, n)` bool.

    Args:
        holes: of `find_holes`.
    """
    left, top, wide, high = holes[:, :4].T
    apart, up, along = (
        np.abs(column[:, None] - column)
        for column in (wide, top + high, left + wide / 2)
    )
    return (apart <= ALIKE * wide[:, None] + 1) & (up <= STEEP * along + 2)


def is_even(row: npt.NDArray[np.integer], width: int) -> bool:
    """Whether holes are evenly spaced, from border to border.

    Args:
        row: of `find_holes`.
        width: of the picture, pixels.
    """
    if len(row) < FEW:
        return False
    wide = row[:, 2]
    middle = np.sort(row[:, 0] + wide / 2)
    steps = np.diff(middle)
    pitch = find_pitch(row)
    if np.median(wide) > NARROW * pitch:
        return False
    times = np.rint(steps / pitch)
    off = np.abs(steps - pitch * times)
    room = EVEN * pitch * (1 + (row[:, 5].mean() >= WIRED)) + 1
    if (times < 1).any() or (off > room).any():
        return False
    # If too many are missing, they are not holes of a pad.
    if times.sum() + 1 > 2 * len(middle):
        return False
    return max(middle[0], width - middle[-1]) <= ENDS * pitch


def find_pitch(row: npt.NDArray[np.integer]) -> float:
    """Measures the pitch, the median distance of a row's holes, in pixels.

    Args:
        row: of `find_holes`, two or more.
    """
    steps = np.sort(np.diff(np.sort(row[:, 0] + row[:, 2] / 2)))
    # The upper median: of two distances the mean would fit neither.
    return float(steps[len(steps) // 2])


def is_bound(
    row: npt.NDArray[np.integer], parts: npt.NDArray[np.integer]
) -> bool:
    """Whether holes are full and round, or have wires up to a border.

    Args:
        row: of `find_holes`.
        parts: as of `mark_wired`.
    """
    wide, high, area, wired = row[:, 2:].T
    tall = float(np.median(high / wide))
    if tall >= 1 / ROUND and wired.mean() >= WIRED:
        return True
    few = len(row) < MANY
    if tall > ROUND and not few:
        # Near the border a wire may be invisible.
        return _are_thicker(parts, row)
    # Digits in a column differ more, and are less round.
    flat, slim = ROUNDER if few else (1 / ROUND, ROUND)
    sizes = (high, area) if few else (high,)
    # Only a lower limit: a hole with its wire is larger.
    alike = [np.mean(s >= (1 - ALIKE) * np.median(s)) for s in sizes]
    full = float(np.median(area / (wide * high)))
    if full < FULL or not flat <= tall <= slim or min(alike) < MOSTLY:
        return False
    return not few or not any(_is_hollow(parts, hole) for hole in row)


def _are_thicker(parts: np.ndarray, row: np.ndarray) -> bool:
    """Whether pieces are full at their lower ends, unlike a bar above."""
    full = [
        (parts[max(0, end - wide) : end, left : left + wide] > 0).mean()
        for left, end, wide in zip(
            row[:, 0], row[:, 1] + row[:, 3], row[:, 2], strict=True
        )
    ]
    whole = row[:, 4] / (row[:, 2] * row[:, 3])
    return bool(np.median(full) >= THICK and np.median(whole) < BAR)


def _is_hollow(parts: np.ndarray, hole: np.ndarray) -> bool:
    """Whether there is enclosed paper, as in a 0; a wire opens a hole."""
    left, top, wide, high, area = hole[:5]
    window = parts[top : top + high, left : left + wide] > 0
    outlines, _ = cv2.findContours(
        window.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    filled = np.zeros(window.shape, np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
    return bool(filled.sum() - window.sum() > HOLLOW * area)
