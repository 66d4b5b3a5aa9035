import re

import numpy as np
import pytest

from mnistcnn.data import check_labels
from mnistcnn.errors import DataError

pytestmark = pytest.mark.core

LABELS = [2, 0, 1, 1]


@pytest.mark.parametrize(
    "labels",
    [
        LABELS,
        np.array(LABELS, np.int64),
        np.array(LABELS, ">u2"),
        np.array(LABELS, np.float32),
        np.array(LABELS)[:, None],
        np.eye(3)[LABELS],
        np.eye(3, dtype=int)[LABELS],
        np.eye(3, dtype=bool)[LABELS],
        np.eye(3)[LABELS].tolist(),
    ],
)
def test_what_means_one_thing_only_is_taken(labels):
    checked = check_labels(labels, 3)
    assert checked.dtype == np.uint8
    assert checked.tolist() == LABELS


@pytest.mark.parametrize("labels", [[], np.zeros((0, 1)), np.zeros((0, 3))])
def test_no_labels_are_none(labels):
    assert check_labels(labels, 3).shape == (0,)


def test_as_many_labels_as_classes_are_not_one_hot():
    assert check_labels([2, 0, 1], 3).tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        ([0, 3, 3], "mine[1] is 3 (2 such labels). Expected 0..2: correct or"),
        ([-1, 0], "mine[0] is -1 (1 such"),
        ([1, 2, 3], "mine[2] is 3, and none is 0. Expected 0..2: they count"),
        ([0.5, 1], "mine[0] is 0.5. Expected whole numbers 0..2"),
        ([0, np.nan], "mine[1] is nan. Expected whole"),
        ([0, np.inf], "mine[1] is inf (1 such"),
        ([2**64 - 1], f"mine[0] is {2**64 - 1}"),
        ([True, False], "mine has dtype bool. Expected whole numbers"),
        (["0", "1"], "mine has dtype <U1"),
        ([0j], "mine has dtype complex128"),
        ([None], "mine has dtype object"),
        (np.zeros((4, 2)), "mine has shape (4, 2). Expected (n,), one whole"),
        (np.zeros((4, 3, 1)), "mine has shape (4, 3, 1)"),
        (1, "mine has shape ()"),
        (np.ones((4, 3)), "mine[0] is [1.0, 1.0, 1.0]. Expected one-hot rows"),
        (np.eye(3) / 2, "mine[0] is [0.5, 0.0, 0.0]. Expected one-hot"),
        (np.eye(4)[:, :3], "mine[3] is [0.0, 0.0, 0.0]. Expected one-hot"),
        ([[1, 2], [3]], "mine is no array (ValueError: "),
    ],
)
def test_what_does_not_is_refused(labels, text):
    with pytest.raises(DataError, match=re.escape(text)) as caught:
        check_labels(labels, 3, "mine")
    assert "Expected" in str(caught.value)
