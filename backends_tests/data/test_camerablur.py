import numpy as np
import pytest

from mnistcnn.data import defocus, draw_strokes
from mnistcnn.ink import print_digits
from mnistcnn.pictures import ink_to_image

pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def printed():
    digits = print_digits(200, np.random.default_rng(0))
    return draw_strokes(digits, np.full(200, 2.0))


def test_blurred_ink_is_bold_and_in_the_form_of_mnist(printed):
    before = printed.copy()
    one, again = (defocus(printed, np.random.default_rng(3)) for _ in "ab")
    np.testing.assert_array_equal(one, again)
    np.testing.assert_array_equal(printed, before)
    assert one.shape == printed.shape and one.dtype == np.uint8
    bolder = one.mean(axis=(1, 2)) > 1.2 * printed.mean(axis=(1, 2))
    assert bolder.mean() > 0.9
    assert (one.max(axis=(1, 2)) == 255).all()
    rows = (one > 0).any(axis=2).sum(axis=1)
    assert ((rows >= 18) & (rows <= 20)).all()


def test_what_has_no_ink_has_none_behind_it():
    blank = np.zeros((2, 28, 28), np.uint8)
    rng = np.random.default_rng(0)
    assert not defocus(blank, rng).any()
    assert defocus(blank[:0], rng).shape == (0, 28, 28)


def test_blurred_ink_is_placed_as_a_pictures_is(printed):
    for image in defocus(printed[:3], np.random.default_rng(5)):
        assert np.abs(ink_to_image(image).astype(int) - image).max() <= 1
