"""Underlines that a pen draws below a number are no part of its digits."""

import functools

import numpy as np
import pytest

from mnistcnn.ink import bounding_box, draw_digit
from mnistcnn.reading import (
    DigitClassifier,
    build_lattice,
    choose_signs,
    cut_strokes,
)
from mnistcnn.reading.underlines import find_underlines

pytestmark = pytest.mark.core


@functools.cache
def classifier():
    return DigitClassifier.from_pretrained()


@pytest.fixture(autouse=True)
def no_framework(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)


def line(*points):
    return np.array(points, np.float64)


def find(*strokes):
    boxes = np.array([bounding_box([stroke]) for stroke in strokes])
    return sorted(find_underlines(strokes, boxes))


def write(number, seed):
    """Digits of a generated hand, 100 tall, from 0 to the right."""
    rng, strokes, right = np.random.default_rng(seed), [], 0.0
    for label in number:
        digit = draw_digit(int(label), rng)
        points = np.concatenate(digit)
        scale = 100 / np.ptp(points[:, 1])
        strokes += [(s - points.min(0)) * scale + (right, 0) for s in digit]
        right = max(s[:, 0].max() for s in strokes) + 25
    return strokes, right - 25


@pytest.mark.parametrize("number", ["42", "9041", "57"])
@pytest.mark.parametrize("bars", [1, 2])
@pytest.mark.parametrize("before", [True, False])
def test_an_underlined_number_is_read_and_its_underline_named(
    number, bars, before
):
    strokes, right = write(number, seed=1)
    assert classifier().read_strokes(strokes).text == number
    below = [
        line(
            (-8, 106 + 14 * k), (right / 2, 109 + 14 * k), (right, 108 + 14 * k)
        )
        for k in range(bars)
    ]
    drawn = [*below, *strokes] if before else [*strokes, *below]
    page = classifier().read_strokes(drawn)
    assert page.text == number
    assert len(page.specks) == bars
    assert min(box[1] for box in page.specks) == 106
    # The digits have the indices that their strokes have in the drawing.
    own = set(range(bars, len(drawn)) if before else range(len(strokes)))
    assert {k for reading in page for k in reading.strokes} == own


def test_an_underline_of_the_last_digit_is_no_part_of_it():
    strokes, right = write("0124", seed=1)
    below = line((right - 110, 114), (right + 5, 110))
    page = classifier().read_strokes([*strokes, below])
    assert page.text == "0124" and len(page.specks) == 1


STEMS = line((10, 0), (8, 40)), line((30, 0), (28, 40))


def test_what_stands_beside_or_above_ink_is_no_underline():
    assert find(*STEMS, line((0, 50), (45, 51))) == [2]
    # Far below, right through, and bent.
    assert find(*STEMS, line((0, 70), (45, 71))) == []
    assert find(*STEMS, line((0, 25), (45, 25))) == []
    assert find(*STEMS, line((0, 50), (22, 58), (45, 50))) == []
    # Above them, beside them, steep, and alone.
    assert find(*STEMS, line((0, -10), (45, -10))) == []
    assert find(*STEMS, line((40, 50), (85, 51))) == []
    assert find(*STEMS, line((0, 45), (45, 65))) == []
    assert find(line((0, 50), (45, 51))) == []


def test_bars_of_one_digit_a_fraction_and_an_equals_sign_are_no_underlines():
    # The foot of a 1, the bar of a 5.
    assert find(STEMS[0], line((0, 40), (20, 40))) == []
    assert find(line((0, 10), (0, 50), (30, 70)), line((0, 10), (40, 9))) == []
    below = [np.add(stem, (0, 60)) for stem in STEMS]
    assert find(*STEMS, line((0, 50), (45, 50)), *below) == []
    assert (
        find(*STEMS, line((60, 15), (85, 15)), line((60, 25), (85, 25))) == []
    )
    # Where nothing parts what is above: a long one, or one apart.
    wide = line((0, 0), (30, 40), (35, 0), (60, 40))
    assert find(wide, line((5, 46), (50, 46))) == []
    assert find(wide, line((-5, 41), (57, 41))) == []
    assert find(wide, line((-5, 41), (65, 41))) == [1]
    assert find(STEMS[0], line((-9, 46), (30, 46))) == [1]


def test_points_and_empty_drawings_have_no_underline():
    assert find(line((5, 5)), line((9, 5))) == []
    assert classifier().read_strokes([]).specks == ()


def test_an_underline_comes_behind_its_line():
    strokes, right = write("42", seed=1)
    parts, pieces = cut_strokes([line((-5, 110), (right, 110)), *strokes])
    assert len(parts) == len(strokes) + 1 and pieces.underlines == {0}
    signs = choose_signs(build_lattice(pieces), None, ())
    assert signs[-1].pieces == (0,) and not signs[-1].is_digit
    assert all(0 not in sign.pieces for sign in signs[:-1])
