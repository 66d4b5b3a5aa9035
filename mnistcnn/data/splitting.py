"""The test set of data that have none."""

import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError

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
