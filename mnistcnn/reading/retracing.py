"""Retracing: strokes that are drawn over others, to make the ink bold."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.ink import bounding_box, resample

MOST_STROKES = 1000  # with more, comparing all pairs would take too long
SAMPLES = 48  # points to which strokes are resampled for comparison
NEAR = 0.07  # of a stroke's larger side: largest distance of a retracing
MOST = 0.95  # share of a stroke's points that have to be so near
# Of its larger side: how far a retracing bends from its chord, at least. Two
# straight strokes beside each other are two 1s.
BENT = 0.3


def find_retraced(
    strokes: Sequence[npt.NDArray[np.floating]],
) -> npt.NDArray[np.int64]:
    """Finds which strokes retrace another and add no ink.

    Args:
        strokes: arrays `(n, 2)`, n at least 1.

    Returns:
        `(strokes,)` int64: for each the index of the stroke that it retraces,
        or its own.

    Example:
        >>> seven = np.array([[0.0, 0.0], [50.0, 0.0], [20.0, 90.0]])
        >>> find_retraced([seven, seven + 2, seven + 30]).tolist()
        [0, 0, 2]
    """
    own = np.arange(len(strokes))
    if not 1 < len(strokes) <= MOST_STROKES:
        return own
    boxes = np.array([bounding_box([stroke]) for stroke in strokes])
    low, high = boxes[:, :2], boxes[:, 2:]
    size = (high - low).max(axis=1)
    room = NEAR * size
    # Comparing boxes rules most pairs out.
    within = (low[:, None] >= low - room[:, None]).all(axis=2)
    within &= (high[:, None] <= high + room[:, None]).all(axis=2)
    np.fill_diagonal(within, val=False)
    points: dict[int, np.ndarray] = {}
    for over, under in np.argwhere(within).tolist():
        # Of two strokes that retrace each other the first is kept.
        if own[over] != over or own[under] != under:
            continue
        for k in (over, under):
            if k not in points:
                points[k] = resample(strokes[k], SAMPLES)
        if (within[under, over] and over < under) or not _is_bent(points[over]):
            continue
        ways = points[over][:, None] - points[under]
        near = np.hypot(*ways.transpose(2, 0, 1)).min(axis=1) <= room[under]
        if near.mean() >= MOST:
            own[over] = under
    # A retraced stroke may itself retrace another.
    while (own != own[own]).any():
        own = own[own]
    return own


def _is_bent(points: np.ndarray) -> bool:
    """Whether a stroke bends far from the chord between its ends."""
    along = points[-1] - points[0]
    away = points - points[0]
    chord = max(float(np.hypot(*along)), 1e-12)
    aside = np.abs(away[:, 0] * along[1] - away[:, 1] * along[0]) / chord
    return bool(aside.max() > BENT * np.ptp(points, axis=0).max())
