import cv2
import numpy as np
import pytest

from mnistcnn.errors import DataError
from mnistcnn.pictures import imagefile, read_image

pytestmark = pytest.mark.core


@pytest.fixture
def write(tmp_path):
    def write_image(array, name="a.png"):
        path = tmp_path / name
        cv2.imwrite(str(path), array)
        return path

    return write_image


def test_grey(write):
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert np.array_equal(read_image(write(image)), image)


def test_colours_are_red_green_blue(write):
    image = np.zeros((2, 2, 3), np.uint8)
    image[..., 0] = 200  # OpenCV writes blue first
    assert read_image(write(image))[0, 0].tolist() == [0, 0, 200]


def test_alpha_is_kept(write):
    image = np.zeros((2, 2, 4), np.uint8)
    image[0, 0] = (1, 2, 3, 4)
    assert read_image(write(image))[0, 0].tolist() == [3, 2, 1, 4]


def test_sixteen_bits_become_eight(write):
    image = np.array([[0, 257, 65535]], np.uint16)
    assert read_image(write(image)).tolist() == [[0, 1, 255]]


def test_floating_point_tiff(write):
    image = np.array([[0.0, 0.5, 1.0]], np.float32)
    assert read_image(write(image, "a.tiff")).tolist() == [[0, 127, 255]]


def test_a_photo_is_turned_upright(write):
    image = np.zeros((4, 8, 3), np.uint8)
    path = write(image, "a.jpg")
    data = path.read_bytes()
    # An EXIF segment that says: turned by 90 degrees.
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    segment = b"Exif\0\0" + tiff
    size = (len(segment) + 2).to_bytes(2, "big")
    path.write_bytes(data[:2] + b"\xff\xe1" + size + segment + data[2:])
    assert read_image(path).shape == (8, 4, 3)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "is no image that can be read: it begins with nothing"),
        (b"<html>", "begins with 3c68746d6c3e. Expected PNG, JPEG"),
        (b"\x89PNG\r\n\x1a\nxx", "is no image that can be read"),
    ],
)
def test_what_is_no_image_is_refused(content, text, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=text):
        read_image(path)


@pytest.mark.parametrize("name", ["none.png", "."])
def test_what_is_not_there_is_refused(name, tmp_path):
    with pytest.raises(DataError, match="cannot be opened .no such file"):
        read_image(tmp_path / name)


def test_what_is_too_large_is_refused(write, monkeypatch):
    path = write(np.zeros((50, 50), np.uint8))
    monkeypatch.setattr(imagefile, "MAX_PIXELS", 100)
    with pytest.raises(DataError, match="is no image that can be read"):
        read_image(path)
    monkeypatch.setattr(imagefile, "MAX_FILE_BYTES", 10)
    with pytest.raises(DataError, match="bytes. Expected an image of at mo"):
        read_image(path)
