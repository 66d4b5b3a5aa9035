"""Arrays of what users give: images, labels, strokes, answers."""

import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError, quote

BFLOAT16 = "bfloat16"


def to_array(values: npt.ArrayLike, what: str) -> npt.NDArray:
    """Makes an array of lists, tensors on the CPU and other array-likes.

    bfloat16 becomes float32.

    Args:
        values: any.
        what: their name.

    Raises:
        DataError: they do not form an array; lists of different lengths, say;
            or some are masked.

    Example:
        >>> to_array([[1, 2], [3, 4]], "mine").shape
        (2, 2)
    """
    # NumPy drops the mask, and takes what lies under it.
    if np.ma.is_masked(values):
        raise DataError(
            f"{what} has masked values ({np.ma.count_masked(values)} of "
            f"{np.size(values)}). Expected all of them: fill them, as by "
            "filled(0), or leave those images or labels out."
        )
    try:
        array = np.asarray(values)
    # Objects may raise anything when they are converted.
    except Exception as error:
        said = f"{type(error).__name__}: {quote(error, 100)}"
        raise DataError(
            f"{what} is no array ({said}). Expected a NumPy array, or what "
            "numpy.asarray makes one of: convert it."
        ) from error
    # Of JAX and TensorFlow; to NumPy it is no float.
    return array.astype(np.float32) if array.dtype.name == BFLOAT16 else array
