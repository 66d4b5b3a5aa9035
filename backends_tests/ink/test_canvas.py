import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistcnn.ink import PEN, Canvas, Stroke
from mnistcnn.ink.eraser import erase_path

pytestmark = pytest.mark.core
# 10,000 with --hypothesis-profile=thorough.
SEQUENCES = max(300, settings().max_examples)


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
    assert canvas.ink[0].box == (5, 6, 5, 6)


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


def test_others_in_place_of_all_are_one_undo():
    canvas = Canvas()
    for x in (0, 50):
        canvas.pen_down(x, 0)
        canvas.pen_move(x, 80)
        canvas.pen_up()
    first, second = canvas.ink
    points = np.zeros((2, 2), np.float32)
    canvas.replace([second, Stroke.of(0, points, 3)])
    assert canvas.ink[0] is second and canvas.ink[1].number == 3
    canvas.undo()
    assert canvas.ink == (first, second)
    revision = canvas.revision
    canvas.replace(canvas.ink)
    assert canvas.revision == revision
