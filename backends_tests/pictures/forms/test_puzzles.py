"""Puzzles as newspapers have them: beside text, small, blurred, and several."""

import itertools

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.ink import draw_digit
from mnistcnn.pictures import Sheet, rasterize
from mnistcnn.pictures.forms.choosing import choose_puzzle
from mnistcnn.pictures.rulings.telling import choose_unlined
from mnistcnn.pictures.shapes.boxes import Box, find_boxes
from mnistcnn.reading.recognition import Recognizer

pytestmark = pytest.mark.core

PAPER, INK = 225, 60


@pytest.fixture(scope="module")
def classifier():
    return DigitClassifier.from_pretrained()


def draw_puzzle(picture, left, top, side, rows=9, pen=0.1):
    """Draws a puzzle; returns what stands in its cells."""
    rng = np.random.default_rng(3)
    wall = max(1, side // 20)
    grid = [["" for _ in range(9)] for _ in range(rows)]
    for k in range(10):
        x = left + side * k
        cv2.line(picture, (x, top), (x, top + side * rows), INK, wall)
    for k in range(rows + 1):
        y = top + side * k
        cv2.line(picture, (left, y), (left + side * 9, y), INK, wall)
    for row in range(rows):
        for column in range(row % 3, 9, 3):
            label = (2, 3, 5, 7, 8)[(row + column) % 5]
            strokes = draw_digit(label, rng, form=0)
            points = np.concatenate(strokes)
            low, size = points.min(axis=0), np.ptp(points, axis=0)
            scale = 0.55 * side / size.max()
            at = [left + side * (column + 0.5), top + side * (row + 0.5)]
            moved = [(s - low - size / 2) * scale + at for s in strokes]
            ink = rasterize(moved, picture.shape, pen * side) / 255
            picture[:] = picture * (1 - ink) + INK * ink
            grid[row][column] = str(label)
    return grid


def make_box(corners):
    hull = np.array(corners, np.int32)[:, None]
    sides = np.ptp(hull[:, 0], axis=0)
    return Box(
        hull,
        hull[:, 0].astype(np.float32),
        (float(sides.min()), float(sides.max())),
        2.0,
        filled=True,
        solid=True,
    )


def draw_text(picture, left, top, right, bottom):
    """Draws rows of letters of straight strokes, each row a little indented."""
    for y in range(top, bottom, 22):
        for x in range(left + y % 12, right, 14):
            cv2.line(picture, (x, y), (x, y + 12), INK, 2)
            cv2.line(picture, (x, y), (x + 8, y), INK, 2)
            cv2.line(picture, (x, y + 6), (x + 6, y + 6), INK, 2)


def count(found, expected):
    """How many cells are as they should be."""
    return sum(
        one == other
        for row, right in zip(found, expected, strict=True)
        for one, other in zip(row, right, strict=True)
    )


def test_text_beside_a_puzzle_hides_no_cell(classifier):
    picture = np.full((560, 800), PAPER, np.uint8)
    draw_text(picture, 510, 40, 780, 520)
    expected = draw_puzzle(picture, 40, 60, 48)
    readings = classifier.read(picture)
    assert len(readings.grid) == 9
    assert count(readings.grid, expected) >= 80
    # Text is left over, and named.
    assert len(readings.specks) > 50


def test_digits_of_a_small_blurred_puzzle_are_no_dots(classifier):
    picture = np.full((292, 292), PAPER, np.uint8)
    expected = draw_puzzle(picture, 20, 20, 28, pen=0.16)
    readings = classifier.read(cv2.GaussianBlur(picture, (0, 0), 2.2))
    written = [[bool(label) for label in row] for row in readings.grid]
    assert written == [[bool(label) for label in row] for row in expected]


def test_digits_of_a_blurred_puzzle_are_sharpened(classifier):
    picture = np.full((330, 330), PAPER, np.uint8)
    expected = draw_puzzle(picture, 20, 20, 32, pen=0.12)
    readings = classifier.read(cv2.GaussianBlur(picture, (0, 0), 2.2))
    assert count(readings.grid, expected) >= 72


def test_of_several_puzzles_the_largest_is_read(classifier):
    picture = np.full((640, 520), PAPER, np.uint8)
    # The one above is cut off, and in no line with the other's rows.
    draw_puzzle(picture, 30, -130, 44, rows=5)
    expected = draw_puzzle(picture, 30, 130, 44)
    draw_puzzle(picture, 30, 550, 20, rows=4)
    readings = classifier.read(picture)
    assert len(readings.grid) == 9
    assert count(readings.grid, expected) >= 80


@pytest.mark.parametrize(("count", "turned"), [(2, 0), (4, 3)])
def test_more_signs_than_cells_are_not_turned(count, turned, monkeypatch):
    calls = []
    turn = Sheet.turn
    monkeypatch.setattr(Sheet, "turn", lambda s: calls.append(1) or turn(s))
    ink = np.zeros((200, 200), np.uint8)
    for y, x in itertools.product(range(25, 200, 50), repeat=2):
        cv2.line(ink, (x, y - 12), (x, y + 12), 255, 4)
    side = 200 / count
    cells = tuple(
        tuple(
            (side * x, side * y, side * (x + 1), side * (y + 1))
            for x in range(count)
        )
        for y in range(count)
    )
    unsure = Recognizer(
        lambda images: np.full((len(images), 10), 0.1, np.float32),
        lambda _: "?",
        "0123456789",
    )
    assert len(unsure.read_sheet(Sheet(ink, cells, np.eye(3)))) > 4
    assert len(calls) == turned


def test_walls_above_and_below_are_other_puzzles(classifier):
    picture = np.full((500, 480), PAPER, np.uint8)
    expected = draw_puzzle(picture, 30, 20, 46)
    for top, bottom, wall in ((0, 12, 12), (442, 500, 442)):
        for x in range(30, 450, 46):
            cv2.line(picture, (x, top), (x, bottom), INK, 2)
        cv2.line(picture, (30, wall), (444, wall), INK, 2)
    readings = classifier.read(picture)
    assert len(readings.grid) == 9
    assert count(readings.grid, expected) >= 79


def test_a_digit_that_cuts_its_cell_is_no_wall():
    lined = np.zeros((230, 230), np.uint8)
    for k in range(6):
        lined[:, 8 + 40 * k : 16 + 40 * k] = 1
        lined[8 + 40 * k : 16 + 40 * k] = 1
    boxes = []
    for y, x in itertools.product(range(5), repeat=2):
        # A digit cuts the last one off: a side of it is on no line.
        wide = 17 if (y, x) == (4, 4) else 34
        corners = [(0, 0), (wide, 0), (wide, 34), (0, 34)]
        boxes.append(make_box(np.add(corners, (14 + 40 * x, 14 + 40 * y))))
    apart = make_box([(22, 22), (30, 22), (30, 30), (22, 30)])
    (left,) = choose_unlined([*boxes, apart], lined)
    assert left is apart
    # Of few it is not known that their walls are lines.
    assert len(choose_unlined(boxes[-2:], lined)) == 2


def test_boxes_of_a_puzzle_are_chosen_and_few_left_alone():
    ink = np.zeros((500, 700), np.uint8)
    for left, side, cells in ((20, 50, 6), (400, 20, 6)):
        for k in range(cells + 1):
            x, far = left + side * k, left + side * cells
            cv2.line(ink, (x, 20), (x, 20 + side * cells), 1, 2)
            cv2.line(ink, (left, 20 + side * k), (far, 20 + side * k), 1, 2)
    boxes = find_boxes(ink, ink)
    chosen = choose_puzzle(boxes)
    assert len(boxes) == 72
    assert len(chosen) == 36
    assert max(box.corners[:, 0].max() for box in chosen) < 330
    assert choose_puzzle(boxes[:10]) == boxes[:10]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_on_its_side_is_turned(turns, classifier):
    picture = np.full((480, 470), PAPER, np.uint8)
    expected = draw_puzzle(picture, 20, 30, 46)
    readings = classifier.read(np.rot90(picture, turns))
    assert count(readings.grid, expected) >= 79
    # Boxes are in the picture as it came: the first cell's digit.
    left, top, right, bottom = readings[0].box
    place = np.zeros_like(picture)
    place[35:72, 25:62] = 1
    turned = np.rot90(place, turns)
    assert turned[int(top + bottom) // 2, int(left + right) // 2]
