"""Parts of data: the first images, a share, a test set where there is none."""

import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError
from mnistcnn.units import take_number, take_whole

TEST_EVERY = 5


def choose_tested(labels: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Chooses every fifth image of each class, in order.

    The split stays the same when images are added.

    Args:
        labels: `(n,)`.

    Returns:
        `(n,)` bool: which images are for the test.

    Raises:
        DataError: no class has five images.

    Example:
        >>> choose_tested(np.zeros(6, np.uint8)).nonzero()[0].tolist()
        [4]
    """
    tested = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        same = np.flatnonzero(labels == label)
        tested[same[TEST_EVERY - 1 :: TEST_EVERY]] = True
    if not tested.any():
        raise DataError(
            f"There are {len(labels)} labelled images, fewer than {TEST_EVERY} "
            f"of every class. Expected {TEST_EVERY} or more of at least one "
            "class, since every fifth is kept for the test: add more."
        )
    return tested


def take_limit(limit: object) -> int | None:
    """Converts a limit of images to a whole number.

    Args:
        limit: a whole number of any type, or `None`.

    Raises:
        DataError: it is none, or below 1.

    Example:
        >>> take_limit(5.0)
        5
    """
    if limit is None:
        return None
    number = take_whole(limit)
    if number is None or number < 1:
        raise DataError(
            f"The limit is {str(limit)[:40]}. Expected 1 or more images, a "
            "whole number, or none."
        )
    return number


def take_part(validation: object) -> float:
    """Converts the share that is held out; a `DataError` if it is none.

    Args:
        validation: a number of any type, 0 or more.

    Example:
        >>> take_part(0.3)
        0.3
    """
    number = take_number(validation)
    if number is None or number < 0:
        raise DataError(
            f"validation is {str(validation)[:40]}. Expected the share that "
            "is held out, 0 to below 1."
        )
    return float(number)
