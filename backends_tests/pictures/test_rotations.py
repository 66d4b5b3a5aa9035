import cv2
import numpy as np
import pytest

from mnistcnn.pictures import average_rotations, rotations, turn

pytestmark = pytest.mark.core


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (5, 28, 28, 1)).astype(np.uint8)


@pytest.mark.parametrize("degrees", [0.5, 8, 45])
def test_images_are_turned_as_opencv_turns_them(images, degrees):
    # Smooth, as ink is: in noise, rounding a place changes a pixel by more.
    images = np.stack([cv2.blur(image, (3, 3))[..., None] for image in images])
    same, left, right = turn(images, degrees)
    np.testing.assert_array_equal(same, images)
    for turned, angle in ((left, degrees), (right, -degrees)):
        matrix = cv2.getRotationMatrix2D((13.5, 13.5), angle, 1)
        for image, each in zip(images, turned, strict=True):
            plain = image[..., 0].astype(np.float32)
            expected = cv2.warpAffine(plain, matrix, (28, 28))
            # OpenCV rounds places to a 32nd of a pixel.
            np.testing.assert_allclose(each[..., 0], expected, atol=5)
            assert np.abs(each[..., 0] - expected).mean() < 0.5


def test_the_answer_is_the_mean_of_three_looks_in_one_call(images):
    calls = []

    def predict(x):
        calls.append(x)
        return x[:, 4, 5:9, 0] ** 2

    found = average_rotations(predict, images, 8)
    expected = np.mean([look[:, 4, 5:9, 0] ** 2 for look in turn(images, 8)], 0)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert [len(x) for x in calls] == [15]


def test_many_images_are_looked_at_in_parts(images, monkeypatch):
    monkeypatch.setattr(rotations, "PART", 2)
    calls = []

    def predict(x):
        calls.append(len(x))
        return x.mean(axis=(1, 2))

    found = rotations.average_rotations(predict, images, 8)
    expected = np.mean([v.mean(axis=(1, 2)) for v in turn(images, 8)], axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert calls == [6, 6, 3]


def test_without_an_angle_images_are_looked_at_as_they_are(images):
    assert average_rotations(lambda x: x, images, 0) is images
    none = images[:0]
    assert average_rotations(lambda x: x, none, 8) is none
