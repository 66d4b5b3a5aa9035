"""Blocks: cells that are filled, plates, buttons; and other dark areas."""

import itertools

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.pictures.forms.blocks import open_blocks
from mnistcnn.pictures.forms.fragments import join_fragments
from mnistcnn.pictures.forms.plates import hold_signs
from mnistcnn.pictures.shapes.components import find_components
from papers.kinds import make_paper

pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def classifier():
    return DigitClassifier.from_pretrained()


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


def draw_buttons(colour=(120, 70, 30)):
    picture = np.full((130, 310, 3), 235, np.uint8)
    for x in (65, 155, 245):
        cv2.circle(picture, (x, 65), 36, colour, -1, cv2.LINE_AA)
        ends = (x + 2, 45), (x - 2, 85)
        cv2.line(picture, *ends, (250, 245, 240), 4, cv2.LINE_AA)
    return picture


def test_signs_on_round_buttons_are_read(classifier):
    got = [reading.label for reading in classifier.read(draw_buttons())]
    assert got == ["1"] * 3


def test_a_block_reaches_its_edge_behind_a_sign_near_it():
    picture = draw_buttons()
    # Nine pixels of the button are left between a wide sign and its edge.
    cv2.line(picture, (138, 89), (172, 89), (250, 245, 240), 4)
    found = open_blocks(picture)
    assert found is not None
    disc = cv2.circle(np.zeros((130, 310), np.uint8), (155, 65), 33, 1, -1)
    assert found[1][disc > 0].mean() > 0.98


@pytest.mark.parametrize("wall", [(60, 42, 28), (90, 60, 40)])
def test_walls_of_dark_rows_need_not_be_seen(wall, classifier):
    picture = np.full((280, 300, 3), 250, np.uint8)
    cells = []
    for row in range(4):
        top, dark = 20 + 60 * row, row % 2 == 0
        if dark:
            picture[top : top + 60, 20:280] = (60, 40, 25)
        line = wall if dark else (90, 80, 80)
        picture[top : top + 60, 20:281:65] = line
        for x in range(52, 280, 65):
            ends = (x + 2, top + 12), (x - 2, top + 48)
            pen = (250, 250, 250) if dark else (40, 30, 30)
            cv2.line(picture, *ends, pen, 4, cv2.LINE_AA)
        cells.append(("1",) * 4)
    picture[20:261:60, 20:281] = 90
    assert classifier.read(compress(picture, 80)).grid == tuple(cells)


def test_paper_in_the_rings_of_a_thick_pen_is_no_sign():
    blocks, ink = np.zeros((2, 120, 120), np.uint8)
    cv2.circle(blocks, (60, 60), 40, 1, -1)
    cv2.circle(ink, (60, 60), 14, 255, -1)
    assert not hold_signs(blocks, ink)
    cv2.circle(ink, (60, 60), 9, 0, -1)  # a drawn 0
    assert hold_signs(blocks, ink)


def test_what_is_low_on_a_block_is_no_sign():
    blocks, ink = np.zeros((2, 120, 120), np.uint8)
    cv2.circle(blocks, (60, 60), 40, 1, -1)
    for x in (45, 75):  # as eyes are in a face
        cv2.ellipse(ink, (x, 50), (7, 4), 0, 0, 360, 255, 2)
    assert not hold_signs(blocks, ink)
    cv2.line(ink, (60, 70), (60, 90), 255, 3)
    assert hold_signs(blocks, ink)


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


@pytest.mark.parametrize(
    ("seed", "columns", "rows"),
    [
        (8026, 2, 3),  # between dark rows walls are seen in colours alone
        (8018, 5, 5),  # so are those of most cells
    ],
)
def test_rows_whose_walls_are_pale_are_rows(seed, columns, rows, classifier):
    grid = classifier.read(make_paper("table_shaded", seed).picture).grid
    assert [len(row) for row in grid] == [columns] * rows


def test_signs_on_buttons_are_no_photograph(classifier):
    paper = make_paper("buttons", 6011)
    readings = classifier.read(paper.picture)
    assert len(readings) == len(paper.right) and not readings.note


def test_a_junction_of_strokes_is_no_plate():
    blocks, ink = np.zeros((2, 81, 81), np.uint8)
    blocks[45:57, 20:28] = 1
    ink[48:53, 24] = 255
    assert not hold_signs(blocks, ink)
    large = (np.kron(each, np.ones((3, 3), np.uint8)) for each in (blocks, ink))
    assert hold_signs(*(each[120:180, 45:120] for each in large))


def test_paper_beside_brighter_pixels_is_no_block():
    """JPEG has them beside strokes; closed, they are a brighter paper."""
    page = np.full((200, 200, 1), 200, np.uint8)
    for row, column in itertools.product(range(20, 200, 45), repeat=2):
        page[row : row + 3, column : column + 3] = 245
    assert open_blocks(page) is None
    page[60:100, 60:100] = 90
    _, mask = open_blocks(page)
    outside = mask.copy()
    outside[60:100, 60:100] = 0
    assert mask[65:95, 65:95].all() and not outside.any()


def draw_tiles(gap, size=(72, 92)):
    """Bright 0, 7 and 1 on dark tiles; the first two reach near their sides."""
    wide, high = size
    page = np.full((high + 60, 3 * (wide + gap) + 80, 3), 220, np.uint8)
    for place in range(3):
        left = 40 + place * (wide + gap)
        page[30 : 30 + high, left : left + wide] = 25
        middle = (left + wide // 2, 30 + high // 2)
        if place == 0:
            half = (wide // 2 - 12, high // 2 - 8)
            cv2.ellipse(page, middle, half, 0, 0, 360, (235,) * 3, 4)
        elif place == 1:
            seven = [(-28, -30), (28, -34), (-6, 36)]
            points = np.add(middle, seven)
            cv2.polylines(page, [points], False, (235,) * 3, 4, cv2.LINE_AA)
        else:
            ends = [np.add(middle, (way, -26 * way)) for way in (1, -1)]
            cv2.line(page, *ends, (235,) * 3, 4, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("gap", [2, 4, 8])
def test_what_a_sign_has_parted_is_one_tile(gap, classifier):
    page = draw_tiles(gap)
    readings = classifier.read(page)
    assert [each.label for each in readings] == [*"071"]
    _, mask = open_blocks(page)
    assert len(find_components(mask)[1]) == 4


def test_tiles_are_joined_with_none_beside_them():
    page = draw_tiles(4)
    other = (page[..., 0] < 100).astype(np.uint8)
    inner = cv2.morphologyEx(other, cv2.MORPH_OPEN, np.ones((9, 9)))
    before = len(find_components(inner)[1])
    joined = join_fragments(inner, other, 7)
    assert before > 4 and len(find_components(joined)[1]) == 4
    # On a dark sheet blocks are what is between its signs.
    other = np.pad(other[30:-30, 40:-40], 20, constant_values=1)
    inner = cv2.morphologyEx(other, cv2.MORPH_OPEN, np.ones((9, 9)))
    assert (join_fragments(inner, other, 7) == inner).all()


@pytest.mark.parametrize("tilt", [0, 3])
@pytest.mark.parametrize("dark", [(60, 40, 30), (45, 60, 40), (20, 20, 20)])
def test_dark_paper_in_a_bright_frame_is_no_block(dark, tilt, classifier):
    page = np.full((90, 180, 3), dark, np.uint8)
    seven, two = [(50, 30), (72, 30), (58, 62)], [(104, 30), (104, 62)]
    for points in (seven, two):
        cv2.polylines(page, [np.array(points)], False, (220,) * 3, 3)
    corners = [(25, 18 + tilt), (155, 18 - tilt), (155, 72 - tilt)]
    corners.append((25, 72 + tilt))
    for frame in ((140,) * 3, (200, 220, 200)):
        framed = page.copy()
        cv2.polylines(framed, [np.array(corners)], True, frame, 2)
        assert open_blocks(framed) is None
        labels = [each.label for each in classifier.read(framed)]
        assert labels == [*"71"]
