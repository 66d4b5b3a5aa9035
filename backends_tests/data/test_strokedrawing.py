import numpy as np
import pytest

from mnistcnn.data import draw_strokes
from mnistcnn.ink import draw_digit
from mnistcnn.pictures import strokes_to_image

pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def characters(make_strokes):
    rng = np.random.default_rng(0)
    samples = [(str(i % 10), draw_digit(i % 10, rng)) for i in range(60)]
    samples[7] = ("1", [np.array([[3.0, 3.0]])])  # one point
    return make_strokes(samples, ["me"] * 60)


def test_many_are_drawn_as_one_is(characters):
    widths = np.linspace(1.5, 7, 60)
    images = draw_strokes(characters, widths)
    assert images.shape == (60, 28, 28) and images.dtype == np.uint8
    near = 0
    for index, image in enumerate(images):
        one = strokes_to_image(characters.strokes(index), widths[index])
        # Where the centre of mass is at the edge of a pixel, it may lie one
        # aside.
        moved = [
            np.abs(np.roll(image, (y, x), (0, 1)).astype(int) - one)
            for x in (0, -1, 1)
            for y in (0, -1, 1)
        ]
        gap = min(float(gap.mean()) for gap in moved)
        assert gap < 4
        near += moved[0].mean() == gap
    assert near > 50


def test_how_many_there_are_changes_nothing(characters):
    many = characters.take(np.arange(1100) % 60)
    images = draw_strokes(many, np.full(1100, 2.0))
    alone = draw_strokes(characters.take([1090 % 60]), np.full(1, 2.0))
    np.testing.assert_array_equal(images[1090], alone[0])
    assert draw_strokes(many.take(slice(0)), np.zeros(0)).shape == (0, 28, 28)


def test_a_broad_pen_does_not_reach_its_neighbours(characters):
    dots = characters.take(np.full(40, 7))
    widths = np.full(40, 0.5)
    widths[::2] = 50
    images = draw_strokes(dots, widths)
    assert (images[1::2] > 0).sum(axis=(1, 2)).max() <= 4
    assert (images[::2] > 0).sum(axis=(1, 2)).max() <= 52
    np.testing.assert_allclose(images[::2], images[:1].repeat(20, 0), atol=9)
