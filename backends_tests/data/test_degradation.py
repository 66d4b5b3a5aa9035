import numpy as np
import pytest

from mnistcnn.data import degradation as ways
from mnistcnn.data import degrade

pytestmark = pytest.mark.core


@pytest.mark.parametrize("way", ways._WAYS)
def test_each_way_changes_images_and_keeps_their_form(way, digits, rng):
    images = digits.x_train[:20].astype(np.float32)
    changed = way(images.copy(), rng)
    assert changed.shape == images.shape
    assert np.isfinite(changed).all()
    assert (changed != images).any(axis=(1, 2)).mean() >= 0.3


def test_a_share_is_degraded_and_the_rest_left(digits):
    images = digits.x_train[:200]
    before = images.copy()
    one, again = (degrade(images, np.random.default_rng(3), 0.5) for _ in "ab")
    np.testing.assert_array_equal(one, again)
    np.testing.assert_array_equal(images, before)
    changed = (one != images).any(axis=(1, 2))
    assert 0.35 < changed.mean() <= 0.5 and one.dtype == np.uint8
    none = degrade(images, np.random.default_rng(3), 0)
    np.testing.assert_array_equal(none, images)
    assert degrade(images[:0], np.random.default_rng(3), 1).shape == (0, 28, 28)
