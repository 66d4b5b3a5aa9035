import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.board.digits import percent, spell
from mnistcnn.board.reader import Reader
from mnistcnn.board.readings import Readings
from mnistcnn.board.service import Answer
from mnistcnn.ink import Canvas

pytestmark = pytest.mark.core


def draw(canvas, *points):
    canvas.pen_down(*points[0])
    for point in points[1:]:
        canvas.pen_move(*point)
    canvas.pen_up()


class Asked(Reader):
    """Answers at once, in this process, and counts."""

    def __init__(self, stub):
        super().__init__(stub.Stub)
        self.classifier = stub.Stub()
        self.network = self.classifier
        self.network.classes = stub.Stub.classes_
        self.network.threshold = 0.5
        self.asked = []
        self.explained = []
        self.late = []

    def ask(self, images, explain=None):
        self._newest += 1
        self.asked.append(len(images))
        self.explained.append(explain)
        self.late.append((self._newest, images))
        return self._newest

    def poll(self):
        if not self.late:
            return None
        request, images = self.late.pop(0)
        rows = self.classifier.predict_proba(images)
        labels = tuple(map(self.classifier.decide, rows))
        return Answer(request, rows, labels, 0.001)


def test_nothing_is_asked_for_an_empty_canvas(stub):
    canvas, reader = Canvas(), Asked(stub)
    readings = Readings(canvas, [reader])
    readings.update()
    draw(canvas, (10, 10), (10, 90))
    canvas.clear()
    readings.update()
    assert reader.asked == []
    assert readings.latest is None
    assert readings.complete


def test_a_digit_is_read_while_it_is_drawn_and_keeps_its_label(stub):
    canvas, reader = Canvas(), Asked(stub)
    readings = Readings(canvas, [reader])
    canvas.pen_down(10, 10)
    canvas.pen_move(10, 90)
    readings.update()
    readings.update()
    assert [digit.label for digit in readings.digits] == ["7"]
    assert readings.complete
    canvas.pen_move(120, 30)
    # However long the first call took, which loads code.
    readings._cost = readings._due = 0.0
    readings.update()
    # What was said a moment ago is shown until there is an answer.
    assert [digit.label for digit in readings.digits] == ["7"]
    assert not readings.complete
    readings.update()
    assert [digit.label for digit in readings.digits] == ["1"]
    canvas.pen_up()
    readings.update()
    # The pen-up has changed no ink, and nothing is read again.
    assert len(reader.asked) == 2
    assert readings.complete


def test_marks_beside_digits_are_none_as_they_are_elsewhere(stub):
    canvas, reader = Canvas(), Asked(stub)
    reader.classifier = DigitClassifier.from_pretrained()
    reader.network.classes = reader.classifier.classes_
    readings = Readings(canvas, [reader])
    turns = np.linspace(-1.2, 1.2, 20)
    bow = np.stack([30 + 30 * np.cos(turns), 64 * np.sin(turns)], axis=1)
    around = np.linspace(0, 2 * np.pi, 40)
    ring = np.stack([25 * np.sin(around), -45 * np.cos(around)], axis=1)
    for stroke in (160 - bow, 160 + ring, 160 + bow):
        draw(canvas, *stroke.tolist())
    readings.update()
    readings.update()
    assert [digit.label for digit in readings.digits] == ["?", "0", "?"]


def test_grouping_that_takes_long_waits_for_the_pen_up(stub):
    canvas, reader = Canvas(), Asked(stub)
    readings = Readings(canvas, [reader])
    readings._cost = 0.5
    canvas.pen_down(10, 10)
    readings.update()
    assert reader.asked == []
    canvas.pen_up()
    readings.update()
    assert reader.asked == [1]


def test_each_of_two_nets_reads_and_the_first_names(stub):
    canvas, readers = Canvas(), [Asked(stub), Asked(stub)]
    readers[1].classifier.sure = 0.31
    readings = Readings(canvas, readers)
    draw(canvas, (10, 10), (10, 90))
    readings.update()
    readings.update()
    (digit,) = readings.digits
    assert [prediction.label for prediction in digit.predictions] == ["7", "?"]
    assert digit.label == "7"
    assert readings.complete


def test_a_persons_label_outranks_the_nets_and_stays(stub):
    canvas, reader = Canvas(), Asked(stub)
    readings = Readings(canvas, [reader])
    draw(canvas, (10, 10), (10, 90))
    readings.update()
    readings.update()
    image = readings.digits[0].image
    canvas.label([canvas.ink[0].number], "1")
    readings.update()
    (digit,) = readings.digits
    assert (digit.label, digit.given, digit.name) == ("1", "1", "One")
    assert digit.predictions[0].label == "7"
    assert digit.image is image
    draw(canvas, (0, 50), (20, 50))
    readings.update()
    assert readings.digits[0].label == "1"


def test_a_label_stays_when_its_digit_grows_and_undo_takes_it_back(stub):
    canvas = Canvas()
    readings = Readings(canvas, [Asked(stub)])

    def given():
        readings.update()
        readings.update()
        return [digit.given for digit in readings.digits]

    draw(canvas, (50, 0), (50, 100))
    draw(canvas, (300, 0), (300, 100))
    assert given() == [None, None]
    numbers = [canvas.ink[0].number]
    canvas.label(numbers, "7")
    assert given() == ["7", None]
    draw(canvas, (30, 50), (70, 50))
    assert given() == ["7", None]
    assert len(readings.digits[0].strokes) == 2
    canvas.undo()
    canvas.undo()
    assert given() == [None, None]
    canvas.redo()
    assert given() == ["7", None]
    canvas.eraser_down(50, 100, 10)
    canvas.pen_up()
    assert given() == ["7", None]
    canvas.label([canvas.ink[0].number], None)
    assert given() == [None, None]


def test_of_two_labels_the_last_word_counts_when_strokes_join(stub):
    canvas = Canvas()
    readings = Readings(canvas, [Asked(stub)])
    draw(canvas, (50, 0), (50, 100))
    draw(canvas, (30, 50), (70, 50))
    first, second = (stroke.number for stroke in canvas.ink)
    canvas.label([second], "1")
    canvas.label([first], "4")
    readings.update()
    (digit,) = readings.digits
    assert digit.given == "4"


def test_digits_of_one_stroke_are_told_apart(stub):
    canvas = Canvas()
    readings = Readings(canvas, [Asked(stub), Asked(stub)])
    readings._readers[0].state = "off"
    points = [(0, 0), (0, 100), (100, 100), (100, 0), (101, 100)]
    draw(canvas, *points)
    readings._readers[0].state = "new"
    readings.update()
    readings.update()
    assert readings.complete
    keys = [digit.key for digit in readings.digits]
    assert len(set(keys)) == len(keys)


def test_where_nobody_reads_shapes_make_digits(stub):
    canvas = Canvas()
    reader = Asked(stub)
    readings = Readings(canvas, [reader])
    draw(canvas, (50, 0), (50, 100))
    reader.state = "ready"
    readings.update()
    # A moment later the network has said what it is; until then, nothing.
    assert readings.digits == []
    reader.state, reader.late = "off", []
    draw(canvas, (200, 0), (200, 100))
    readings.update()
    assert [len(digit.strokes) for digit in readings.digits] == [1, 1]
    assert [digit.label for digit in readings.digits] == [None, None]
    canvas.undo()
    readings.update()
    assert len(readings.digits) == 1


def test_an_underline_is_in_no_digit(stub):
    canvas, reader = Canvas(), Asked(stub)
    reader.state = "off"
    readings = Readings(canvas, [reader])
    draw(canvas, (50, 0), (50, 100))
    draw(canvas, (110, 0), (110, 100))
    draw(canvas, (20, 120), (140, 122))
    readings.update()
    numbers = [[s.number for s in digit.strokes] for digit in readings.digits]
    assert numbers == [[1], [2]]
    # Alone, it underlines nothing.
    canvas.clear()
    draw(canvas, (20, 120), (140, 122))
    readings.update()
    assert len(readings.digits) == 1


def test_feature_maps_are_asked_for_the_latest_digit(stub):
    canvas, reader = Canvas(), Asked(stub)
    readings = Readings(canvas, [reader])
    draw(canvas, (10, 10), (10, 90))
    draw(canvas, (300, 10), (300, 90))
    readings.update()
    readings.update()
    assert reader.explained == [None]
    readings.explaining = True
    readings.update()
    readings.update()
    # The latest alone, although both had been read; and only once.
    assert reader.asked == [2, 1]
    assert reader.explained == [None, (0, True)]
    draw(canvas, (300, 50), (350, 50))
    readings.update()
    readings.update()
    # First what is new is read, and then the latest is explained.
    assert reader.explained == [None, (0, True), None, (0, True)]
    # With the pen down nothing is weighed; and once it is up, it is.
    canvas.pen_down(300, 60)
    canvas.pen_move(350, 60)
    readings._due = readings._cost = 0.0  # however busy the machine is
    readings.update()
    canvas.pen_up()
    readings.update()
    readings.update()
    readings.update()
    assert [e for e in reader.explained[4:] if e][-1] == (0, True)


def test_what_the_pointer_rests_on_is_explained(stub):
    canvas, reader = Canvas(), Asked(stub)
    readings = Readings(canvas, [reader])
    draw(canvas, (10, 10), (10, 90))
    draw(canvas, (300, 10), (300, 90))
    readings.explaining = True
    readings.update()
    readings.update()
    readings.update()
    assert reader.explained == [None, (0, True)]
    readings.spot = (12, 50)
    assert readings.shown is readings.pointed is readings.digits[0]
    readings.update()
    assert reader.asked == [2, 1, 1] and reader.explained[2] == (0, True)
    readings.spot = (150, 50)
    assert readings.pointed is None
    assert readings.shown is readings.latest


def test_only_what_changed_is_read_again(stub):
    canvas, reader = Canvas(), Asked(stub)
    readings = Readings(canvas, [reader])
    draw(canvas, (10, 10), (10, 90))
    readings.update()
    readings.update()
    assert [digit.label for digit in readings.digits] == ["7"]
    kept = readings.digits[0]
    draw(canvas, (200, 20), (290, 90))
    readings.update()
    assert readings.digits[0] is kept
    assert readings.digits[1].label is None
    assert readings.latest is readings.digits[1]
    readings.update()
    assert [digit.label for digit in readings.digits] == ["7", "1"]
    # The wide stroke, and two halves that it may be.
    assert reader.asked == [1, 3]
    # A bar through the first makes another digit of it.
    draw(canvas, (0, 50), (20, 50))
    readings.update()
    assert [d.is_read(0) for d in readings.digits] == [False, True]
    assert len(readings.digits[0].strokes) == 2
    assert readings.latest is readings.digits[0]


def test_a_stale_answer_is_never_shown(stub):
    canvas, reader = Canvas(), Asked(stub)
    readings = Readings(canvas, [reader])
    draw(canvas, (10, 10), (10, 90))
    readings.update()
    stale = reader.late.pop()
    draw(canvas, (0, 50), (20, 50))
    readings.update()
    reader.late = [stale]
    readings.update()
    assert [digit.label for digit in readings.digits] == [None]


def test_low_probability_is_not_sure(stub):
    canvas, reader = Canvas(), Asked(stub)
    reader.classifier.sure = 0.31
    readings = Readings(canvas, [reader])
    draw(canvas, (10, 10), (10, 90))
    readings.update()
    readings.update()
    (digit,) = readings.digits
    assert (digit.label, digit.name) == ("?", "Not sure")
    assert digit.predictions[0].probability == pytest.approx(0.31)


def test_an_answer_to_what_was_taken_back_changes_nothing(stub):
    canvas, reader = Canvas(), Asked(stub)
    readings = Readings(canvas, [reader])
    draw(canvas, (10, 10), (10, 90))
    late = reader.late
    readings.update()
    reader.late = []
    canvas.undo()
    readings.update()
    reader.late = late
    readings.update()
    assert readings.digits == []


def test_names_and_percent():
    assert [spell(c) for c in "0123456789"][7] == "Seven"
    assert spell(None) == "Not read"
    assert spell("²") == "²"
    assert percent(0.996) == percent(1.0) == "99 %"
    assert percent(float("nan")) == "?"
