"""The rasterizer: draws strokes of a round pen as pixels."""

from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError
from mnistcnn.pictures.arrays import to_array
from mnistcnn.pictures.shapes.widths import measure_gaps

FAR = 1e6  # pixels; OpenCV's coordinates are 32-bit with 3 bits of fraction
FRACTION_BITS = 3


def rasterize(
    strokes: Sequence[npt.ArrayLike], shape: tuple[int, int], width: float
) -> npt.NDArray[np.uint8]:
    """Draws strokes with a round pen.

    Args:
        strokes: arrays `(n, 2)` of x and y in pixels, x right and y down
            (`check_strokes` says what else is accepted); the picture spans
            `0..w` and `0..h`, so the first pixel's centre is at 0.5. Strokes
            are clipped to it. A single point is a disc.
        shape: height and width of the picture.
        width: the pen's width in pixels.

    Returns:
        `(h, w)` uint8, bright ink on black, antialiased.

    Raises:
        DataError: a stroke is not `(n, 2)` finite numbers, or the width is not
            a positive number.

    Example:
        >>> dot = rasterize([np.array([[14.0, 14.0]])], (28, 28), 4)
        >>> int(dot[14, 14]), int(dot[14, 20])
        (255, 0)
    """
    width = check_width(width)
    # The distance to a hairline gives any width exactly; OpenCV's own thick
    # lines are one or two whole pixels too wide.
    fine = 1 if max(shape) > 1000 else 2 if width > 8 else 4
    canvas = np.full((shape[0] * fine, shape[1] * fine), 255, np.uint8)
    scale = fine * 2**FRACTION_BITS
    lines = [
        np.rint(
            np.clip(stroke, -FAR, FAR) * scale - 2 ** (FRACTION_BITS - 1)
        ).astype(np.int32)
        for stroke in check_strokes(strokes)
    ]
    cv2.polylines(canvas, lines, False, 0, 1, cv2.LINE_8, FRACTION_BITS)
    if canvas.all():
        return np.zeros(shape, np.uint8)
    gap = measure_gaps(canvas)
    ink = np.clip(width * fine / 2 + 0.5 - gap, 0, 1)
    small = cv2.resize(ink, shape[::-1], interpolation=cv2.INTER_AREA)
    return np.rint(small * 255).astype(np.uint8)


def check_strokes(
    strokes: Sequence[npt.ArrayLike],
) -> list[npt.NDArray[np.float64]]:
    """Converts strokes to float64, at least two points; drops empty ones.

    Args:
        strokes: arrays `(n, 2)` of x and y, or `(n, 3)` and `(n, 4)`, whose
            further columns, time and pressure, are dropped; or one such
            array alone, of two or three columns, which is one stroke.

    Returns:
        Arrays `(n, 2)` float64, `n >= 2`.

    Raises:
        DataError: a stroke is not such an array of finite numbers.

    Example:
        >>> [s.shape for s in check_strokes([[(1, 2)], []])]
        [(2, 2)]
        >>> [s.shape for s in check_strokes(np.zeros((5, 3)))]
        [(5, 2)]
    """
    return [stroke for _, stroke in number_strokes(strokes)]


def number_strokes(
    strokes: Sequence[npt.ArrayLike],
) -> list[tuple[int, npt.NDArray[np.float64]]]:
    """Converts strokes as `check_strokes` does, and keeps their indices.

    Args and Raises: as `check_strokes`.

    Returns:
        The index and the array of each stroke that is not empty.
    """
    # A list of points could also be a list of flattened strokes, so only an
    # array is taken for a single stroke.
    if isinstance(strokes, np.ndarray) and strokes.ndim == 2:
        strokes = [strokes] if strokes.shape[1] in (2, 3) else strokes
    checked = []
    for place, stroke in enumerate(_iterate(strokes)):
        array = to_array(stroke, "A stroke")
        if array.size == 0:
            continue
        columns = array.shape[1] if array.ndim == 2 else 0
        if columns not in (2, 3, 4) or array.dtype.kind not in "iuf":
            raise DataError(
                "Expected strokes of shape (n, 2). Received: a stroke of shape "
                f"{array.shape} and dtype {array.dtype}. Pass a list of "
                "arrays of x and y."
            )
        array = array[:, :2].astype(np.float64)
        if not np.isfinite(array).all():
            raise DataError(
                "Expected strokes with finite coordinates. Received: nan or "
                "inf. Drop those points."
            )
        # OpenCV draws nothing for one point, but a line from it to itself.
        array = array if len(array) > 1 else array.repeat(2, axis=0)
        checked.append((place, array))
    return checked


def _iterate(strokes: Any) -> Iterable[npt.ArrayLike]:
    if isinstance(strokes, Iterable) and not isinstance(strokes, str | bytes):
        return strokes
    raise DataError(
        "Expected a list of strokes of shape (n, 2). Received: "
        f"{type(strokes).__name__}. Pass a list of arrays of x and y."
    )


def check_width(width: float) -> float:
    """Converts a pen's width to a float.

    Args:
        width: pixels, above 0.

    Returns:
        The width.

    Raises:
        DataError: the width is not a positive finite number.

    Example:
        >>> check_width(2)
        2.0
    """
    if not (np.isfinite(width) and width > 0):
        raise DataError(
            f"Expected a pen width above 0 pixels. Received: {width}. "
            "Pass a finite number of pixels."
        )
    return float(width)
