"""EMNIST: its data sets, their classes, and their orientation.

Cohen, Afshar, Tapson and van Schaik, "EMNIST: an extension of MNIST to
handwritten letters", 2017. Its images are stored column by column, both in IDX
files and in CSV, and its letters are counted from 1. Its MATLAB files are not
read: that would require SciPy, for the same images.
"""

import string

import numpy as np

from mnistcnn.data.dataset import DIGITS

_MERGED = (*DIGITS, *string.ascii_uppercase, *"abdefghnqrt")
# From the data's mapping files.
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
    """Converts EMNIST's arrays to MNIST's form; others are unchanged.

    Args:
        prefix: of the files' names, for example `"emnist-letters"`.
        arrays: images `(n, 28, 28)` and labels `(n,)` by key.

    Returns:
        The arrays, images upright and labels from 0; and the names of the
        classes, `None` if it is not EMNIST.

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
        # 0 wraps to 255 in uint8, which is refused as well.
        else array - array.dtype.type(first)
        for key, array in arrays.items()
    }
    return turned, classes
