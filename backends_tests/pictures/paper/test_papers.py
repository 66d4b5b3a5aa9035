"""Papers of every kind, made, and read by the shipped network."""

import difflib
import itertools

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.errors import DataError
from mnistcnn.ink import draw_digit
from mnistcnn.pictures import clean_picture, rasterize
from mnistcnn.pictures.paper import sheets
from mnistcnn.pictures.paper.corners import is_outlined
from mnistcnn.pictures.rulings.erasing import erase_lines
from papers import PAPERS, make_paper
from papers.made_page import Page

pytestmark = pytest.mark.core

# Papers without a number have tests of their own below.
NUMBERS = [
    kind
    for kind in PAPERS
    if not kind.startswith(("blank", "empty", "grid", "sudoku", "form"))
    and not kind.startswith("table")
    and kind not in ("landscape", "face", "walls_thick", "crossword")
]
SEEDS = (3, 4, 5)


@pytest.fixture(scope="module")
def classifier():
    return DigitClassifier.from_pretrained()


def read(classifier, picture):
    return "".join(reading.label for reading in classifier.read(picture))


@pytest.mark.parametrize("kind", NUMBERS)
def test_a_number_is_read_on(kind, classifier):
    papers = [make_paper(kind, seed) for seed in SEEDS]
    got = [read(classifier, paper.picture) for paper in papers]
    right = [paper.right for paper in papers]
    # A hand's 7 may be a 1 for the network: not every digit of them.
    alike = [
        difflib.SequenceMatcher(None, g, r, autojunk=False).ratio()
        for g, r in zip(got, right, strict=True)
    ]
    assert np.mean(alike) >= 0.6, (got, right)


@pytest.mark.parametrize(
    "kind", ["blank_grain", "blank_fibres", "blank_ruled", "empty_cell"]
)
def test_nothing_is_read_on(kind, classifier):
    for seed in SEEDS:
        assert read(classifier, make_paper(kind, seed).picture) == ""


@pytest.mark.parametrize(
    "kind",
    [
        "grid",
        "sudoku",
        "sudoku_photo",
        "form",
        "grid_askew",
        "grid_open",
        "walls_thick",
        "crossword",
    ],
)
def test_the_cells_of_a_grid_are_in_the_answer(kind, classifier):
    papers = [make_paper(kind, seed) for seed in (0, 3)]
    for paper in papers:
        got = classifier.read(paper.picture).grid
        assert [len(row) for row in got] == [len(row) for row in paper.right]
        same = [
            mine == theirs
            for row, others in zip(got, paper.right, strict=True)
            for mine, theirs in zip(row, others, strict=True)
        ]
        assert np.mean(same) >= 0.8


@pytest.mark.parametrize(
    ("kind", "seed"),
    [
        ("underline", 12),  # shorter than a line among digits is
        ("sheet_on_light", 2),  # a grey sheet, its corners rounded by a median
        ("comb", 3),  # ticks of which the outer two are a frame's sides
        ("frame_double", 5),
        ("dotted", 3),
        ("dotted", 7023),  # pale dots are no fibres where there is ink
        ("dotted", 5032),  # of small dots there is more than of ink
        ("grain", 174),  # of its marks nineteen in twenty are grain
        ("grain", 289),
        ("hard_shadow", 54),  # a soft edge, by which most of a digit lies
        ("shadow_corners", 118),
    ],
)
def test_nothing_but_the_number_is_read_on(kind, seed, classifier):
    paper = make_paper(kind, seed)
    assert len(read(classifier, paper.picture)) == len(paper.right)


@pytest.mark.parametrize(
    ("kind", "seeds"),
    [
        ("boxes_askew", (1, 5, 12, 18)),  # the outer cells lean most
        ("boxes_askew", (5020, 5028, 5030)),  # boxes smaller than their row's
        ("comb_askew", (1, 6, 9, 17)),  # ticks shrink, and lean
        ("comb_askew", (5002, 5014, 5034)),  # rests of the line's own ends
        ("frame_askew", (21, 23)),  # two sides are at another slope
    ],
)
def test_lines_seen_at_an_angle_are_erased(kind, seeds, classifier):
    papers = [make_paper(kind, seed) for seed in seeds]
    got = [read(classifier, paper.picture) for paper in papers]
    assert [len(g) for g in got] == [len(paper.right) for paper in papers]


@pytest.mark.parametrize(("top", "right"), [(-6, 420), (-6, 430), (5, 430)])
def test_a_frame_that_leaves_the_picture_is_erased(top, right):
    picture = np.full((150, 450), 245, np.uint8)
    corners = np.array([[8, top], [right, top], [456, 120], [8, 143]])
    cv2.polylines(picture, [corners], True, 40, 5, cv2.LINE_AA)
    cv2.line(picture, (200, 50), (200, 90), 30, 9)
    ink = clean_picture(picture).ink
    assert ink[60, 200] == 255
    ink[40:100, 185:215] = 0
    assert ink.max() == 0


def test_all_rows_of_a_table_are_read(classifier):
    for seed in range(4):
        paper = make_paper("table", seed)
        number = "".join(map("".join, paper.right))
        got = read(classifier, paper.picture)
        same = difflib.SequenceMatcher(None, got, number, autojunk=False)
        assert same.ratio() >= 0.8, (got, number)


def test_a_pale_grid_is_in_the_answer(classifier):
    picture = np.full((260, 260), 235, np.uint8)
    for at in range(25, 240, 42):
        picture[at, 25:235] = picture[25:235, at] = 208
    cv2.line(picture, (130, 115), (130, 145), 40, 4)
    noise = np.random.default_rng(0).normal(0, 4, picture.shape)
    picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    grid = classifier.read(picture).grid
    assert [len(row) for row in grid] == [5] * 5
    assert grid[2][2] == "1" and sum(map(len, sum(grid, ()))) == 1


def test_a_rest_in_a_cell_is_no_digit(classifier):
    picture = np.full((260, 260), 235, np.uint8)
    for at in range(25, 240, 42):
        picture[at : at + 2, 25:237] = picture[25:237, at : at + 2] = 90
    cv2.line(picture, (130, 115), (130, 145), 40, 4)
    for x, y in ((50, 50), (130, 172), (172, 88)):
        cv2.line(picture, (x, y), (x + 6, y + 6), 60, 2)
    grid = classifier.read(picture).grid
    assert grid[2][2] == "1" and sum(map(len, sum(grid, ()))) == 1


@pytest.mark.parametrize("kind", ["squared", "rules_dark", "box_around"])
def test_squared_paper_is_no_grid(kind, classifier):
    assert all(
        classifier.read(make_paper(kind, seed).picture).grid == ()
        for seed in SEEDS
    )


def test_papers_are_the_same_at_every_run():
    first, again = (make_paper("squared", 7) for _ in range(2))
    assert first.right == again.right
    assert np.array_equal(first.picture, again.picture)


def test_strokes_are_drawn_where_they_lie_as_on_the_whole_page(rng):
    page = Page(rng, draw_digit)
    page.open(120, 200)
    for pen in rng.uniform(1, 14, 30):
        stroke = rng.uniform(0, 1, (4, 2)) * rng.uniform(10, (200, 120))
        share = rasterize([stroke], (120, 200), pen)[..., None] / 255.0
        expected = page.painted * (1 - share) + share * page.ink
        page.draw_strokes([stroke], pen, page.ink)
        np.testing.assert_array_equal(page.painted, expected)
    page.draw_strokes([], 3, page.ink)
    page.draw_strokes([np.full((2, 2), 900.0)], 3, page.ink)
    np.testing.assert_array_equal(page.painted, expected)


def test_no_other_paper():
    with pytest.raises(DataError, match='The paper is "sand". Expected one of'):
        make_paper("sand", 0)


def test_a_box_is_where_it_was_on_the_desk(classifier):
    sheet = np.full((200, 300, 3), 240, np.uint8)
    cv2.line(sheet, (150, 60), (150, 140), (30, 30, 30), 8)
    corners = np.float32([[0, 0], [300, 0], [300, 200], [0, 200]])
    seen = np.float32([[60, 50], [420, 80], [400, 330], [40, 280]])
    matrix = cv2.getPerspectiveTransform(corners, seen)
    picture = cv2.warpPerspective(
        sheet, matrix, (480, 380), borderValue=(40, 60, 90)
    )
    (reading,) = classifier.read(picture)
    assert reading.label == "1"
    ends = cv2.perspectiveTransform(
        np.float32([[[150, 60], [150, 140]]]), matrix
    )
    left, top, right, bottom = reading.box
    assert abs(top - ends[0, 0, 1]) < 9 and abs(bottom - ends[0, 1, 1]) < 9
    assert left < ends[0, :, 0].mean() < right


@pytest.mark.parametrize("slope", [0.0, 0.1])
@pytest.mark.parametrize("level", [90, 130])
def test_a_sheet_on_a_grey_desk_is_no_light_beside_a_shadow(
    level, slope, classifier
):
    rng = np.random.default_rng(0)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (240, 360)), (0, 0), 9, 0, 0.6)
    desk = level + 0.08 * level * grain / grain.std()
    sheet = np.float32([[60, 60], [290, 60], [290, 180], [60, 180]])
    sheet[:, 1] += slope * sheet[:, 0]
    cv2.fillConvexPoly(desk, np.int32(sheet), 238)
    for left in (110, 170, 230):
        cv2.line(desk, (left + 3, 125), (left, 165), 40, 5)
    picture = cv2.GaussianBlur(desk, (0, 0), 0.7).clip(0, 255)
    assert classifier.read(picture.astype(np.uint8)).text == "111"


@pytest.mark.parametrize("tint", [(205, 205, 205), (190, 190, 225)])
def test_tinted_boxes_are_no_sheet(tint, classifier):
    """Cut out along its frame, a sheet would have 1s for walls."""
    picture = np.full((130, 330, 3), 240, np.uint8)
    cv2.rectangle(picture, (30, 35), (290, 95), tint, -1)
    cv2.rectangle(picture, (30, 35), (290, 95), (70, 70, 70), 2)
    for left in (95, 160, 225):
        cv2.line(picture, (left, 35), (left, 95), (70, 70, 70), 2)
    for left in (62, 127, 192, 257):
        cv2.line(picture, (left, 48), (left - 4, 84), (60, 30, 40), 4)
    assert classifier.read(picture).grid == (("1",) * 4,)


def test_a_shaded_row_of_a_table_is_no_sheet():
    page = np.full((420, 640, 3), 252, np.uint8)
    page[40:153, 40:600] = (205, 215, 225)
    for row in (130, 243, 356):
        for column in (90, 300, 480):
            font = cv2.FONT_HERSHEY_SIMPLEX
            cv2.putText(page, "7", (column, row), font, 2.5, (120, 40, 20), 6)
    ink = clean_picture(page).ink
    assert ink.shape == page.shape[:2]
    rows = np.flatnonzero(ink.any(axis=1))
    assert rows.min() < 100 and rows.max() > 340


@pytest.mark.parametrize("round_corners", [0, 24])
@pytest.mark.parametrize("pen", [5, 9])
@pytest.mark.parametrize("number", ["1", "4", "44"])
def test_a_field_on_a_dark_screen_is_a_sheet(
    round_corners, pen, number, classifier
):
    """Neither a digit with holes, nor ink as dark as what is round it."""
    screen = np.full((300, 600, 3), (60, 30, 35), np.uint8)
    r = round_corners
    cv2.rectangle(screen, (60 + r, 70), (540 - r, 230), (245,) * 3, -1)
    cv2.rectangle(screen, (60, 70 + r), (540, 230 - r), (245,) * 3, -1)
    for corner in itertools.product((60 + r, 540 - r), (70 + r, 230 - r)):
        cv2.circle(screen, corner, r, (245,) * 3, -1)
    strokes = {
        "1": [[[22, 0], [20, 70]]],
        "4": [[[25, 0], [0, 45], [45, 45]], [[35, 20], [30, 75]]],
    }
    for place, label in enumerate(number):
        for stroke in strokes[label]:
            at = np.add(stroke, (95 + 80 * place, 115))
            cv2.polylines(screen, [at], False, (30, 30, 30), pen, cv2.LINE_AA)
    assert classifier.read(screen).text == number


def test_a_large_picture_is_read_small_and_located_large():
    picture = np.full((300, 5000), 240, np.uint8)
    picture[60:240, 3000:3030] = 20
    sheet = clean_picture(picture)
    assert max(sheet.ink.shape) == 1600
    rows, columns = np.nonzero(sheet.ink > 127)
    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert np.allclose(sheet.locate(box), (3000, 60, 3030, 240), atol=4)


def test_the_flat_bow_of_a_wide_digit_is_no_underline():
    ink = np.zeros((140, 300), np.uint8)
    cv2.line(ink, (40, 50), (40, 100), 170, 8)  # a 1
    # A 0, flat above and below.
    left = [(110, 50), (78, 75), (94, 92), (110, 100)]
    right = [(180, 100), (196, 92), (212, 75), (180, 50)]
    points = np.array([*left, *right], np.int32)
    cv2.polylines(ink, [points], True, 170, 8, cv2.LINE_AA)
    found = erase_lines(ink.astype(np.float32), 60.0).strength
    assert (found > 60).sum() > 0.99 * (ink > 60).sum()


def test_paper_in_falling_light_is_even_and_a_strip_of_desk_is_not():
    picture = np.tile(np.linspace(150, 240, 320).astype(np.uint8), (240, 1))
    cv2.line(picture, (150, 50), (150, 190), 40, 9)
    assert sheets._is_even(picture[..., None])
    for strip in (np.s_[:, :8], np.s_[-8:], np.s_[:60, :60]):
        desk = picture.copy()
        desk[strip] = 90
        assert not sheets._is_even(desk[..., None])


def test_stems_in_cells_are_no_line(classifier):
    # A 1 and a 9's stem, below each other, were erased as one.
    paper = make_paper("sudoku_photo", 6)
    grid = classifier.read(paper.picture).grid
    assert [list(row) for row in grid] == paper.right


def write_number(height=180, width=420):
    """White paper with "71" on it, drawn by lines."""
    picture = np.full((height, width, 3), 235, np.uint8)
    for stroke in ([[150, 60], [190, 60], [165, 120]], [[230, 60], [230, 120]]):
        cv2.polylines(picture, [np.array(stroke)], False, (50, 40, 40), 7)
    return picture


@pytest.mark.parametrize(("kind", "fall"), [("clean", 0.4), ("underline", 0.6)])
def test_a_lamps_light_is_no_cut_out_digit(kind, fall, classifier):
    paper = make_paper(kind, 0)
    height, width = paper.picture.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = 1 - fall * (x**2 + y**2)[..., None] / 2
    assert read(classifier, np.uint8(paper.picture * light)) == paper.right


def test_a_sheet_from_border_to_border_is_no_cut_out_digit(classifier):
    desk = np.full((240, 440, 3), (150, 110, 200), np.uint8)
    corners = np.float32([[0, 0], [419, 0], [419, 179], [0, 179]])
    turned = np.float32([[34, 3], [437, 60], [406, 237], [3, 180]])
    matrix = cv2.getPerspectiveTransform(corners, turned)
    picture = cv2.warpPerspective(
        write_number(),
        matrix,
        (440, 240),
        dst=desk,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    assert read(classifier, picture) == "71"


@pytest.mark.parametrize("sides", [(0, 18, 12, 0), (20, 0, 0, 30)])
def test_beside_a_scanners_dark_bars_a_number_is_read(sides, classifier):
    picture = write_number()
    cv2.line(picture, (0, 140), (419, 143), (150, 90, 60), 3)
    picture = cv2.copyMakeBorder(
        picture, *sides, cv2.BORDER_CONSTANT, value=(10, 10, 10)
    )
    assert read(classifier, picture) == "71"


@pytest.mark.parametrize("blur", [1, 1.5])
def test_a_blurred_margin_is_no_1(blur, classifier):
    picture = write_number(120)
    cv2.line(picture, (90, 0), (90, 119), (150, 130, 200), 4)
    assert read(classifier, cv2.GaussianBlur(picture, (0, 0), blur)) == "71"


@pytest.mark.parametrize("wide", [24, 30])
def test_a_finger_on_the_paper_is_no_digit(wide, classifier):
    picture = write_number(260)
    skin = (205, 150, 120)
    cv2.line(picture, (330, 220), (320, 300), skin, 2 * wide, cv2.LINE_AA)
    assert read(classifier, picture) == "71"


@pytest.mark.parametrize("beyond", [0, 24])
def test_a_pads_binding_is_no_digit(beyond, classifier):
    picture = np.pad(write_number(), ((50, 0), (0, 0), (0, 0)), mode="edge")
    picture[:beyond] = (90, 60, 40)
    for x in range(14, 420, 33):
        cv2.circle(picture, (x, 44), 7, (40, 40, 45), -1, cv2.LINE_AA)
        if beyond:
            cv2.line(picture, (x, 44), (x + 6, 0), (120,) * 3, 3, cv2.LINE_AA)
    assert read(classifier, picture) == "71"


@pytest.mark.parametrize("pen", [9, 12, 15])
def test_sides_that_lie_on_each_other_are_halved(pen, classifier):
    """As the right side of a 3 and the left one of a 0 by a thick pen."""
    page = np.full((160, 300), 235, np.uint8)
    for middle, size, start, end in (
        ((80, 58), (24, 22), -150, 90),
        ((80, 102), (26, 24), -90, 150),
        ((138, 80), (32, 48), 0, 360),
    ):
        cv2.ellipse(page, middle, size, 0, start, end, 30, pen, cv2.LINE_AA)
    assert read(classifier, page) == "30"


@pytest.mark.parametrize("colour", [(45, 108, 129), (160, 150, 140)])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_torn_edge_is_no_digits(colour, seed, classifier):
    picture = write_number()
    rng = np.random.default_rng(seed)
    edge = 35 + np.cumsum(rng.normal(0, 1.3, picture.shape[1]))
    edge = np.clip(edge - edge.mean() + 30, 4, 45)
    picture[np.arange(len(picture))[:, None] < edge] = colour
    picture = cv2.GaussianBlur(picture, (0, 0), 0.7)
    assert read(classifier, picture) == "71"


@pytest.mark.parametrize("fade", [12, 0])
def test_a_sheet_with_a_shadow_all_round_is_no_field(fade):
    page = np.full((200, 240), 190, np.uint8)
    page[60:140, 70:170] = 90
    if fade:
        page = cv2.GaussianBlur(page, (0, 0), fade)
    else:
        page[56:144, 66:174] = 60
    page[60:140, 70:170] = 195
    corners = np.array([[70, 60], [169, 60], [169, 139], [70, 139]], float)
    assert is_outlined(page, corners) is not bool(fade)
