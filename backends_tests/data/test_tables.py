import os

import numpy as np
import pytest

from mnistcnn.data import load_data, tables
from mnistcnn.errors import DataError

pytestmark = pytest.mark.core

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (60, 28, 28), dtype=np.uint8)
Y = np.arange(60) % 10
PIXELS = [f"pixel{i}" for i in range(784)]
HEADS = {
    "Kaggle's": ["label", *PIXELS],
    "MNIST in CSV": [
        "label",
        *(f"{row}x{column}" for row in range(1, 29) for column in range(1, 29)),
    ],
    "OpenML's": [*PIXELS, "class"],
    "numbered": ["", "label", *PIXELS],
    "quoted": ['"label"', *(f'"{name}"' for name in PIXELS)],
    "none": None,
}


def write(path, head="Kaggle's", x=X, y=Y, delimiter=",", start="", end="\n"):
    names = HEADS.get(head, head)
    rows = [
        [str(label), *map(str, image.ravel())]
        for image, label in zip(x, y, strict=True)
    ]
    if names and names[-1] == "class":
        rows = [[*row[1:], row[0]] for row in rows]
    if names and names[0] == "":
        rows = [[str(i), *row] for i, row in enumerate(rows)]
    lines = [delimiter.join(row) for row in ([names] if names else []) + rows]
    path.write_bytes((start + end.join(lines) + end).encode())
    return path


def assert_whole(data):
    """All images are there, of each class every fifth as a test."""
    tested = np.zeros(60, bool)
    for label in range(10):
        tested[np.flatnonzero(label == Y)[4::5]] = True
    np.testing.assert_array_equal(data.x_train, X[~tested])
    np.testing.assert_array_equal(data.y_train, Y[~tested])
    np.testing.assert_array_equal(data.x_test, X[tested])
    np.testing.assert_array_equal(data.y_test, Y[tested])


@pytest.mark.parametrize("head", HEADS)
def test_each_form_is_read(tmp_path, head):
    data = load_data(str(write(tmp_path / "mine.csv", head)))
    assert_whole(data)
    assert data.name == "mine.csv"
    assert "60 images and no test set, so every 5th of each" in data.about


@pytest.mark.parametrize(
    "options",
    [
        {"delimiter": ";"},
        {"delimiter": "\t"},
        {"start": "\ufeff"},
        {"end": "\r\n"},
        {"end": "\n\n"},
        {"x": X.astype(float)},
    ],
    ids=["semicolon", "tab", "mark", "Windows", "blank lines", "floats"],
)
def test_so_is_what_programs_make_of_it(tmp_path, options):
    assert_whole(load_data(str(write(tmp_path / "mine.csv", **options))))


def test_a_table_of_a_test_set_is_one(tmp_path):
    data = load_data(str(write(tmp_path / "mnist_test.csv")))
    np.testing.assert_array_equal(data.x_test, X)
    assert len(data.x_train) == 0


@pytest.mark.parametrize("head", ["Kaggle's", "none"])
def test_a_folder_has_both(tmp_path, head):
    write(tmp_path / "mnist_train.csv", head)
    write(tmp_path / "mnist_test.csv", head, X[:9], Y[:9])
    data = load_data(str(tmp_path))
    np.testing.assert_array_equal(data.x_train, X)
    np.testing.assert_array_equal(data.y_test, Y[:9])


def test_kaggle_s_test_set_without_labels_is_left_out(tmp_path):
    write(tmp_path / "train.csv")
    (tmp_path / "sample_submission.csv").write_text("ImageId,Label\n1,0\n")
    lines = [",".join(PIXELS), ",".join(["0"] * 784)]
    (tmp_path / "test.csv").write_text("\n".join(lines))
    data = load_data(str(tmp_path))
    assert_whole(data)
    assert "test.csv has no labels and is left out; 60 images" in data.about
    with pytest.raises(DataError, match="784 columns of pixels and no labels"):
        load_data(str(tmp_path / "test.csv"))


def test_other_classes_are_told(tmp_path):
    path = write(tmp_path / "letters.csv", y=Y + 16)
    with pytest.raises(DataError, match=r"letters.csv: y_train\[0\] is 16"):
        load_data(str(path))
    names = tuple("abcdefghijklmnopqrstuvwxyz")
    assert load_data(str(path), classes=names).y_train.max() == 25


@pytest.mark.parametrize(
    ("name", "first", "classes"),
    [("emnist-letters", 1, 26), ("emnist-balanced", 0, 47)],
)
def test_emnist_s_tables_are_turned_and_named(tmp_path, name, first, classes):
    path = tmp_path / f"{name}-test.csv"
    data = load_data(str(write(path, "none", X.transpose(0, 2, 1), Y + first)))
    np.testing.assert_array_equal(data.x_test, X)
    np.testing.assert_array_equal(data.y_test, Y)
    assert len(data.classes) == classes


ROW = ",".join(["0"] * 785)
BAD = {
    "empty": ("", "begins with 1 columns"),
    "words": ("hello\nworld\n", "begins with 1 columns .'hello'"),
    "few": ("label,pixel0\n0,0\n", "begins with 2 columns"),
    "HTML": ("<html>\n", "begins with 1 columns"),
    "head alone": (",".join(HEADS["Kaggle's"]), "no table of numbers"),
    "ragged": (f"{ROW}\n{ROW},0\n1,2\n", "no table of numbers .*columns"),
    "a word": (f"{ROW}\n{ROW[:-1]}x\n", "no table of numbers .*convert"),
    "too bright": (f"1{ROW[1:-1]}256\n{ROW}\n", "from 0.0 to 256.0. Expected"),
    "negative": (f"1{ROW[1:-1]}-1\n{ROW}\n", "values from -1.0 to"),
    "nan": (f"1{ROW[1:]}\n1{ROW[1:-1]}nan\n", "Expected finite ones"),
    "scaled": (f"1{ROW[1:]}\n1{ROW[1:-1]}0.5\n" * 3, "no value above 1"),
    "labels behind": (
        "\n".join(f"{ROW[:-1]}{label}" for label in range(9)),
        "its first column, the labels, is 0 throughout",
    ),
    "a label of 12": (f"12{ROW[1:]}\n", r"y_train\[0\] is 12"),
    "half a label": (f"1.5{ROW[1:]}\n", r"y_train\[0\] is 1.5"),
    "one row": (f"1{ROW[1:]}\n", "fewer than 5 of every class"),
    "a long line": ("1" * 70_000, "a line of more than 65,536 bytes"),
    "bytes": ("\udcff\udcfe" * 9, "begins with 1 columns"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_table_of_pixels_is_refused(tmp_path, kind):
    content, text = BAD[kind]
    path = tmp_path / "a.csv"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError, match=text) as caught:
        load_data(str(path))
    assert str(path) in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_large_table_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path / "a.csv")
    monkeypatch.setattr(tables, "MAX_BYTES", path.stat().st_size - 1)
    with pytest.raises(DataError, match="has more than .* bytes. Expected"):
        load_data(str(path))


def test_several_tables_of_a_kind_are_refused(tmp_path):
    for name in ("a.csv", "b.csv"):
        write(tmp_path / name)
    with pytest.raises(DataError, match=r"has a.csv and b.csv. Expected one"):
        load_data(str(tmp_path))


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "train.csv")
    for path in (tmp_path, tmp_path / "train.csv"):
        with pytest.raises(DataError, match="[iI]s a pipe"):
            load_data(str(path))
