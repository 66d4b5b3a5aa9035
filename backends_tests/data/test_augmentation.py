import numpy as np
import pytest

from mnistcnn.data import augmentation, warp

pytestmark = pytest.mark.core


def cross():
    image = np.zeros((28, 28), np.uint8)
    image[6:22, 13:15] = 255
    image[13:15, 8:20] = 255
    return image


def test_each_image_is_warped_by_amounts_of_its_own(rng):
    images = np.stack([cross()] * 20)
    warped = warp(images, rng)
    assert warped.shape == images.shape and warped.dtype == np.uint8
    assert len({image.tobytes() for image in warped}) == 20


def test_the_generator_decides():
    images = np.stack([cross()] * 5)
    first, again, other = (
        warp(images, np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("elastic", [0, 1.5])
def test_it_can_be_ended_in_between(elastic, rng, monkeypatch):
    monkeypatch.setattr(augmentation, "_CHUNK", 2)
    calls = iter([None, None, KeyboardInterrupt])

    def check():
        if error := next(calls):
            raise error

    with pytest.raises(KeyboardInterrupt):
        warp(np.stack([cross()] * 9), rng, elastic=elastic, check=check)


@pytest.mark.parametrize("elastic", [0, 1.5])
def test_images_can_be_warped_where_they_are(elastic, monkeypatch):
    monkeypatch.setattr(augmentation, "_CHUNK", 2)
    images = np.stack([cross()] * 5)
    new = warp(images, np.random.default_rng(3), elastic=elastic)
    rng = np.random.default_rng(3)
    assert warp(images, rng, elastic=elastic, out=images) is images
    assert np.array_equal(images, new)


def test_no_strength_changes_nothing(rng):
    images = np.stack([cross()])
    warped = warp(images, rng, strength=0)
    assert np.array_equal(warped, images)
    assert warped is not images


def test_bending_is_done_besides(rng):
    """By next to nothing, it leaves what the others did; by more, not."""
    images = np.stack([cross()] * 20)
    plain, hardly, bent = (
        warp(images, np.random.default_rng(3), elastic=pixels).astype(float)
        for pixels in (0, 1e-6, 1.5)
    )
    # OpenCV's two functions round to 1/32 of a pixel each in its own way.
    assert np.abs(plain - hardly).max() <= 16
    assert np.abs(plain - bent).mean() > 5
    assert len({image.tobytes() for image in bent}) == 20


def test_bending_alone_keeps_an_image_s_middle(rng):
    images = np.stack([cross()] * 500)
    bent = warp(images, rng, strength=0, elastic=1.0).astype(float)
    rows = (bent.sum(axis=2) @ np.arange(28)) / bent.sum(axis=(1, 2))
    assert 0.1 < rows.std() < 1.0
    assert abs(rows.mean() - 13.5) < 0.1


def test_chunks_are_seamless(monkeypatch):
    images = np.stack([cross()] * 7)
    whole = warp(images, np.random.default_rng(1), elastic=1.0)
    monkeypatch.setattr(augmentation, "_CHUNK", 3)
    parts = warp(images, np.random.default_rng(1), elastic=1.0)
    assert np.array_equal(whole, parts)


def test_ink_stays_in_the_picture_and_near_its_place(rng):
    images = np.stack([cross()] * 200)
    warped = warp(images, rng).astype(float)
    ratio = warped.sum(axis=(1, 2)) / cross().sum()
    assert ratio.min() > 0.6 and ratio.max() < 1.6
    rows = (warped.sum(axis=2) @ np.arange(28)) / warped.sum(axis=(1, 2))
    assert np.abs(rows - 13.5).max() < 3
    assert np.abs(rows - 13.5).mean() > 0.3
