"""Checks of labels that come from outside.

Checked before anything runs, because a label out of range is an error on
PyTorch and TensorFlow but trains on silently, with loss 0, on JAX.
"""

import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError, warn
from mnistcnn.pictures import to_array

# In data sets with ten images of each class on average, a class is missing by
# chance in hardly one of 4,000.
_ENOUGH = 10
_SORTED = 20  # labels; fewer may be sorted by chance


def check_labels(
    labels: npt.ArrayLike, num_classes: int, what: str = "labels"
) -> npt.NDArray[np.uint8]:
    """Converts labels to indices of classes.

    Args:
        labels: `(n,)` or `(n, 1)` whole numbers, 0 to `num_classes - 1`, of
            any type of whole numbers or floats; or one-hot,
            `(n, num_classes)`, a single 1 in each row.
        num_classes: how many classes there are.
        what: the labels' name, for an error's line.

    Returns:
        `(n,)` uint8.

    Raises:
        DataError: another shape or type, a fraction, or a number out of
            range.

    Example:
        >>> check_labels([[0, 0, 1], [1, 0, 0]], 3).tolist()
        [2, 0]
    """
    array = to_array(labels, what)
    if not array.size and array.shape[:1] == (0,):
        return np.zeros(0, np.uint8)
    check_label_form(array.shape, array.dtype, num_classes, what)
    if array.ndim == 2:
        array = _flatten(array, what)
    if array.dtype.kind == "f":
        wrong = np.flatnonzero(array != np.round(array))
        if len(wrong):
            raise DataError(
                f"{what}[{wrong[0]}] is {array[wrong[0]]}. Expected whole "
                f"numbers 0..{num_classes - 1}: store the labels as integers."
            )
    wrong = np.flatnonzero(~((array >= 0) & (array < num_classes)))
    if len(wrong):
        first = f"{what}[{wrong[0]}] is {array[wrong[0]]}"
        if array.min() == 1 and array.max() == num_classes:
            raise DataError(
                f"{first}, and none is 0. Expected 0..{num_classes - 1}: they "
                "count from 1, so subtract 1."
            )
        raise DataError(
            f"{first} ({len(wrong)} such labels). Expected "
            f"0..{num_classes - 1}: correct or drop them, or name the "
            "classes if they are more."
        )
    return array.astype(np.uint8)


def check_label_form(
    shape: tuple[int, ...], dtype: np.dtype, num_classes: int, what: str
) -> None:
    """Checks shape and dtype of an array of labels.

    Args:
        shape: of the array.
        dtype: of the array.
        num_classes: how many classes there are.
        what: the labels' name.

    Raises:
        DataError: an array of this shape or dtype cannot hold labels.
    """
    if len(shape) not in (1, 2) or shape[1:] not in ((), (1,), (num_classes,)):
        raise DataError(
            f"{what} has shape {shape}. Expected (n,), one whole number an "
            f"image, or one-hot (n, {num_classes}): name the classes if they "
            "are more or fewer."
        )
    if dtype.kind not in ("iufb" if shape[1:] == (num_classes,) else "iuf"):
        raise DataError(
            f"{what} has dtype {dtype}. Expected whole numbers "
            f"0..{num_classes - 1}: store the labels as integers."
        )


def warn_of_order(labels: npt.NDArray[np.uint8], what: str) -> None:
    """Warns if a training set is sorted by class."""
    if len(labels) < _SORTED:
        return
    classes = len(np.unique(labels))
    if classes == 1:
        warn(
            f"{what}: all training images are of one class. Expected two or "
            "more to tell apart: were the first images of sorted data taken?"
        )
    elif np.count_nonzero(np.diff(labels)) == classes - 1:
        warn(
            f"{what}: the training set is sorted by class. Expected classes "
            "in any order, since its last part is held out: shuffle images "
            "and labels alike."
        )


def warn_of_absent(
    trained: npt.NDArray[np.uint8],
    held: npt.NDArray[np.uint8],
    classes: tuple[str, ...],
    what: str,
) -> None:
    """Warns if classes are scored that are never trained on.

    Args:
        trained: the labels of the training set.
        held: the labels of the scored part.
        classes: the classes' names.
        what: the name of that part.
    """
    absent = np.setdiff1d(held, trained)
    if len(absent) and len(trained) >= _ENOUGH * len(classes):
        names = ", ".join(classes[label] for label in absent[:8])
        warn(
            f"{what} has classes that training lacks: {names}"
            f"{', ...' if len(absent) > 8 else ''}. Expected all of them in "
            "the training set: shuffle it, or name the classes alike."
        )


def _flatten(array: np.ndarray, what: str) -> np.ndarray:
    if array.shape[1] == 1:
        return array[:, 0]
    ones = array == 1
    wrong = np.flatnonzero(
        (ones.sum(axis=1) != 1) | ((array != 0) != ones).any(axis=1)
    )
    if len(wrong):
        raise DataError(
            f"{what}[{wrong[0]}] is {str(array[wrong[0]].tolist())[:60]}. "
            "Expected one-hot rows, a single 1 in each: give one whole "
            "number an image."
        )
    return ones.argmax(axis=1)
