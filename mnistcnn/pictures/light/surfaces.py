"""Smooth surfaces, like light on paper, fitted to a few pixels."""

import functools
import math

import cv2
import numpy as np
import numpy.typing as npt

FEW = 48  # pixels a side: enough for a surface
ROUNDS = 15  # of the fit, at most
STILL = 0.1  # grey levels: a smaller change ends the fit


def lay_basis(height: int, width: int, degree: int) -> npt.NDArray[np.float64]:
    """Computes products of Chebyshev polynomials down and across a picture.

    Args:
        height: pixels.
        width: pixels.
        degree: the highest, down and across.

    Returns:
        `(height * width, (degree + 1) ** 2)`; the first column is 1.
    """
    down, across = _powers(height, degree), _powers(width, degree)
    return np.einsum("yi,xj->yxij", down, across).reshape(height * width, -1)


def lay_surface(
    factors: npt.NDArray[np.float64], height: int, width: int
) -> npt.NDArray[np.float32]:
    """Computes a surface's value at each pixel.

    Args:
        factors: `((degree + 1) ** 2, channels)`, of the basis.
        height: pixels.
        width: pixels.

    Returns:
        `(height, width, channels)`.

    Example:
        >>> basis = lay_basis(4, 6, degree=2)
        >>> factors = np.arange(9.0)[:, None]
        >>> surface = lay_surface(factors, 4, 6)
        >>> bool(np.allclose(surface, (basis @ factors).reshape(4, 6, 1)))
        True
    """
    count, channels = factors.shape
    side = math.isqrt(count)
    down = _powers(height, side - 1).astype(np.float32)
    across = _powers(width, side - 1).astype(np.float32)
    rows = across @ factors.astype(np.float32).reshape(side, side, channels)
    level = down @ rows.reshape(side, -1)
    return np.asarray(level.reshape(height, width, channels), np.float32)


def fit_surface(
    picture: npt.NDArray[np.float32],
    off: npt.NDArray[np.uint8] | None = None,
    degree: int = 3,
) -> npt.NDArray[np.float64]:
    """Fits a surface through most of a picture's pixels.

    Args:
        picture: `(h, w, channels)` float32.
        off: `(h, w)` uint8, 1 on pixels that are ignored.
        degree: the highest, down and across.

    Returns:
        Its factors, `((degree + 1) ** 2, channels)`.
    """
    height, width, channels = picture.shape
    scale = min(1, FEW / max(height, width))
    rows, columns = (max(1, round(side * scale)) for side in (height, width))
    size = (columns, rows)
    least = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    target = least.reshape(-1, channels).astype(np.float64)
    basis = lay_basis(rows, columns, degree)
    if off is not None:
        share = cv2.resize(1 - off, size, interpolation=cv2.INTER_AREA)
        on = share.ravel() > 0
        if on.any():
            target, basis = target[on], basis[on]
    fitted = np.median(target, axis=0)
    factors = np.zeros((basis.shape[1], channels))
    for _ in range(ROUNDS):
        away = np.sqrt(((target - fitted) ** 2).sum(axis=1))
        spread = max(1.4826 * find_median(away), 2)
        weighted = basis / (1 + (away / spread) ** 2)[:, None]
        # The ridge keeps the solution defined for few pixels, or a single row.
        ridge = 1e-6 * len(target) * np.eye(basis.shape[1])
        factors = np.linalg.solve(
            weighted.T @ basis + ridge, weighted.T @ target
        )
        before, fitted = fitted, basis @ factors
        if np.abs(fitted - before).max() < STILL:
            break
    return factors


def take_few(pixels: npt.NDArray, side: int = 100) -> npt.NDArray:
    """Takes every second, third, fourth ... pixel, down and across.

    Args:
        pixels: `(h, w, ...)`.
        side: at least so many are left, down and across; all, if there are not
            more.

    Example:
        >>> take_few(np.zeros((300, 400))).shape
        (100, 134)
    """
    step = max(1, min(pixels.shape[:2]) // side)
    return np.ascontiguousarray(pixels[::step, ::step])


def take_largest(pixels: npt.NDArray) -> npt.NDArray:
    """Takes the largest of each pixel's channels.

    Args:
        pixels: `(..., channels)`.

    Returns:
        `(...)`. NumPy's own maximum takes twenty times as long over so few
        channels.
    """
    return functools.reduce(np.maximum, np.moveaxis(pixels, -1, 0))


def take_mean(pixels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Takes the mean of each pixel's channels.

    Args:
        pixels: `(h, w, channels)`.

    Returns:
        `(h, w)`; NumPy's own mean takes over twenty times as long.

    Example:
        >>> take_mean(np.array([[[1, 2, 6]]], np.float32)).tolist()
        [[3.0]]
    """
    share = np.full((1, pixels.shape[2]), 1 / pixels.shape[2])
    return np.asarray(cv2.transform(pixels, share), np.float32)


def find_median(values: npt.NDArray) -> float:
    """Finds the median of `(n,)` numbers, at least one.

    NumPy's own takes five times as long for a few hundred.

    Example:
        >>> find_median(np.array([4, 1, 3, 9]))
        3.5
    """
    low, high = (len(values) - 1) // 2, len(values) // 2
    ordered = np.partition(values, (low, high))
    return (float(ordered[low]) + float(ordered[high])) / 2


def _powers(side: int, degree: int) -> np.ndarray:
    middle = (2 * np.arange(side) + 1) / side - 1
    return np.polynomial.chebyshev.chebvander(middle, degree)
