"""Places of boxes: the row and column of each, also seen at an angle."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.shapes.boxes import Box

WHOLE = 0.7  # of the boxes: least share that are cells in their places
OFF = 0.3  # of a cell: how far a cell's centre may be from its place
LEAST, MOST = 0.7, 2.6  # of a cell's side: how far the next may be


def place_boxes(
    boxes: list[Box],
) -> tuple[npt.NDArray[np.float64], list[int], npt.NDArray[np.float64]] | None:
    """Finds the row and column of each box.

    Args:
        boxes: of about the same size.

    Returns:
        The matrix from the picture's pixels to cells, a cell 1 by 1; the
        numbers of columns and rows; a cell's size in pixels. `None` if the
        boxes do not stand in rows.
    """
    corners = np.array([box.corners for box in boxes], np.float64)
    centres = corners.mean(axis=1)
    edges = measure_edges(corners)
    # The distances of the others, in units of each box's own sides.
    away = np.linalg.solve(
        edges[:, None], (centres - centres[:, None])[..., None]
    )
    away = away[..., 0]
    beside = [_find_next(away, axis) for axis in (0, 1)]
    steps = np.array([np.median(b[1]) if len(b[1]) else 1.0 for b in beside])
    at = _walk(beside, steps, len(boxes))
    if at is None:
        return None
    known = at[:, 0] > -np.inf
    at -= at[known].min(axis=0)
    half = 0.5 / steps * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    target = at[known, None] + 0.5 + half
    found, _ = cv2.findHomography(
        corners[known].reshape(-1, 2), target.reshape(-1, 2), cv2.RANSAC, OFF
    )
    if found is None:
        return None
    matrix = np.asarray(found, np.float64)
    # A box that is not a cell misleads the count: each place is determined
    # anew, by the robust fit.
    places = move_points(centres, matrix) - 0.5
    at = np.rint(places)
    known = np.abs(places - at).max(axis=1) <= OFF
    if known.sum() < WHOLE * len(boxes):
        return None
    first = at[known].min(axis=0)
    matrix[:2] -= first[:, None] * matrix[2]
    at -= first
    count = (at[known].max(axis=0) + 1).astype(int)
    side = np.median(np.linalg.norm(edges, axis=1), axis=0) * steps
    return matrix, count.tolist(), side


def measure_edges(
    corners: npt.NDArray[np.floating],
) -> npt.NDArray[np.float64]:
    """Measures boxes from the left to the right, and from the top down.

    Args:
        corners: `(n, 4, 2)`, from the top left on, clockwise.

    Returns:
        `(n, 2, 2)`: x and y of the vectors across and down.
    """
    left, right = (corners[:, k].mean(axis=1) for k in ([0, 3], [1, 2]))
    top, bottom = (corners[:, k].mean(axis=1) for k in ([0, 1], [2, 3]))
    return np.stack([right - left, bottom - top], axis=2, dtype=np.float64)


def measure_usual(boxes: list[Box]) -> npt.NDArray[np.float64]:
    """Measures the median width and height of boxes, `(2,)`, pixels."""
    edges = measure_edges(np.array([box.corners for box in boxes]))
    return np.median(np.linalg.norm(edges, axis=1), axis=0)


def _find_next(away: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Finds for each box the next one, and its distance in sides."""
    on = (np.abs(away[..., 1 - axis]) < OFF) & (away[..., axis] > LEAST)
    far = np.where(on, away[..., axis], np.inf)
    nearest = far.argmin(axis=1)
    found = np.flatnonzero(far.min(axis=1) < MOST)
    return (
        np.stack([found, nearest[found]], axis=1),
        far[found, nearest[found]],
    )


def _walk(beside, steps: np.ndarray, count: int) -> np.ndarray | None:
    """Counts columns and rows from box to box; -inf for unreachable boxes."""
    ways: list[list] = [[] for _ in range(count)]
    for axis, (pairs, far) in enumerate(beside):
        for (here, there), step in zip(
            pairs, np.rint(far / steps[axis]), strict=True
        ):
            move = step * np.eye(2)[axis]
            ways[here].append((there, move))
            ways[there].append((here, -move))
    at = np.full((count, 2), -np.inf)
    start = int(np.argmax([len(way) for way in ways]))
    at[start], open_ends = 0, [start]
    while open_ends:
        here = open_ends.pop()
        for there, move in ways[here]:
            if at[there, 0] == -np.inf:
                at[there] = at[here] + move
                open_ends.append(there)
    return at


def move_points(
    points: npt.ArrayLike, matrix: npt.NDArray[np.floating]
) -> npt.NDArray[np.float64]:
    """Maps points `(n, 2)` by a homography `(3, 3)`."""
    points = np.asarray(points, np.float64).reshape(1, -1, 2)
    # OpenCV returns None for no points.
    return (
        cv2.perspectiveTransform(points, matrix)[0]
        if points.size
        else points[0]
    )
