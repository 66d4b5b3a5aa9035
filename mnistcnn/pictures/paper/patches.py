"""Patches: which part of a binarized picture may be a sheet of paper."""

import cv2
import numpy as np
import numpy.typing as npt

LEAST = 0.12  # of the picture: least area of a sheet
CONVEX = 0.9  # of its convex hull: least share that a sheet fills
MARK, NEAR = 25, 7  # grey levels: least of ink; pixels of a sheet's shadow
ROUND = 0.5  # of the ink on a patch: with more beside it, it is not a sheet


def choose_patch(
    halves: npt.NDArray[np.uint8], marks: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8] | None:
    """Chooses the patch that is the sheet: in the middle, and compact.

    Args:
        halves: `(h, w)` uint8, 0 on one of two sides of a picture, 1 on the
            other.
        marks: `(h, w)` uint8, how much a pixel differs from those around it.

    Returns:
        `(h, w)` uint8, 1 on the patch; `None` if none is like a sheet, or there
        is too much ink around it.
    """
    best, most = None, 0.0
    height, width = halves.shape
    for half in (halves, 1 - halves):
        # Of every second pixel, which takes a quarter of the time.
        few = np.ascontiguousarray(half[::2, ::2])
        _, parts, stats, centres = cv2.connectedComponentsWithStats(few)
        for part in range(1, len(stats)):
            if stats[part, 4] < LEAST * few.size:
                continue
            away = np.abs(2 * centres[part] / (width, height) - 0.5).max()
            at = np.unravel_index(np.argmax(parts == part), parts.shape)
            own = _fill(half, 2 * int(at[1]), 2 * int(at[0]))
            area = cv2.countNonZero(own)
            # Of its outline, which takes a tenth of the time.
            outline, _ = cv2.findContours(
                own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
            )
            hull = cv2.contourArea(cv2.convexHull(outline[0]))
            compact = area / max(1.0, hull)
            # A sheet has no concavities; paper round a large digit has.
            if compact < CONVEX:
                continue
            score = compact * (1 - away) * (area / half.size) ** 0.3
            if score > most:
                best, most = own, score
    return None if best is None or _is_written_round(marks, best) else best


def _is_written_round(marks: np.ndarray, paper: np.ndarray) -> bool:
    """Whether there is ink round a patch, like a row of a table."""
    near = np.ones((NEAR, NEAR), np.uint8)
    outlines, _ = cv2.findContours(
        paper, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    # A broad pen's ink on the sheet belongs to the other half.
    whole = cv2.fillPoly(np.zeros_like(paper), outlines, 1)
    inside, outside = (
        cv2.bitwise_and(marks, marks, mask=cv2.erode(each, near))
        for each in (whole, 1 - whole)
    )
    strong = inside[inside > MARK]
    least = np.percentile(strong, 90) / 2 if strong.size else 2 * MARK
    return bool((outside > least).sum() > ROUND * (inside > least).sum())


def _fill(half: np.ndarray, x: int, y: int) -> np.ndarray:
    """Flood-fills from a pixel; `(h, w)` uint8, 1 on its component."""
    filled = np.zeros((half.shape[0] + 2, half.shape[1] + 2), np.uint8)
    flags = 8 | cv2.FLOODFILL_MASK_ONLY
    cv2.floodFill(half, filled, (x, y), 1, flags=flags)
    return filled[1:-1, 1:-1].copy()
