import os

import cv2
import numpy as np
import pytest

from mnistcnn.data import classfolders, load_data
from mnistcnn.errors import DataError

pytestmark = pytest.mark.core


def picture(number):
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 10:18] = 200
    image[0, 0] = number
    return image


def write(folder, classes, n=5, kind=".png", first=0):
    """Writes images that tell their class, and the number of each."""
    for index, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for i in range(n):
            image = picture(first + index * n + i)
            cv2.imwrite(str(folder / name / f"img_{i}{kind}"), image)
    return folder


def test_class_folders_are_a_data_set(tmp_path):
    folder = write(tmp_path / "mine", "0123456789")
    data = load_data(str(folder))
    assert data.classes == tuple("0123456789")
    assert data.name == "mine"
    assert (len(data.x_train), len(data.x_test)) == (40, 10)
    assert "50 images and no test set, so every 5th" in data.about
    for x, y in ((data.x_train, data.y_train), (data.x_test, data.y_test)):
        np.testing.assert_array_equal(x[:, 0, 0] // 5, y)
        assert (x[:, 10, 12] == 200).all()
    # Not by class, and the same each time.
    assert (np.diff(data.y_train.astype(int)) < 0).any()
    assert load_data(str(folder)).digest == data.digest


@pytest.mark.parametrize(
    ("train", "test"),
    [("train", "test"), ("training", "testing"), ("Train", "val")],
)
def test_train_and_test_may_have_folders(tmp_path, train, test):
    write(tmp_path / train, "0123456789", n=3)
    write(tmp_path / test, "0123456789", n=1, first=100)
    data = load_data(str(tmp_path))
    assert (len(data.x_train), len(data.x_test)) == (30, 10)
    np.testing.assert_array_equal(data.x_test[:, 0, 0] - 100, data.y_test)
    assert not data.about


def test_a_test_folder_alone_is_one(tmp_path):
    write(tmp_path / "test", "0123456789", n=1)
    data = load_data(str(tmp_path))
    assert (len(data.x_train), len(data.x_test)) == (0, 10)


def test_names_are_the_folders_and_can_be_put_among_others(tmp_path):
    folder = write(tmp_path, ["shirt", "bag", "größe"])
    assert load_data(str(folder)).classes == ("bag", "größe", "shirt")
    known = ("bag", "coat", "größe", "shirt")
    data = load_data(str(folder), classes=known)
    assert data.classes == known and 1 not in data.y_train


def test_numbers_are_in_their_order(tmp_path):
    names = [str(i) for i in range(12)]
    assert load_data(str(write(tmp_path, names))).classes == tuple(names)


@pytest.mark.parametrize("kind", [".jpg", ".BMP", ".webp", ".tif", ".pgm"])
def test_images_are_of_any_kind(tmp_path, kind):
    data = load_data(str(write(tmp_path, "01", kind=kind)))
    assert len(data.x_train) == 8
    assert abs(int(data.x_train[0, 10, 12]) - 200) < 9


def test_colours_of_a_grey_image_are_grey(tmp_path):
    write(tmp_path, "01")
    for path in tmp_path.rglob("*.png"):
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        opaque = np.full((28, 28, 1), 255, np.uint8)
        image = np.concatenate([image, opaque], axis=2)
        cv2.imwrite(str(path), image if "1" in path.name else image[..., :3])
    data = load_data(str(tmp_path))
    assert data.x_train.shape == (8, 28, 28)
    assert (data.x_train[:, 10, 12] == 200).all()


def test_other_files_are_not_looked_at(tmp_path):
    write(tmp_path, "01")
    (tmp_path / "about.csv").write_text("hello\n")
    (tmp_path / "0" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "0" / ".hidden.png").write_bytes(b"x")
    (tmp_path / "nothing").mkdir()
    data = load_data(str(tmp_path))
    assert len(data.x_train) + len(data.x_test) == 10
    assert data.classes == tuple("0123456789")


@pytest.mark.parametrize(
    ("image", "text"),
    [
        (
            np.zeros((32, 32), np.uint8),
            "img_3.png has 32x32 pixels. Expected",
        ),
        (np.zeros((28, 28, 4), np.uint8), "img_3.png has transparent pixels"),
        (None, "img_3.png is a web page"),
        ("pipe", "img_3.png cannot be opened .Is a pipe"),
    ],
)
def test_images_of_another_form_are_refused(tmp_path, image, text):
    write(tmp_path, "01")
    path = tmp_path / "1" / "img_3.png"
    path.unlink()
    if image is None:
        path.write_bytes(b"<html>")
    elif isinstance(image, str):
        os.mkfifo(path)
    else:
        cv2.imwrite(str(path), image)
    with pytest.raises(DataError, match=text):
        load_data(str(tmp_path))


def test_names_that_are_none_are_refused(tmp_path):
    write(tmp_path, ["a", "b" * 50])
    with pytest.raises(DataError, match="Expected 1 to 40 printable"):
        load_data(str(tmp_path))


def test_too_many_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(classfolders, "MAX_IMAGES", 9)
    with pytest.raises(DataError, match="has more than 9 images"):
        load_data(str(write(tmp_path, "01")))


def test_one_class_is_no_data_set(tmp_path):
    with pytest.raises(DataError, match="has 1 names. Expected 2 to 256"):
        load_data(str(write(tmp_path, "a")))
