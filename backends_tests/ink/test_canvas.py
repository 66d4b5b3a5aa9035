import itertools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistcnn.ink import PEN, Canvas, draw_digit
from mnistcnn.ink.eraser import erase_path
from mnistcnn.reading import MAX_STROKES, group_ink, group_strokes

pytestmark = pytest.mark.core
# 10,000 with --hypothesis-profile=thorough.
SEQUENCES = max(300, settings().max_examples)


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


# === The canvas ===


def test_a_click_is_a_stroke_of_one_point():
    canvas = Canvas()
    canvas.pen_down(5, 6)
    canvas.pen_up()
    (stroke,) = canvas.strokes
    assert stroke.dtype == np.float32
    assert stroke.tolist() == [[5, 6]]
    assert group_ink(canvas.ink)[0].box == (5, 6, 5, 6)


def test_a_stroke_is_there_while_it_is_drawn():
    canvas = Canvas()
    canvas.pen_down(0, 0)
    canvas.pen_move(3, 4)
    assert canvas.drawing
    assert canvas.strokes[0].tolist() == [[0, 0], [3, 4]]
    canvas.pen_up()
    assert not canvas.drawing
    assert canvas.strokes[0].tolist() == [[0, 0], [3, 4]]


def test_strokes_are_not_joined_and_a_lost_button_up_ends_one():
    canvas = Canvas()
    canvas.pen_down(0, 0)
    canvas.pen_down(50, 50)
    canvas.pen_move(60, 60)
    canvas.pen_up()
    canvas.pen_move(99, 99)
    assert [s.tolist() for s in canvas.strokes] == [
        [[0, 0]],
        [[50, 50], [60, 60]],
    ]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_coordinates_that_are_no_numbers_are_ignored(bad):
    canvas = Canvas()
    canvas.pen_down(bad, 1)
    canvas.pen_move(1, 1)
    assert canvas.strokes == ()
    canvas.pen_down(1, 1)
    canvas.pen_move(1, bad)
    assert canvas.strokes[0].tolist() == [[1, 1]]


def test_what_is_drawn_cannot_be_changed_from_outside():
    canvas = Canvas()
    draw(canvas, (0, 0), (1, 1))
    with pytest.raises(ValueError, match="read-only"):
        canvas.strokes[0][0] = 9


def test_undo_and_redo_of_strokes_and_of_clear():
    canvas = Canvas()
    draw(canvas, (0, 0))
    draw(canvas, (1, 1))
    both = canvas.strokes
    canvas.clear()
    assert canvas.strokes == ()
    canvas.undo()
    assert all(a is b for a, b in zip(canvas.strokes, both, strict=True))
    canvas.undo()
    assert len(canvas.strokes) == 1
    canvas.redo()
    canvas.redo()
    assert canvas.strokes == ()
    canvas.undo()
    canvas.undo()
    draw(canvas, (2, 2))
    canvas.redo()
    assert [s.tolist() for s in canvas.strokes] == [[[0, 0]], [[2, 2]]]
    for _ in range(5):
        canvas.undo()
    assert canvas.strokes == ()


def test_undo_takes_the_stroke_being_drawn():
    canvas = Canvas()
    draw(canvas, (0, 0))
    canvas.pen_down(5, 5)
    canvas.undo()
    canvas.pen_move(9, 9)
    assert [s.tolist() for s in canvas.strokes] == [[[0, 0]]]
    assert not canvas.drawing


def test_clearing_an_empty_canvas_leaves_nothing_to_undo():
    canvas = Canvas()
    canvas.clear()
    assert canvas.revision == 0
    draw(canvas, (0, 0))
    canvas.clear()
    canvas.clear()
    canvas.undo()
    assert len(canvas.strokes) == 1


def points(canvas):
    return [stroke.tolist() for stroke in canvas.strokes]


def test_a_stroke_has_its_pens_width():
    canvas = Canvas()
    canvas.pen_down(0, 0, 5)
    canvas.pen_move(9, 0)
    assert canvas.ink[0].width == 5
    canvas.pen_up()
    draw(canvas, (1, 1))
    for width in (0, -3, math.nan, math.inf):
        canvas.pen_down(2, 2, width)
    assert [stroke.width for stroke in canvas.ink] == [5, PEN]
    assert canvas.ink[0].number < canvas.ink[1].number


# === The eraser ===


def test_the_eraser_takes_the_ink_that_it_touches_and_no_other():
    canvas = Canvas()
    canvas.pen_down(0, 0, 4)
    canvas.pen_move(100, 0)
    draw(canvas, (0, 90), (100, 90))
    kept = canvas.ink[1]
    canvas.eraser_down(50, -30, 8)
    assert canvas.erasing
    # Its edge, 8 from its middle, and the ink's, 2 from the path, touch.
    canvas.eraser_move(50, -10.1)
    assert len(canvas.ink) == 2
    canvas.eraser_move(50, 0)
    canvas.pen_up()
    assert not canvas.erasing
    assert points(canvas)[:2] == [[[0, 0], [40, 0]], [[60, 0], [100, 0]]]
    assert [stroke.width for stroke in canvas.ink[:2]] == [4, 4]
    assert canvas.ink[2] is kept
    numbers = [stroke.number for stroke in canvas.ink]
    assert len(set(numbers)) == 3
    assert min(numbers[:2]) > kept.number


def test_one_undo_takes_back_one_rub_and_redo_rubs_again():
    canvas = Canvas()
    for y in (0, 50, 100):
        draw(canvas, (0, y), (100, y))
    before = canvas.ink
    canvas.eraser_down(50, 0, 5)
    canvas.eraser_move(50, 50)
    canvas.eraser_move(80, 50)
    canvas.pen_up()
    after = canvas.ink
    assert len(after) == 5
    canvas.undo()
    assert canvas.ink == before
    canvas.redo()
    assert canvas.ink == after
    canvas.undo()
    canvas.undo()
    assert canvas.ink == before[:2]


def test_a_rub_that_meets_no_ink_is_nothing_to_undo():
    canvas = Canvas()
    draw(canvas, (0, 0), (10, 0))
    revision = canvas.revision
    canvas.eraser_down(500, 500, 9)
    canvas.eraser_move(600, 500)
    canvas.pen_up()
    for radius in (0, -1, math.nan):
        canvas.eraser_down(0, 0, radius)
    canvas.eraser_move(0, 0)
    assert canvas.revision == revision
    canvas.undo()
    assert canvas.ink == ()


def test_one_tool_is_on_the_canvas():
    canvas = Canvas()
    canvas.pen_down(0, 0)
    canvas.eraser_down(500, 500, 9)
    assert (canvas.drawing, canvas.erasing) == (False, True)
    canvas.pen_move(99, 99)
    canvas.pen_down(50, 50)
    assert (canvas.drawing, canvas.erasing) == (True, False)
    canvas.eraser_move(50, 50)
    assert points(canvas) == [[[0, 0]], [[50, 50]]]


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


def test_a_label_for_nothing_is_nothing_to_undo():
    canvas = Canvas()
    draw(canvas, (0, 0))
    canvas.label([99], "1")
    canvas.label([], "1")
    canvas.undo()
    assert canvas.ink == ()


class Model:
    """What a canvas should do, in whole snapshots."""

    def __init__(self):
        self.now, self.live = [], None
        self.eraser, self.rubbed = None, []
        self.past, self.future = [], []

    def change(self, new):
        self.past.append(self.now)
        self.now, self.future = new, []

    def pen_down(self, x, y):
        self.pen_up()
        if math.isfinite(x) and math.isfinite(y):
            self.live = [(x, y)]

    def pen_move(self, x, y):
        if self.live and math.isfinite(x) and math.isfinite(y):
            self.live += [(x, y)] if self.live[-1] != (x, y) else []

    def pen_up(self):
        if self.live:
            live, self.live = self.live, None
            self.change([*self.now, live])
        if self.eraser:
            self.eraser, now, self.now = None, self.now, self.rubbed
            if now != self.now:
                self.change(now)

    def eraser_down(self, x, y, radius):
        self.pen_up()
        if math.isfinite(x) and math.isfinite(y):
            self.rubbed, self.eraser = self.now, (x, y, radius)
            self.eraser_move(x, y)

    def eraser_move(self, x, y):
        if self.eraser and math.isfinite(x) and math.isfinite(y):
            u, v, radius = self.eraser
            self.eraser = x, y, radius
            sweep, left = np.array([(u, v), (x, y)], float), []
            for stroke in self.now:
                array = np.array(stroke, np.float32)
                pieces = erase_path(array, sweep, radius + PEN / 2)
                left += [stroke] if pieces is None else map(as_tuples, pieces)
            self.now = left

    def clear(self):
        self.pen_up()
        if self.now:
            self.change([])

    def undo(self):
        self.pen_up()
        if self.past:
            self.future.append(self.now)
            self.now = self.past.pop()

    def redo(self):
        if self.future and not self.live and not self.eraser:
            self.past.append(self.now)
            self.now = self.future.pop()


coordinate = st.one_of(
    st.integers(-50, 900), st.sampled_from([math.nan, math.inf, -1e6, 1e6])
)
event = st.one_of(
    st.tuples(
        st.sampled_from(["pen_down", "pen_move", "eraser_move"]),
        coordinate,
        coordinate,
    ),
    st.tuples(
        st.just("eraser_down"), coordinate, coordinate, st.integers(1, 60)
    ),
    st.tuples(st.sampled_from(["pen_up", "clear", "undo", "redo"])),
)


def as_tuples(stroke):
    return [tuple(point) for point in stroke.tolist()]


@settings(max_examples=SEQUENCES, deadline=None)
@given(st.lists(event, max_size=40))
def test_any_order_of_events_does_what_the_model_does(events):
    canvas, model = Canvas(), Model()
    for name, *arguments in events:
        before = canvas.revision, [s.tolist() for s in canvas.strokes]
        getattr(canvas, name)(*arguments)
        getattr(model, name)(*arguments)
        wanted = model.now + ([model.live] if model.live else [])
        assert list(map(as_tuples, canvas.strokes)) == wanted
        if [s.tolist() for s in canvas.strokes] != before[1]:
            assert canvas.revision > before[0]
    grouped = [i for group in group_ink(canvas.ink) for i in group.strokes]
    assert sorted(grouped) == list(range(len(canvas.strokes)))


def test_ten_thousand_strokes_cost_little_memory():
    canvas = Canvas()
    tracemalloc.start()
    for start in range(10_000):
        canvas.pen_down(start % 880, 0)
        for step in range(20):
            canvas.pen_move(start % 880, step)
        canvas.pen_up()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(canvas.strokes) == 10_000
    assert used < 10 * 2**20


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
