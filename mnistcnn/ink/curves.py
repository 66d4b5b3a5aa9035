"""Curves of strokes, from skeletons as text."""

import functools

import numpy as np
import numpy.typing as npt

Skeleton = tuple[npt.NDArray[np.float64], tuple[int, ...]]


def parse(stroke: str) -> Skeleton:
    """Parses one stroke of a skeleton: its points, and which are corners.

    Args:
        stroke: as in `mnistcnn.ink.skeletons`, without `/`.

    Returns:
        `(n, 2)` float64 in units of the digit's height, and the indices of
        the points where the pen turns sharply.

    Example:
        >>> parse("0 0, 50 100*, 100 0")[1]
        (1,)
    """
    marks = stroke.split(",")
    points = np.array([mark.strip(" *").split() for mark in marks], float) / 100
    return points, tuple(i for i, mark in enumerate(marks) if "*" in mark)


@functools.cache
def curve(
    num_points: int, corners: tuple[int, ...], steps: int
) -> npt.NDArray[np.float64]:
    """Makes the matrix from control points to a curve through them.

    A Catmull-Rom spline is linear in its control points; at a corner, and at
    both ends, the missing neighbour is the point itself.

    Args:
        num_points: control points, `n`.
        corners: the indices of those where it turns sharply.
        steps: from one to the next.

    Returns:
        `(steps * (n - 1) + 1, n)` float64.

    Example:
        >>> (curve(2, (), 2) @ [[0.0, 0.0], [4.0, 8.0]]).tolist()
        [[0.0, 0.0], [2.0, 4.0], [4.0, 8.0]]
    """
    t = np.arange(steps)[:, None] / steps
    basis = (
        np.concatenate(
            [
                -t + 2 * t**2 - t**3,
                2 - 5 * t**2 + 3 * t**3,
                t + 4 * t**2 - 3 * t**3,
                t**3 - t**2,
            ],
            axis=1,
        )
        / 2
    )
    matrix = np.zeros(((num_points - 1) * steps + 1, num_points))
    for i in range(num_points - 1):
        before = i if i in corners else max(i - 1, 0)
        after = i + 1 if i + 1 in corners else min(i + 2, num_points - 1)
        rows = slice(i * steps, (i + 1) * steps)
        for column, control in enumerate((before, i, i + 1, after)):
            matrix[rows, control] += basis[:, column]
    matrix[-1, -1] = 1
    return matrix
