import gzip
import string
import struct

import numpy as np
import pytest

from mnistcnn.data import KEYS, load_data
from mnistcnn.errors import DataError

pytestmark = pytest.mark.core

RNG = np.random.default_rng(0)
ARRAYS = {
    "x_train": RNG.integers(0, 256, (30, 28, 28), dtype=np.uint8),
    "y_train": np.arange(30, dtype=np.uint8) % 10,
    "x_test": RNG.integers(0, 256, (10, 28, 28), dtype=np.uint8),
    "y_test": np.arange(10, dtype=np.uint8),
}


def idx(array):
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return head + array.tobytes()


def write(folder, form, keys=KEYS, change=lambda array: array):
    for key in keys:
        split = "train" if key.endswith("train") else "test"
        what, n = ("images", 3) if key[0] == "x" else ("labels", 1)
        name = form.format(split=split, what=what, n=n)
        if "emnist" not in form:
            name = name.replace("test", "t10k")
        body = idx(change(ARRAYS[key]))
        body = gzip.compress(body) if name.endswith(".gz") else body
        (folder / name).write_bytes(body)
    return folder


FORMS = [
    "{split}-{what}-idx{n}-ubyte",
    "{split}-{what}.idx{n}-ubyte",
    "{split}-{what}-idx{n}-ubyte.gz",
    "{split}-{what}.idx{n}-ubyte.gz",
    "qmnist-{split}-{what}-idx{n}-ubyte",
]


@pytest.mark.parametrize("form", FORMS)
def test_files_have_many_names(tmp_path, form):
    write(tmp_path, form)
    for path in (tmp_path, *tmp_path.iterdir()):
        data = load_data(str(path))
        for key in KEYS:
            np.testing.assert_array_equal(getattr(data, key), ARRAYS[key])


@pytest.mark.parametrize("form", FORMS)
def test_a_test_set_alone_is_one(tmp_path, form):
    data = load_data(str(write(tmp_path, form, KEYS[2:])))
    np.testing.assert_array_equal(data.x_test, ARRAYS["x_test"])
    assert data.x_train.shape == (0, 28, 28)


def test_a_training_set_alone_is_split(tmp_path):
    write(tmp_path, FORMS[0], KEYS[:2])
    with pytest.raises(DataError, match="fewer than 5 of every class"):
        load_data(str(tmp_path))


def upright(array):
    return array.transpose(0, 2, 1) if array.ndim == 3 else array


def from_one(array):
    return upright(array) if array.ndim == 3 else array + np.uint8(1)


EMNIST = "emnist-{name}-{{split}}-{{what}}-idx{{n}}-ubyte.gz"


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_emnist_is_turned_upright(tmp_path, name):
    write(tmp_path, EMNIST.format(name=name), change=upright)
    data = load_data(str(tmp_path))
    for key in KEYS:
        np.testing.assert_array_equal(getattr(data, key), ARRAYS[key])
    assert data.classes == tuple(string.digits)


def test_emnist_s_letters_count_from_one(tmp_path):
    write(tmp_path, EMNIST.format(name="letters"), change=from_one)
    data = load_data(str(tmp_path))
    np.testing.assert_array_equal(data.y_train, ARRAYS["y_train"])
    np.testing.assert_array_equal(data.x_train, ARRAYS["x_train"])
    assert data.classes == tuple(string.ascii_uppercase)


def test_a_letter_of_0_is_refused(tmp_path):
    write(tmp_path, EMNIST.format(name="letters"), change=upright)
    with pytest.raises(DataError, match=r"y_train\[0\] is 255"):
        load_data(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "classes", "some"),
    [
        ("balanced", 47, {0: "0", 10: "A", 35: "Z", 36: "a", 46: "t"}),
        ("bymerge", 47, {36: "a", 37: "b", 38: "d", 45: "r"}),
        ("byclass", 62, {9: "9", 10: "A", 36: "a", 61: "z"}),
    ],
)
def test_emnist_names_its_classes(tmp_path, name, classes, some):
    data = load_data(str(write(tmp_path, EMNIST.format(name=name))))
    assert len(data.classes) == classes
    assert {index: data.classes[index] for index in some} == some


def test_of_several_data_sets_one_is_named_by_a_file(tmp_path):
    for name in ("digits", "letters"):
        write(tmp_path, EMNIST.format(name=name), change=from_one)
    with pytest.raises(
        DataError,
        match="several data sets: emnist-digits, emnist-letters. Expected one",
    ):
        load_data(str(tmp_path))
    path = tmp_path / "emnist-letters-test-labels-idx1-ubyte.gz"
    assert load_data(str(path)).classes == tuple(string.ascii_uppercase)


def test_emnist_s_matlab_file_is_named(tmp_path):
    path = tmp_path / "emnist-letters.mat"
    path.write_bytes(b"MATLAB 5.0 MAT-file, Platform: GLNXA64" + bytes(99))
    text = "is a MATLAB file; EMNIST is also available as IDX files"
    with pytest.raises(DataError, match=text):
        load_data(str(path))
