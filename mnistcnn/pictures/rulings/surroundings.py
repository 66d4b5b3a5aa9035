"""Surroundings: whether the ink around a line shows that it is writing."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.rulings.bands import Line, paint_lines

BENT = 0.03  # of its length: least bend of a part of a ring
GAP, WHOLE = 0.6, 0.85  # of a line's strength: a gap; of its length: unbroken
WITHIN = 0.35  # of its length: with more ink on both sides, it is writing
ALONE = 0.05  # of its length: if more is touched, it is not by itself
STEM, STEMS = (0.4, 1.2), 3  # of a digit's height: length; least number
BETWEEN = 0.15  # of a digit's height: least gap between rows


def take_longest(line: Line, strength: npt.NDArray[np.float32]) -> Line:
    """Takes the longest part of a line that has gaps.

    Bars of digits in a row, or an underline and a foot beside it, look like
    such a line.

    Args:
        line: across, which does not go from border to border.
        strength: `(h, w)`, how much each pixel differs from the paper.

    Example:
        >>> page = np.zeros((20, 40), np.float32)
        >>> page[9:11, 2:38] = 1
        >>> line = Line(2, np.full(36, 9.5), 2)
        >>> take_longest(line, page).end
        38
        >>> page[:, 22:26] = 0
        >>> take_longest(line, page).end
        22
    """
    rows = np.rint(line.middle).astype(int) + np.array([[-1], [0], [1]])
    rows = rows.clip(0, len(strength) - 1)
    along = strength[rows, np.arange(line.start, line.end)].max(axis=0)
    full = np.flatnonzero(along >= GAP * np.median(along))
    gaps = np.flatnonzero(np.diff(full) > max(2, line.thick / 2))
    first = np.concatenate([full[:1], full[gaps + 1]])
    last = np.concatenate([full[gaps], full[-1:]])
    long = last - first + 1
    best = int(np.argmax(long))
    if long[best] >= WHOLE * len(along):
        return line
    part = slice(first[best], last[best] + 1)
    return Line(line.start + int(first[best]), line.middle[part], line.thick)


def is_writing(line: Line, mask: npt.NDArray[np.uint8]) -> bool:
    """Whether a line is made of strokes of digits, or of a ring.

    Args:
        line: across, which does not go from border to border.
        mask: `(h, w)`, 1 where there is ink.

    Example:
        >>> page = np.zeros((20, 40), np.uint8)
        >>> page[9:11, 2:38] = 1
        >>> line = Line(2, np.full(36, 9.5), 2)
        >>> is_writing(line, page)
        False
        >>> page[4:15, 4:36:4] = 1  # waists of digits
        >>> page[4:15, 5:36:4] = 1
        >>> is_writing(line, page)
        True
    """
    return _is_within(line, mask) or _is_arc(line, mask)


def is_stems(line: Line, mask: npt.NDArray[np.uint8], digit: float) -> bool:
    """Whether a line is made of stems of digits in several rows.

    Unlike a faded line it has only parts no longer than a digit; unlike dashes,
    these are long and thick.

    Args:
        line: across, or down of the transpose.
        mask: `(h, w)`, 1 where there is ink.
        digit: a digit's height, pixels.

    Example:
        >>> page = np.zeros((20, 80), np.uint8)
        >>> page[9:12, 2:78] = 1
        >>> line = Line(2, np.full(76, 10.0), 3)
        >>> is_stems(line, page, 20)
        False
        >>> page[:, 16:80:20] = page[:, 17:80:20] = page[:, 18:80:20] = 0
        >>> page[:, 19:80:20] = 0
        >>> is_stems(line, page, 20)
        True
    """
    rows = np.rint(line.middle).astype(int) + np.array([[-1], [0], [1]])
    rows = rows.clip(0, len(mask) - 1)
    inked = mask[rows, np.arange(line.start, line.end)].any(axis=0)
    ends = np.flatnonzero(np.diff(inked, prepend=False, append=False))
    if len(ends) < 2 * STEMS:
        return False
    # A gap between rows is wider than one where a pen skipped.
    gaps = ends[2::2] - ends[1:-1:2] > BETWEEN * digit
    first = ends[::2][np.concatenate([[True], gaps])]
    last = ends[1::2][np.concatenate([gaps, [True]])]
    low, high = (each * digit for each in STEM)
    lengths = last - first
    return bool((lengths > low).sum() >= STEMS and lengths.max() < high)


def lies_beside(line: Line, mask: npt.NDArray[np.uint8], digit: float) -> bool:
    """Whether a line is by itself, with ink on only one side.

    Args:
        line: across.
        mask: `(h, w)`, 1 where there is ink.
        digit: a digit's height, pixels.
    """
    top, bottom = (round(f(line.middle)) for f in (np.min, np.max))
    first = max(0, int(top - digit))
    window = (slice(first, int(bottom + digit)), slice(line.start, line.end))
    near = mask[window]
    if not near.size:
        return False
    moved = Line(0, line.middle - first, line.thick)
    own = paint_lines([moved], near.shape)
    wider: np.ndarray = cv2.dilate(own, np.ones((3, 1), np.uint8))
    around = wider & ~own
    if (near & around).sum() > ALONE * near.shape[1]:
        return False
    if any(_count_beyond(line, mask)):
        return False
    half = round(line.thick / 2 + 2)
    above = near[: max(0, top - first - half)][::-1]
    below = near[bottom - first + half :]
    clear = round(0.7 * digit)
    return any(
        here.any() and beyond[:clear].sum() <= 0.01 * beyond[:clear].size
        for here, beyond in ((above, below), (below, above))
    )


def _is_within(line: Line, mask: np.ndarray) -> bool:
    """Whether ink lies on both sides of a line, as at the waists of digits."""
    columns = np.arange(line.start, line.end)
    far = line.thick / 2 + 2
    above, below = (
        mask[
            np.rint(line.middle + way).astype(int).clip(0, len(mask) - 1),
            columns,
        ]
        for way in (-far, far)
    )
    return bool((above & below).mean() > WITHIN)


def _is_arc(line: Line, mask: np.ndarray) -> bool:
    """Whether it is part of a ring: bent, with more ink beyond both ends."""
    chord = np.linspace(line.middle[0], line.middle[-1], len(line.middle))
    bow = np.abs(line.middle - chord).max()
    if bow < BENT * len(line.middle):
        return False
    return min(_count_beyond(line, mask)) > 0


def _count_beyond(line: Line, mask: np.ndarray) -> list[int]:
    """Counts the ink beyond each end, as of a digit's bow, or of a ring."""
    far = round(line.thick + 3)
    found = []
    for column, row in (
        (line.start - far, line.middle[0]),
        (line.end + 3, line.middle[-1]),
    ):
        columns = slice(max(0, column), max(0, column + far - 3))
        rows = slice(max(0, round(row) - far), round(row) + far)
        found.append(int(mask[rows, columns].sum()))
    return found
