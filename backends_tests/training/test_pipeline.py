import dataclasses

import numpy as np
import pytest
from mnistcnn.training.mixture import NONE, draw_mixture, split

from mnistcnn.errors import ConfigError
from mnistcnn.training import TrainConfig

pytestmark = pytest.mark.core


def test_a_mixture_is_digits_and_then_none():
    images, labels = draw_mixture(40, 25, seed=3)
    assert images.shape == (65, 28, 28) and images.dtype == np.uint8
    assert images.any(axis=(1, 2)).all()
    assert (labels[:40] < 10).all() and (labels[40:] == NONE).all()
    assert len(set(labels[:40].tolist())) > 5


def test_the_seed_decides():
    one, again, other = (draw_mixture(5, 5, seed=s)[0] for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_digits_do_not_depend_on_how_many_are_none():
    alone, _ = draw_mixture(5, 0, seed=1)
    beside, _ = draw_mixture(5, 5, seed=1)
    np.testing.assert_array_equal(alone, beside[:5])


def test_what_is_held_out_is_left_alone(digits):
    config = TrainConfig(validation=0.3, drawn=20, nondigits=10)
    x, y, x_held, y_held = split(digits, config)
    plain = digits.split(0.3)
    np.testing.assert_array_equal(x[:700], plain[0])
    assert len(x) == len(y) == 730 and y.dtype == np.uint8
    assert (y == NONE).sum() == 10
    np.testing.assert_array_equal(x_held, plain[2])
    np.testing.assert_array_equal(y_held, plain[3])


def test_other_classes_are_refused(digits):
    letters = dataclasses.replace(digits, classes=tuple("abcdefghij"))
    with pytest.raises(ConfigError, match="drawn is 3 and nondigits is 0"):
        split(letters, TrainConfig(drawn=3))
    assert len(split(letters, TrainConfig())) == 4
