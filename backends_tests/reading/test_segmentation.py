import itertools
import math

import numpy as np
import pytest

from mnistcnn.ink import Canvas, draw_digit
from mnistcnn.reading import MAX_STROKES, group_ink, group_strokes

pytestmark = pytest.mark.core


def line(*points):
    return np.array(points, np.float32)


def circle(x, y, radius, tall=None):
    angle = np.linspace(0, 2 * math.pi, 40)
    return np.stack(
        [x + radius * np.cos(angle), y + (tall or radius) * np.sin(angle)], 1
    )


def shift(strokes, x, y=0):
    return [stroke + np.array([x, y], np.float32) for stroke in strokes]


def draw(canvas, *points):
    canvas.pen_down(*points[0])
    for point in points[1:]:
        canvas.pen_move(*point)
    canvas.pen_up()


# === Which strokes make one digit ===

STEM = line((50, 0), (50, 100))
BODY_OF_5 = line((20, 5), (15, 45), (50, 50), (60, 80), (10, 100))
TWO_STROKES = {
    "4, the stem crossing": [
        line((40, 0), (5, 60), (70, 60)),
        line((45, 30), (45, 100)),
    ],
    "4, the stem at the right end": [
        line((5, 0), (5, 60), (60, 60)),
        line((62, 0), (62, 100)),
    ],
    "4, the stem low at the right": [
        line((20, 0), (0, 70), (40, 70)),
        line((50, 42), (46, 112)),
    ],
    "5, the bar touching": [BODY_OF_5, line((20, 4), (70, 2))],
    "5, the bar floating": [BODY_OF_5, line((22, -12), (70, -15))],
    "7 with a bar": [
        line((0, 0), (70, 0), (25, 100)),
        line((15, 50), (65, 50)),
    ],
    "slashed 0": [circle(30, 50, 30, 50), line((-5, 105), (65, -5))],
    "0 with a dot": [circle(30, 50, 30, 50), line((30, 50))],
    "8 of two rings": [circle(30, 25, 20), circle(30, 78, 25)],
    "9 with a stem beside": [circle(25, 25, 22), line((50, 5), (48, 100))],
    "1 with a foot": [STEM, line((30, 102), (70, 102))],
    "1 with a flag": [STEM, line((30, 25), (48, 2))],
    "2 with a loose foot": [
        line((0, 20), (30, 0), (50, 25), (5, 90)),
        line((5, 97), (60, 97)),
    ],
}


@pytest.mark.parametrize("name", TWO_STROKES)
@pytest.mark.parametrize("scale", [0.01, 1.0, 40.0])
def test_the_strokes_of_one_digit_are_one(name, scale):
    strokes = [stroke * scale for stroke in TWO_STROKES[name]]
    assert group_strokes(strokes) == [[0, 1]]
    assert group_strokes(strokes[::-1]) == [[0, 1]]


@pytest.mark.parametrize("gap", [0.12, 0.3, 1.0])
@pytest.mark.parametrize("left", TWO_STROKES)
def test_two_digits_side_by_side_are_two(left, gap):
    for right in TWO_STROKES.values():
        first = TWO_STROKES[left]
        edge = max(s[:, 0].max() for s in first) + gap * 100
        second = shift(right, edge - min(s[:, 0].min() for s in right))
        assert group_strokes([*first, *second]) == [[0, 1], [2, 3]]
        # As well when the second strokes come last.
        mixed = [first[0], second[0], first[1], second[1]]
        assert group_strokes(mixed) == [[0, 2], [1, 3]]


def test_two_ones_and_two_kissing_noughts_are_two():
    assert group_strokes([STEM, *shift([STEM], 25)]) == [[0], [1]]
    ring = circle(30, 50, 30, 50)
    assert group_strokes([ring, *shift([ring], 60)]) == [[0], [1]]


def test_reading_order_is_left_to_right_then_the_next_line():
    ones = []
    for y in (150, 0):
        for x in (90, 0, 45):
            ones += shift([STEM], x, y)
    assert group_strokes(ones) == [[4], [5], [3], [1], [2], [0]]
    places = (0, 40), (60, 0), (120, -35)
    uneven = [stem for place in places for stem in shift([STEM], *place)]
    assert group_strokes(uneven[::-1]) == [[2], [1], [0]]


def test_a_bar_drawn_first_waits_for_its_digit_below_another():
    above = shift([circle(30, 50, 30, 50)], 0, -130)
    bar, body = line((20, 4), (70, 2)), BODY_OF_5
    assert group_strokes([*above, bar, body]) == [[0], [1, 2]]


def test_a_stem_drawn_in_pieces_is_one():
    pieces = [STEM, line((50, 110), (50, 130)), line((50, 135), (50, 155))]
    assert group_strokes(pieces) == [[0, 1, 2]]


def test_nothing_empty_and_too_much():
    assert group_strokes([]) == []
    assert group_strokes([np.zeros((0, 2)), line((1, 1))]) == [[1]]
    many = [line((50 * i, 0)) for i in range(MAX_STROKES + 1)]
    assert group_strokes(many) == [list(range(MAX_STROKES + 1))]
    assert len(group_strokes(many[1:])) == MAX_STROKES


def test_dots_at_one_place_are_one_and_apart_are_two():
    assert group_strokes([line((1, 1)), line((1, 1))]) == [[0, 1]]
    assert group_strokes([line((1, 1)), line((9, 1))]) == [[0], [1]]


def test_the_generators_digits_stay_whole_and_apart():
    rng = np.random.default_rng(0)
    strokes, wanted = [], []
    for place, label in enumerate(
        itertools.islice(itertools.cycle(range(10)), 100)
    ):
        digit = draw_digit(label, rng)
        points = np.concatenate(digit)
        low, high = points.min(0), points.max(0)
        digit = [(s - low) / (high - low).max() for s in digit]
        wanted.append(list(range(len(strokes), len(strokes) + len(digit))))
        strokes += shift(digit, place * 1.25)
    found = group_strokes(strokes)
    assert sum(group in found for group in wanted) >= 98


# === Labels ===


def test_a_label_stays_when_its_digit_grows_and_undo_takes_it_back():
    canvas = Canvas()
    draw(canvas, (50, 0), (50, 100))
    draw(canvas, (300, 0), (300, 100))
    assert [group.label for group in group_ink(canvas.ink)] == [None, None]
    numbers = [canvas.ink[0].number]
    canvas.label(numbers, "7")
    assert [group.label for group in group_ink(canvas.ink)] == ["7", None]
    assert [canvas.ink[0].number] == numbers
    draw(canvas, (30, 50), (70, 50))
    assert [group.label for group in group_ink(canvas.ink)] == ["7", None]
    canvas.undo()
    canvas.undo()
    assert [group.label for group in group_ink(canvas.ink)] == [None, None]
    canvas.redo()
    assert group_ink(canvas.ink)[0].label == "7"
    canvas.label(numbers, None)
    assert group_ink(canvas.ink)[0].label is None


def test_of_two_labels_the_last_word_counts_when_digits_join():
    canvas = Canvas()
    draw(canvas, (0, 0), (0, 100))
    draw(canvas, (60, 0), (60, 100))
    first, second = (stroke.number for stroke in canvas.ink)
    canvas.label([second], "1")
    canvas.label([first], "4")
    draw(canvas, (0, 50), (60, 50))
    (group,) = group_ink(canvas.ink)
    assert group.label == "4"


def test_what_is_erased_from_a_named_digit_leaves_its_name():
    canvas = Canvas()
    draw(canvas, (50, 0), (50, 100))
    canvas.label([canvas.ink[0].number], "1")
    canvas.eraser_down(50, 100, 10)
    canvas.pen_up()
    assert group_ink(canvas.ink)[0].label == "1"
