"""Grids: cells by most of their boxes, and marks in them but digits."""

import itertools
from contextlib import nullcontext

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.pictures import cleaning
from mnistcnn.pictures.forms import grids
from mnistcnn.pictures.forms.cells import drop_rests
from mnistcnn.pictures.forms.grids import find_grid
from mnistcnn.pictures.forms.merged import split_merged
from mnistcnn.pictures.forms.separators import take_separators
from mnistcnn.pictures.shapes.boxes import Box, find_boxes
from mnistcnn.pictures.shapes.cutboxes import find_cut

pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def classifier():
    return DigitClassifier.from_pretrained()


SIDE = 40  # pixels, a cell's


def make_box(left, top):
    side = SIDE - 4
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * side
    corners = (corners + np.array([left, top])).astype(np.float32)
    hull = np.rint(corners).astype(np.int32)[:, None]
    return Box(hull, corners, (side, side), 2, filled=True, solid=True)


def make_boxes(count):
    places = itertools.product(range(count), repeat=2)
    return [make_box(10 + SIDE * x, 10 + SIDE * y) for y, x in places]


@pytest.mark.parametrize("stray", [(1.45, 0.25), (2.25, 1.45)])
def test_a_box_between_cells_hides_no_grid(stray):
    ink = np.zeros((220, 220), np.uint8)
    ink[30, 30] = 255
    boxes = make_boxes(5)
    boxes.append(make_box(*(10 + SIDE * np.array(stray))))
    grid = find_grid(ink, boxes, (0, 0), ink[..., None])
    assert grid is not None
    assert (len(grid.cells), len(grid.cells[0])) == (5, 5)
    moved = cv2.perspectiveTransform(np.array([[[30.0, 30]]]), grid.matrix)
    np.testing.assert_allclose(moved[0, 0], (22, 22), atol=2)


def test_six_tenths_of_the_cells_are_a_grid_and_half_are_none():
    ink = np.zeros((220, 220), np.uint8)
    ink[30, 30] = 255
    # The first row and column are there, so it is as large as it was.
    inner = np.arange(25).reshape(5, 5)[1:, 1:].ravel()
    for found, missing in ((True, 9), (False, 12)):
        lost = np.random.default_rng(0).permutation(inner)[:missing]
        boxes = [b for n, b in enumerate(make_boxes(5)) if n not in lost]
        grid = find_grid(ink, boxes, (0, 0), ink[..., None])
        assert (grid is not None) == found


def test_rests_of_walls_and_of_a_shadow_are_no_digits():
    edges = [SIDE * k for k in range(6)]
    cells = tuple(
        tuple((x, y, x + SIDE, y + SIDE) for x in edges[:-1])
        for y in edges[:-1]
    )
    digit, wall, shadow = (np.zeros((200, 200), np.uint8) for _ in range(3))
    cv2.line(digit, (20, 8), (20, 32), 255, 3)  # a 1
    cv2.line(digit, (88, 60), (112, 60), 255, 3)  # a bar in its cell's middle
    cv2.line(wall, (48, 81), (72, 81), 255, 2)
    cv2.line(wall, (120, 110), (120, 133), 255, 2)
    cv2.line(wall, (108, 121), (132, 121), 255, 2)
    cv2.line(shadow, (30, 199), (110, 100), 255, 4)
    found = drop_rests(digit | wall | shadow, cells)
    np.testing.assert_array_equal(found, digit)


def test_ink_beside_a_grid_is_not_lost():
    picture = np.full((300, 400), 240, np.uint8)
    for row in (110, 190, 270):
        picture[row : row + 2, 50:352] = 90
    for column in (50, 150, 250, 350):
        picture[110:272, column : column + 2] = 90
    for x in (100, 200, 300):
        # As much above the cells as in a row of them, and thin.
        for y in (70, 150, 230):
            cv2.line(picture, (x, y - 25), (x, y + 25), 30, 3)
    sheet = cleaning.clean_picture(picture)
    rows = np.flatnonzero(sheet.ink.any(axis=1))
    assert not sheet.cells and rows.min() < 60


def test_a_note_beside_a_grid_is_named(classifier):
    picture = np.full((300, 400), 240, np.uint8)
    for row in (110, 190, 270):
        picture[row : row + 2, 50:352] = 90
    for column in (50, 150, 250, 350):
        picture[110:272, column : column + 2] = 90
    for x, y in itertools.product((100, 200, 300), (150, 230)):
        cv2.line(picture, (x, y - 25), (x, y + 25), 30, 4)
    cv2.line(picture, (200, 30), (206, 80), 30, 4)
    readings = classifier.read(picture)
    assert readings.grid == (("1",) * 3,) * 2
    (box,) = readings.specks
    np.testing.assert_allclose(box, (198, 28, 208, 82), atol=3)


@pytest.mark.parametrize("side", ["above", "left"])
def test_a_shaded_row_has_walls_of_another_colour_alone(side, classifier):
    picture = np.full((200, 330, 3), 238, np.uint8)
    # As bright as the walls, but bluish.
    shade = (182, 160, 148)
    if side == "above":
        picture[20:72, 15:317] = shade
    else:
        picture[20:180, 15:117] = shade
    for row in (20, 72, 126, 178):
        picture[row : row + 2, 15:317] = (146, 160, 176)
    for column in (15, 115, 215, 315):
        picture[20:180, column : column + 2] = (146, 160, 176)
    for x, y in itertools.product((65, 165, 265), (46, 99, 152)):
        cv2.line(picture, (x, y - 16), (x + 2, y + 16), (60, 30, 40), 4)
    assert classifier.read(picture).grid == (("1",) * 3,) * 3


@pytest.mark.parametrize("size", [(3, 3), (4, 3), (4, 4), (7, 5)])
def test_a_grid_without_a_frame_has_its_outer_cells(size, classifier):
    rows, columns = size
    side = 60
    picture = np.full((rows * side + 40, columns * side + 40), 238, np.uint8)
    far = 20 + side * np.array(size)
    for row in range(1, rows):
        picture[20 + side * row, 20 : far[1]] = 130
    for column in range(1, columns):
        picture[20 : far[0], 20 + side * column] = 130
    want = np.full(size, "")
    for row, column in np.ndindex(*size):
        if (row + 2 * column) % 3:
            x, y = 50 + side * column, 50 + side * row
            cv2.line(picture, (x, y - 16), (x + 2, y + 16), 40, 4)
            want[row, column] = "1"
    assert classifier.read(picture).grid == tuple(map(tuple, want.tolist()))


def test_a_grid_with_a_frame_ends_at_it_whatever_is_beside_it(classifier):
    """As a puzzle does beside another, whose lines are level with its own."""
    picture = np.full((280, 340), 238, np.uint8)
    for at in range(20, 261, 60):
        picture[at, 20:330] = picture[20:261, at] = 130
    for row in range(4):
        cv2.line(picture, (50, 34 + 60 * row), (52, 66 + 60 * row), 40, 4)
    assert classifier.read(picture).grid == (("1", "", "", ""),) * 4


@pytest.mark.parametrize("apart", [0, 12])
@pytest.mark.parametrize("border", [0, 1, 2, 3])
def test_walls_of_boxes_that_a_border_cuts_are_no_digits(
    border, apart, classifier
):
    ink = np.zeros((90, 280), np.uint8)
    for left in (30, 90 + apart, 150 + 2 * apart):
        cv2.rectangle(ink, (left, -5), (left + 60, 70), 1, 2)
        middle = left + 30
        cv2.line(ink, (middle + 2, 12), (middle, 56), 1, 4)
    turned = np.rot90(ink, border)
    found = find_cut(turned, turned)
    assert len(found) == 3 and all(box.filled for box in found)
    if border % 2 == 0:  # of upright digits
        picture = np.where(turned, 40, 235).astype(np.uint8)
        assert classifier.read(picture).text == "111"


def test_a_staircase_of_boxes_is_not_looked_at_cell_by_cell(monkeypatch):
    """It spans the square of their number."""

    def look(*_):
        raise AssertionError

    monkeypatch.setattr(grids, "are_seen", look)
    ink = np.zeros((1500, 1500), np.uint8)
    for count, fails in ((20, True), (35, False)):
        stairs = [(k + by, k) for k in range(count) for by in (0, 1)]
        boxes = [make_box(10 + SIDE * x, 10 + SIDE * y) for x, y in stairs]
        with pytest.raises(AssertionError) if fails else nullcontext():
            assert find_grid(ink, boxes, (0, 0), ink[..., None]) is None


@pytest.mark.parametrize("axis", [0, 1])
def test_merged_cells_are_split_as_those_beside_them(axis):
    cells = [
        make_box(10 + SIDE * x, 10 + SIDE * y)
        for y, x in itertools.product((0, 2), range(3))
    ]
    (wide,) = (make_box(10, 10 + SIDE),)
    long = 3 * SIDE - 4
    corners = wide.corners.copy()
    corners[[1, 2], 0] = 10 + long
    merged = wide._replace(corners=corners, sides=(SIDE - 4, long))
    if axis == 1:
        order = [0, 3, 2, 1]  # from the top left on, clockwise
        cells = [c._replace(corners=c.corners[order, ::-1]) for c in cells]
        merged = merged._replace(corners=corners[order, ::-1])
    parts = split_merged([*cells, merged], cells)[len(cells) :]
    middles = np.array([part.corners.mean(axis=0) for part in parts])
    np.testing.assert_allclose(
        middles[:, axis], 28 + SIDE * np.arange(3), atol=2
    )
    np.testing.assert_allclose(middles[:, 1 - axis], 28 + SIDE)
    # Not where they would stand between columns, and not of another height.
    for shift, tall in ((SIDE / 2, 0), (0, SIDE)):
        other = merged.corners.copy()
        other[:, axis] += shift
        other[[3, 2] if axis == 0 else [1, 2], 1 - axis] += tall
        box = merged._replace(corners=other)
        assert split_merged([*cells, box], cells) == cells


def draw_date(between):
    """Eight boxes with a 7 each, as of a date, and strokes between groups."""
    page = np.full((120, 560), 240, np.uint8)
    left = 30
    for place in range(8):
        left += 36 * (place in (2, 4))
        if place in (2, 4):
            for start, end in between:
                ends = [(left - 36 + x, 30 + y) for x, y in (start, end)]
                cv2.line(page, *ends, 90, 3, cv2.LINE_AA)
        cv2.rectangle(page, (left, 30), (left + 46, 92), 110, 2)
        seven = np.add([[12, 16], [34, 16], [18, 50]], (left, 30))
        cv2.polylines(page, [seven], False, 40, 4, cv2.LINE_AA)
        left += 50
    return page


@pytest.mark.parametrize(
    "between",
    [
        [((10, 54), (24, 10))],  # a slash
        [((8, 32), (26, 32))],  # a dash
        [((17, 50), (18, 50))],  # a point
    ],
)
def test_what_parts_groups_of_boxes_is_no_1(between):
    readings = DigitClassifier.from_pretrained().read(draw_date(between))
    assert readings.text.replace("\n", "") == "7" * 8
    assert len(readings.specks) >= 2


def test_what_is_no_stroke_beside_boxes_is_their_label():
    """Of a 4, as of a printed number, hardly anything is straight."""
    four = [((12, 14), (8, 34)), ((8, 34), (28, 34)), ((22, 14), (22, 54))]
    readings = DigitClassifier.from_pretrained().read(draw_date(four))
    assert readings.text.replace("\n", "") == "774774" + "7777"


def test_squared_paper_has_no_groups_of_boxes():
    """Nor is each of thousands compared with all others."""
    mask = np.zeros((420, 420), np.uint8)
    mask[10:411:20] = mask[:, 10:411:20] = 1
    boxes = find_boxes(mask, mask)
    ink = np.full(mask.shape, 255, np.uint8)
    assert len(boxes) == 400 and take_separators(ink, boxes) is None


FORMS = {
    "0": [(0.5, 0), (0, 0.7), (0, 1.3), (0.5, 2), (1, 1.3), (1, 0.7)],
    "1": [(0.5, 0), (0.4, 2)],
    "4": [(0.7, 2), (0.7, 0), (0, 1.3), (1, 1.3)],
    "7": [(0, 0), (1, 0), (0.35, 2)],
}


def draw_form(text, high, gap):
    """A row of boxes of thin blue lines, one a digit, as of a small scan."""
    step, room, left = high + 4 + gap, high + 10, 15
    page = np.full((4 * room + 120, 4 * len(text) * step + 120, 3), 235)
    page = page.astype(np.uint8)
    for name in text:
        corner = (4 * left + 4 * (high + 4), 60 + 4 * room)
        cv2.rectangle(page, (4 * left, 60), corner, (150, 90, 40), 6)
        middle = 4 * left + 8 + high
        points = np.array(FORMS[name]) * 2 * high + (middle, 84)
        cv2.polylines(page, [np.int32(points)], name == "0", (20,) * 3, 8)
        left += step
    small = cv2.resize(page, None, fx=0.25, fy=0.25, interpolation=3)
    noise = np.random.default_rng(high).normal(0, 6, small.shape)
    blurred = cv2.GaussianBlur(small, (0, 0), 0.5) + noise
    return np.clip(blurred, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("high", [15, 18, 20])
@pytest.mark.parametrize("gap", [0, 3, 4])
def test_digits_in_small_boxes_are_told_from_their_walls(gap, high, classifier):
    read = classifier.read(draw_form("70471", high, gap))
    assert read.text == "70471"
    # Boxes are in pixels of the picture, whatever it was enlarged to.
    for place, each in enumerate(read):
        left, top, right, bottom = each.box
        start = 15 + place * (high + 4 + gap)
        assert start - 1 < left < right < start + high + 5
        assert abs(bottom - top - high) < 5
