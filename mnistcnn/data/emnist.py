"""EMNIST: which of its data sets a file is of, its classes, its orientation.

Cohen, Afshar, Tapson and van Schaik, "EMNIST: an extension of MNIST to
handwritten letters", 2017. Its images are stored column by column, in IDX
files and in CSV alike, and its letters are counted from 1. Its MATLAB files
are not read: that would take SciPy, for the same images.
"""

import string

import numpy as np

from mnistcnn.data.dataset import DIGITS

_MERGED = (*DIGITS, *string.ascii_uppercase, *"abdefghnqrt")
# By the mapping files of the data.
_CLASSES = {
    "emnist-balanced": _MERGED,
    "emnist-bymerge": _MERGED,
    "emnist-byclass": (*DIGITS, *string.ascii_letters.swapcase()),
    "emnist-digits": DIGITS,
    "emnist-letters": tuple(string.ascii_uppercase),
    "emnist-mnist": DIGITS,
}


def read_emnist(
    prefix: str, arrays: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], tuple[str, ...] | None]:
    """Brings EMNIST's arrays to MNIST's form, and leaves others alone.

    Args:
        prefix: what the files' names begin with, `"emnist-letters"`, say.
        arrays: images `(n, 28, 28)` and labels `(n,)` by key.

    Returns:
        The arrays, images upright and labels from 0; and the names of the
        classes, `None` where it is not EMNIST.

    Example:
        >>> arrays = {"y_test": np.array([1, 26])}
        >>> arrays, classes = read_emnist("emnist-letters", arrays)
        >>> [classes[label] for label in arrays["y_test"]]
        ['A', 'Z']
    """
    classes = _CLASSES.get(prefix)
    if classes is None:
        return arrays, None
    first = 1 if prefix == "emnist-letters" else 0
    turned = {
        key: np.ascontiguousarray(array.transpose(0, 2, 1))
        if key.startswith("x")
        # Not below 0, which uint8 does not hold: 255 is refused as well.
        else array - array.dtype.type(first)
        for key, array in arrays.items()
    }
    return turned, classes
