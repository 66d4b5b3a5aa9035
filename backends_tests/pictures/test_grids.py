"""Grids: cells by most of their boxes, and what is no digit in them."""

import itertools

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.pictures import cleaning
from mnistcnn.pictures.blocks import hold_signs, open_blocks
from mnistcnn.pictures.boxes import Box
from mnistcnn.pictures.cells import drop_rests
from mnistcnn.pictures.grids import find_grid

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


def draw_puzzle(blocks, paper=236, filled=30, wall=60, pen=(60, 30, 40)):
    """A 1 in each cell of 6 x 5 but the dark ones, and what the answer is."""
    picture = np.full((290, 340, 3), paper, np.uint8)
    for x, y in blocks:
        left, top = 20 + 50 * x, 20 + 50 * y
        picture[top : top + 50, left : left + 50] = filled
    for row in range(20, 271, 50):
        picture[row : row + 2, 20:322] = wall
    for column in range(20, 321, 50):
        picture[20:272, column : column + 2] = wall
    cells = [[""] * 6 for _ in range(5)]
    for x, y in itertools.product(range(6), range(5)):
        if (x, y) not in blocks:
            middle = (45 + 50 * x, 45 + 50 * y)
            ends = [np.add(middle, (way, 16 * way)) for way in (-1, 1)]
            cv2.line(picture, *ends, pen, 4)
            cells[y][x] = "1"
    return picture, tuple(map(tuple, cells))


@pytest.mark.parametrize("degrees", [0, 4])
@pytest.mark.parametrize(
    "blocks",
    [
        [(1, 1), (4, 3)],
        # Some beside each other, and at a corner's.
        [(0, 0), (1, 0), (2, 1), (4, 2), (4, 3), (5, 4)],
    ],
)
def test_dark_cells_of_a_puzzle_are_empty(blocks, degrees, classifier):
    picture, cells = draw_puzzle(blocks)
    turn = cv2.getRotationMatrix2D((170, 145), degrees, 0.9)
    picture = cv2.warpAffine(
        picture, turn, (340, 290), borderMode=cv2.BORDER_REPLICATE
    )
    assert classifier.read(picture).grid == cells


BLOCKS = [(1, 1), (2, 2), (2, 3), (4, 3), (5, 0)]
MANY = [(0, 1), (0, 4), (1, 2), (2, 2), (3, 2), (2, 3), (3, 3), (4, 3), (5, 0)]


def compress(picture, quality):
    file = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(file, cv2.IMREAD_COLOR)


@pytest.mark.parametrize(
    ("blocks", "paper", "filled", "wall", "pen"),
    [
        # As much darker in all colours as a shadow would be.
        (BLOCKS, 236, (128, 136, 130), (128, 136, 130), 40),
        # JPEG makes paper redder beside it.
        (BLOCKS, (240, 200, 205), *[(35, 50, 180)] * 3),
        # Walls between filled cells are of another colour.
        (
            MANY,
            (241, 230, 230),
            (224, 154, 154),
            (232, 200, 200),
            (60, 70, 170),
        ),
    ],
)
def test_coloured_cells_of_a_puzzle_are_empty(
    blocks, paper, filled, wall, pen, classifier
):
    colours = {"paper": paper, "filled": filled, "wall": wall, "pen": pen}
    picture, cells = draw_puzzle(blocks, **colours)
    assert classifier.read(compress(picture, 55)).grid == cells


@pytest.mark.parametrize("left", [60, 30])
@pytest.mark.parametrize(
    ("filled", "pen"),
    [
        ((210, 222, 212), (40, 30, 30)),
        ((110, 60, 30), (250, 245, 240)),  # bright on dark
        ((60, 80, 150), (230, 250, 255)),
    ],
)
def test_signs_in_a_shaded_row_do_not_vanish(filled, pen, left, classifier):
    picture = np.full((220, 300, 3), (250, 252, 250), np.uint8)
    picture[20:80, 20:280] = filled
    picture[20:201:60, 20:280] = picture[20:200, 20:281:130] = 90
    for x, y in itertools.product((left, left + 130), (50, 110, 170)):
        colour = pen if y < 80 else (40, 30, 30)
        cv2.line(picture, (x + 2, y - 20), (x - 2, y + 20), colour, 3)
    cells = classifier.read(compress(picture, 70)).grid
    assert cells == (("1",) * 2,) * 3


@pytest.mark.parametrize(("across", "down"), [(2, 1), (3, 2)])
def test_bright_signs_on_plates_are_read(across, down, classifier):
    picture = np.full((40 + 90 * down, 40 + 90 * across, 3), 235, np.uint8)
    for x, y in itertools.product(range(across), range(down)):
        left, top = 30 + 90 * x, 30 + 90 * y
        picture[top : top + 70, left : left + 70] = (120, 70, 30 + 40 * x)
        ends = (left + 37, top + 14), (left + 33, top + 56)
        cv2.line(picture, *ends, (250, 245, 240), 5, cv2.LINE_AA)
    got = [reading.label for reading in classifier.read(picture)]
    assert got == ["1"] * (across * down)


def test_a_broad_pen_is_no_plate(classifier):
    picture = np.full((200, 240, 3), 235, np.uint8)
    cv2.ellipse(picture, (70, 100), (34, 52), 0, 0, 360, (60, 40, 30), 24)
    cv2.line(picture, (170, 45), (170, 155), (60, 40, 30), 24)
    got = [reading.label for reading in classifier.read(picture)]
    assert got == ["0", "1"]


def test_paper_in_broad_walls_is_no_block():
    picture = np.full((94, 120, 1), 220, np.uint8)
    cv2.rectangle(picture, (20, 20), (100, 74), 40, 10)
    found = open_blocks(picture)
    assert found is not None and not found[1][30:64, 30:90].any()


def test_a_junction_of_strokes_is_no_plate():
    blocks, ink = np.zeros((2, 81, 81), np.uint8)
    blocks[45:57, 20:28] = 1
    ink[48:50, 22:26] = 255
    assert not hold_signs(blocks, ink)
    large = (np.kron(each, np.ones((3, 3), np.uint8)) for each in (blocks, ink))
    assert hold_signs(*(each[120:180, 45:120] for each in large))
