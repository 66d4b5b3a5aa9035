"""Parallels: lines side by side that strokes between them have joined."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

LEVEL, MOST_LEVELS = 0.2, 20  # of the columns: least ink in a row; most lines
VALLEY = 0.1  # of a line's fullest row: with less in a row, the line ends


def peel(own: npt.NDArray[np.bool_], near: int) -> Iterator[np.ndarray]:
    """Takes the rows with the most ink, and those near them, in turn.

    Args:
        own: `(h, w)`, where there is ink that runs across.
        near: rows: a line's largest distance from its middle.

    Yields:
        The part of each line, of the same shape.
    """
    left = own.copy()
    for _ in range(MOST_LEVELS):
        counts = left.sum(axis=1)
        row = int(np.argmax(counts))
        if counts[row] < LEVEL * own.shape[1]:
            return
        # At most up to where the next line begins.
        few = np.flatnonzero(counts < VALLEY * counts[row])
        first = max(row - near, few[few < row].max(initial=-1) + 1)
        last = min(row + near + 1, few[few > row].min(initial=len(own)))
        rows = slice(first, last)
        level = np.zeros_like(left)
        level[rows] = left[rows]
        left[rows] = 0
        yield level


def part_across(own: npt.NDArray[np.bool_], run: int) -> Iterator[np.ndarray]:
    """Splits lines one after the other, as below each digit of a form.

    Args:
        own: as of `peel`.
        run: columns: a line has three times as many at least.
    """
    return _part(own, np.flatnonzero(own.any(axis=0)), run // 4, run)


def part_gaps(
    own: npt.NDArray[np.bool_], ink: npt.NDArray[np.uint8], run: int
) -> Iterator[np.ndarray]:
    """Splits a line where there is no ink, as between feet of digits.

    Args:
        own: as of `peel`, for one line.
        ink: of the same shape, above 0 where there is ink.
        run: columns: a line has three times as many at least.
    """
    rows = np.flatnonzero(own.any(axis=1))
    inked = ink[rows[0] : rows[-1] + 1].any(axis=0)
    return _part(own, np.flatnonzero(inked), 1, run)


def _part(
    own: np.ndarray, columns: np.ndarray, gap: int, run: int
) -> Iterator[np.ndarray]:
    """Splits ink at wider gaps between columns; yields each part."""
    pieces = np.split(columns, np.flatnonzero(np.diff(columns) > gap) + 1)
    for piece in pieces if len(pieces) > 1 else ():
        within = slice(piece[0], piece[-1] + 1)
        if len(piece) >= 3 * run and own[:, within].any():
            alone = np.zeros_like(own)
            alone[:, within] = own[:, within]
            yield alone
