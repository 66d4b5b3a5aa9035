"""Ruling lines that a pen draws, as underlines, are no part of digits."""

import numpy as np
import pytest
from generated_hand import classifier, write

from mnistcnn.reading import find_rulings

pytestmark = pytest.mark.core


@pytest.fixture(autouse=True)
def no_framework(monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)


def line(*points):
    return np.array(points, np.float64)


def find(*strokes):
    return sorted(find_rulings(strokes))


def right_of(strokes):
    return max(stroke[:, 0].max() for stroke in strokes)


@pytest.mark.parametrize("number", ["42", "9041", "57"])
@pytest.mark.parametrize("bars", [1, 2])
@pytest.mark.parametrize("before", [True, False])
def test_an_underlined_number_is_read_and_its_underline_named(
    number, bars, before
):
    strokes = write(number, seed=1)
    right = right_of(strokes)
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
    strokes = write("0124", seed=1)
    right = right_of(strokes)
    below = line((right - 110, 114), (right + 5, 110))
    page = classifier().read_strokes([*strokes, below])
    assert page.text == "0124" and len(page.specks) == 1


STEMS = line((10, 0), (8, 40)), line((30, 0), (28, 40))


def test_what_is_beside_or_far_from_ink_or_crosses_it_is_no_ruling_line():
    assert find(*STEMS, line((0, 50), (45, 51))) == [2]
    assert find(*STEMS, line((0, -10), (45, -10))) == [2]
    # Far below, right through, bent, steep, beside them, and alone.
    assert find(*STEMS, line((0, 70), (45, 71))) == []
    assert find(*STEMS, line((0, 25), (45, 25))) == []
    assert find(*STEMS, line((0, 50), (22, 58), (45, 50))) == []
    assert find(*STEMS, line((0, 45), (45, 65))) == []
    assert find(*STEMS, line((40, 50), (85, 51))) == []
    assert find(line((0, 50), (45, 51))) == []


def test_a_fractions_bar_is_one_and_those_of_digits_and_signs_are_none():
    below = [np.add(stem, (0, 60)) for stem in STEMS]
    assert find(*STEMS, line((0, 50), (45, 50)), *below) == [2]
    assert (
        find(*STEMS, line((60, 15), (85, 15)), line((60, 25), (85, 25))) == []
    )
    points = [line((80, y), (81, y + 2)) for y in (8, 30)]
    assert find(*STEMS, line((60, 20), (100, 20)), *points) == []
    # The foot of a 1, the bar of a 5.
    assert find(STEMS[0], line((0, 40), (20, 40))) == []
    assert find(line((0, 10), (0, 50), (30, 70)), line((0, 10), (40, 9))) == []
    # The bar of a T, which its stem does not touch.
    assert find(STEMS[0], line((-10, -5), (30, -5))) == []
    # Where no column parts what is above: a long one, or one apart from it.
    wide = line((0, 0), (30, 40), (35, 0), (60, 40))
    assert find(wide, line((5, 46), (50, 46))) == []
    assert find(wide, line((-5, 41), (57, 41))) == []
    assert find(wide, line((-5, 41), (65, 41))) == [1]
    assert find(STEMS[0], line((-9, 46), (30, 46))) == [1]


def test_digits_in_a_table_that_is_drawn_line_by_line_are_read():
    rows = [write(number, seed=1) for number in ("42", "57")]
    digits = [
        np.add(s, (20, 20 + 140 * k)) for k, row in enumerate(rows) for s in row
    ]
    right = right_of(digits) + 20
    flat = [line((0, y), (right, y)) for y in (0, 140, 280)]
    tall = [line((x, 0), (x, 280)) for x in (0, right)]
    page = classifier().read_strokes([*flat, *tall, *digits])
    assert page.text == "42\n57" and len(page.specks) == 5
    assert find(*flat, *tall, *digits) == [0, 1, 2, 3, 4]
    # Neither a tall 1 nor a stroke through a digit is a ruling.
    assert find(*tall, *digits) == []
    assert find(*flat, line((50, 0), (50, 280)), *digits) == [0, 1, 2]


def test_a_box_of_four_strokes_round_a_digit_is_named():
    strokes = write("6", seed=2)
    right = right_of(strokes)
    corners = line((-20, -15), (right + 20, -15), (right + 20, 115), (-20, 115))
    walls = [corners[[k, (k + 1) % 4]] + (0, 2 * k) for k in range(4)]
    page = classifier().read_strokes([*walls, *strokes])
    assert page.text == classifier().read_strokes(strokes).text == "6"
    assert len(page.specks) == 4
    # Of these walls alone nothing is known.
    assert find(*walls) == []


def test_points_and_empty_drawings_have_no_ruling_line():
    assert find(line((5, 5)), line((9, 5))) == [] == find()
    assert classifier().read_strokes([]).specks == ()
    # Comparing all pairs of very many strokes would take too long.
    assert find(*STEMS * 600, line((0, 50), (45, 51))) == []
