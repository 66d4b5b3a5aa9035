import dataclasses
import re
import warnings

import numpy as np
import pytest

from mnistcnn.data import KEYS, Dataset
from mnistcnn.errors import DataError, DataWarning

pytestmark = pytest.mark.core


def make(n=40, m=10, **changes):
    rng = np.random.default_rng(0)
    parts = {
        "x_train": rng.integers(0, 256, (n, 28, 28), dtype=np.uint8),
        "y_train": np.arange(n) % 10,
        "x_test": rng.integers(0, 256, (m, 28, 28), dtype=np.uint8),
        "y_test": np.arange(m) % 10,
    }
    return Dataset(**(parts | {"name": "mine"} | changes))


X = make().x_train
Y = make().y_train


# === The rules for files hold for what is made by hand ===


@pytest.mark.parametrize(
    "changes",
    [
        {"x_train": X[..., None]},
        {"x_train": X[:, None]},
        {"x_train": X.astype(np.float32)},
        {"x_train": X.astype(np.int64).tolist()},
        {"y_train": Y.astype(np.int64)},
        {"y_train": Y[:, None]},
        {"y_train": np.eye(10)[Y]},
        {"y_train": Y.tolist(), "classes": range(10)},
    ],
)
def test_what_can_mean_one_thing_only_is_converted(changes):
    data = make(**changes)
    for found, expected in ((data.x_train, X), (data.y_train, Y)):
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, expected)
    assert data.digest == make().digest
    assert data.classes == tuple("0123456789")


def test_an_array_without_a_mask_is_kept_and_a_mask_is_not():
    data = make(x_train=X, x_test=np.ma.array(X), y_test=Y)
    assert data.x_train is X
    assert type(data.x_test) is np.ndarray


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"x_train": np.ma.masked_less(X, 3)}, "x_train has masked values"),
        ({"y_train": np.ma.masked_equal(Y, 3)}, "y_train has masked values (4"),
        ({"classes": dict.fromkeys("0123456789")}, "classes is a dict. Ex"),
        ({"classes": frozenset("0123456789")}, "classes is a frozenset."),
        ({"classes": 10}, "classes is a int. Expected the classes' names in"),
        ({"x_train": X / 255}, "x_train has dtype float64 and no value above"),
        ({"x_train": X / 2}, "x_train has dtype float64 and fractions"),
        ({"x_train": X > 9}, "x_train has dtype bool"),
        ({"x_train": X - 1.0}, "x_train has values from -1.0"),
        ({"x_train": np.zeros((40, 32, 32))}, "x_train has shape (40, 32, 32)"),
        ({"x_test": np.zeros((10, 784))}, "x_test has shape (10, 784)"),
        ({"x_test": X[:9]}, "9 images in x_test but 10 labels in y_test"),
        (
            {"x_train": [], "y_train": []},
            "x_train has shape (0,)",
        ),
        (
            {k: X[:0] if k[0] == "x" else [] for k in KEYS},
            "There is no image, neither in x_train nor in x_test",
        ),
        ({"y_train": Y + 1}, "y_train[9] is 10, and none is 0"),
        ({"y_train": Y.astype(int) - 1}, "y_train[0] is -1"),
        ({"y_train": Y + 0.5}, "y_train[0] is 0.5"),
        ({"y_train": Y[:39]}, "40 images in x_train but 39 labels in y_train"),
        ({"y_train": Y.astype(str)}, "y_train has dtype <U"),
        ({"classes": tuple("abc")}, "y_train[3] is 3"),
        ({"classes": ("a",)}, "classes has 1 names"),
        ({"classes": tuple("aabcdefghi")}, "classes has 'a' twice"),
        (
            {"classes": tuple(map(str, range(999)))},
            "classes has too many names",
        ),
    ],
)
def test_what_cannot_is_refused(changes, text):
    with pytest.raises(DataError, match=re.escape(text)) as caught:
        make(**changes)
    assert "Expected" in str(caught.value)
    with pytest.raises(DataError, match=re.escape(text)):
        dataclasses.replace(make(), **changes)


def test_what_is_right_is_not_copied():
    data = make()
    again = dataclasses.replace(data, name="again")
    assert again.x_train is data.x_train and again.x_test is data.x_test


def test_there_may_be_a_test_set_alone():
    data = make(x_train=X[:0], y_train=[])
    assert data.x_train.shape == (0, 28, 28)
    with pytest.raises(DataError, match="0 training images with 30% held out"):
        data.split(0.3)


def test_or_a_training_set_alone():
    data = make(x_test=X[:0], y_test=[])
    assert [len(part) for part in data.split(0.5)] == [20, 20, 20, 20]


# === What is said ===


@pytest.mark.parametrize(
    "labels",
    [np.sort(Y), np.sort(Y)[::-1], np.repeat([3, 1, 2, 0], 10)],
    ids=["up", "down", "blocks"],
)
def test_a_training_set_that_is_sorted_by_class_is_said(labels):
    text = "mine: the training set is sorted by class.*shuffle images and lab"
    with pytest.warns(DataWarning, match=text) as caught:
        make(y_train=labels, y_test=labels[:10])
    assert caught[0].filename == __file__


def test_so_is_one_of_a_single_class():
    with pytest.warns(DataWarning, match="all training images are of one"):
        make(y_train=np.full(40, 7), y_test=np.full(10, 7))


def test_a_held_out_part_with_other_classes_is_said():
    labels = np.arange(200) % 7
    labels[150:] = np.arange(50) % 10
    data = make(200, y_train=labels, y_test=labels[:10])
    text = "mine: the held-out 25% has classes that training lacks: 7, 8, 9"
    with pytest.warns(DataWarning, match=text):
        data.split(0.25)


def test_so_is_a_test_set_with_other_classes():
    text = "mine: the test set has classes that training lacks: 8, 9. Expected"
    with pytest.warns(DataWarning, match=text):
        make(200, y_train=np.arange(200) % 8)


@pytest.mark.parametrize(
    ("images", "text"),
    [(X // 255, "no value above 1"), (255 - X // 9, "bright rims")],
)
def test_scaled_and_inverted_images_are_said(images, text):
    images = np.array(images)
    images[:, 9:19, 9:19] //= 2
    with pytest.warns(DataWarning, match=f"x_train has {text}"):
        make(x_train=images)


def test_small_and_mixed_data_are_taken_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(19, y_train=np.sort(np.arange(19) % 4))
        make(30, y_train=np.arange(30) % 3).split(0.5)
        make(200).split(0.3)
