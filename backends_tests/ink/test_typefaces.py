import itertools

import numpy as np
import pytest

from mnistcnn.data import draw_strokes
from mnistcnn.ink import PRINTED, print_digits
from mnistcnn.ink.typefaces import TYPEFACES

pytestmark = pytest.mark.core


def test_digits_are_printed_equally_often():
    digits = print_digits(43, np.random.default_rng(0))
    counts = np.unique(digits.labels, return_counts=True)
    assert counts[0].tolist() == list("0123456789")
    assert counts[1].tolist() == [5] * 3 + [4] * 7
    assert set(digits.writers) == {PRINTED}


def test_the_seed_decides():
    one, again, other = (
        print_digits(30, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.points, again.points)
    assert not np.array_equal(one.points, other.points)


def test_digits_are_as_wide_as_typefaces_have_them():
    digits = print_digits(500, np.random.default_rng(0))
    low, high = digits.boxes().transpose(1, 0, 2)
    wide, tall = (high - low).T
    round_ones = np.isin(digits.labels, list("023568"))
    assert 0.5 < np.median((wide / tall)[round_ones]) < 0.7
    assert np.abs(tall - 1).max() < 0.2


def test_forms_of_a_digit_differ():
    rng = np.random.default_rng(0)
    for label, forms in TYPEFACES.items():
        assert len(forms) == len(set(forms)) > 1, label
    # As do those that have one form: typefaces are a little apart.
    digits = print_digits(400, rng)
    images = draw_strokes(digits, np.full(400, 4.0)).astype(int)
    ones = images[digits.labels == "1"]
    gaps = [np.abs(a - b).mean() for a, b in itertools.pairwise(ones)]
    assert min(gaps) > 1
