"""Lines of the pen's own ink, thick or near, round small numbers."""

import itertools
import tracemalloc

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.pictures import clean_picture
from mnistcnn.pictures.light.illumination import subtract_paper
from mnistcnn.pictures.paper.bindings import erase_binding
from mnistcnn.pictures.paper.cropping import pad_cropped
from mnistcnn.pictures.paper.cutouts import cut_out
from mnistcnn.pictures.paper.dots import find_dots
from mnistcnn.pictures.paper.sheets import find_sheet
from mnistcnn.pictures.pieces.rings import find_rings
from mnistcnn.pictures.rulings.bands import Line
from mnistcnn.pictures.rulings.combs import find_ticks
from mnistcnn.pictures.rulings.erasing import erase_lines
from mnistcnn.pictures.rulings.feet import close_feet
from mnistcnn.pictures.rulings.surroundings import take_longest

pytestmark = pytest.mark.core

INK = 45


@pytest.fixture(scope="module")
def classifier():
    return DigitClassifier.from_pretrained()


def make_page(height=70, width=150):
    return np.full((height, width), 240, np.uint8)


def write(page, label, left, top, tall=24, pen=3):
    """Writes a 0, a 1 or a 7."""
    right, bottom = left + tall // 2, top + tall
    if label == "0":
        middle = ((left + right) // 2, (top + bottom) // 2)
        size = ((right - left) // 2, tall // 2)
        cv2.ellipse(page, middle, size, 0, 0, 360, INK, pen, cv2.LINE_AA)
        return
    points = {
        "1": [(right - 4, top), (right - 4, bottom)],
        "7": [(left, top), (right, top), (left + 3, bottom)],
    }[label]
    points = [np.array(points, np.int32)]
    cv2.polylines(page, points, False, INK, pen, cv2.LINE_AA)


def write_number(page, top=20, labels="717"):
    for place, label in enumerate(labels):
        write(page, label, 30 + 22 * place, top)
    return page


def read(classifier, page):
    return "".join(reading.label for reading in classifier.read(page))


@pytest.mark.parametrize(
    ("count", "thick", "edge"), [(3, 5, 20), (9, 3, 20), (9, 5, 6), (3, 6, 2)]
)
def test_a_grid_whose_walls_are_as_thick_as_the_pen(
    count, thick, edge, classifier
):
    side = 44
    page = make_page(*(2 * [count * side + 2 * edge]))
    for at in range(edge, edge + count * side + 1, side):
        far = edge + count * side
        cv2.line(page, (edge, at), (far, at), INK, thick, cv2.LINE_AA)
        cv2.line(page, (at, edge), (at, far), INK, thick, cv2.LINE_AA)
    right = [[""] * count for _ in range(count)]
    # A whole column of them, too: they are no holes of a pad.
    for row, column in [(k, 0) for k in range(count)] + [(1, 2), (2, 1)]:
        right[row][column] = "7"
        write(page, "7", edge + column * side + 16, edge + row * side + 10)
    assert [list(row) for row in classifier.read(page).grid] == right


def test_a_puzzle_is_no_digit_that_was_cut_out():
    page = make_page(360, 360)
    for at in np.linspace(3, 356, 11).astype(int):
        page[at - 2 : at + 2] = page[:, at - 2 : at + 2] = INK
    assert cut_out(page[..., None]) is None


@pytest.mark.parametrize("pitch", [26, 30, 34])
def test_cells_narrower_than_four_walls_are_paper(pitch):
    far = 3 * pitch + 5
    page = make_page(far + 5, far + 5)
    for at in range(5, far + 1, pitch):
        cv2.line(page, (5, at), (far, at), INK, 5, cv2.LINE_AA)
        cv2.line(page, (at, 5), (at, far), INK, 5, cv2.LINE_AA)
    for x, y in ((0, 0), (1, 1), (2, 2), (2, 0), (0, 2)):
        x, y = (5 + k * pitch + pitch // 2 for k in (x, y))
        cv2.line(page, (x, y - 6), (x, y + 6), INK, 4, cv2.LINE_AA)
    assert subtract_paper(page[..., None]).noise < 10


def test_digits_that_a_wall_joins_are_cut_at_it(classifier):
    page = make_page(190, 190)
    for at in range(10, 190, 56):
        page[at : at + 3, 10:181] = page[10:181, at : at + 3] = INK
    for top in (22, 70):  # up to the wall from both sides
        cv2.line(page, (94, top), (94, top + 44), INK, 4, cv2.LINE_AA)
    for left in (26, 138):
        write(page, "7", left, 78, tall=34, pen=4)
        write(page, "7", left, 134, tall=34, pen=4)
    grid = classifier.read(page).grid
    assert [list(row) for row in grid] == [
        ["", "1", ""],
        ["7", "1", "7"],
        ["7", "", "7"],
    ]


def test_zeros_below_each_other_are_no_holes():
    mask = np.zeros((200, 160), np.uint8)
    for top in (20, 80, 140):
        cv2.circle(mask, (30, top + 15), 14, 1, 9)
    mask[90:130, 100:104] = 1
    left, _ = erase_binding(mask, mask.astype(np.float32))
    np.testing.assert_array_equal(left, mask)


@pytest.mark.parametrize("gap", [3, 4, 6])
@pytest.mark.parametrize("thick", [1, 2, 3])
def test_an_underline_a_few_pixels_below(gap, thick, classifier):
    page = write_number(make_page())
    bottom = 20 + 24 + 2 + gap + thick // 2
    cv2.line(page, (25, bottom), (92, bottom + 1), INK, thick, cv2.LINE_AA)
    assert read(classifier, page) == "717"


def test_between_two_lines(classifier):
    page = write_number(make_page())
    for y in (13, 52):
        cv2.line(page, (24, y), (96, y), INK, 2, cv2.LINE_AA)
    assert read(classifier, page) == "717"


def test_a_zero_whose_lowest_arc_is_in_the_underline(classifier):
    page = write_number(make_page(), labels="070")
    cv2.line(page, (22, 44), (100, 44), INK, 3, cv2.LINE_AA)
    assert read(classifier, page) == "070"


@pytest.mark.parametrize("apart", [4, 8, 16])
@pytest.mark.parametrize("lower", [0, 2])
def test_an_underline_of_a_half_that_ends_beside_a_foot(
    apart, lower, classifier
):
    page = write_number(make_page(width=180), labels="117")
    foot = np.array([[100, 20], [116, 20], [102, 45], [122, 45]])
    foot += (apart, lower)
    cv2.polylines(page, [foot], False, INK, 3, cv2.LINE_AA)  # a 2
    cv2.line(page, (26, 45), (98, 45), INK, 3)
    assert read(classifier, page) == "1172"


def draw_dashes(page, start, end, dash, colour=INK):
    """Dashes as long as the gaps between them."""
    start, end = np.array(start, float), np.array(end, float)
    long = np.abs(end - start).max()
    for at in np.arange(0, long, 2 * dash):
        ends = [
            start + (end - start) * min(1, t / long) for t in (at, at + dash)
        ]
        ends = [np.rint(tip).astype(int).tolist() for tip in ends]
        cv2.line(page, *ends, colour, 2)


@pytest.mark.parametrize("dash", [6, 9])
def test_a_box_of_dashes_is_no_1s(dash, classifier):
    page = write_number(make_page(90, 150), top=32)
    corners = [(14, 14), (124, 14), (124, 74), (14, 74)]
    for start, end in ((0, 1), (1, 2), (3, 2), (0, 3)):
        draw_dashes(page, corners[start], corners[end], dash)
    soft = cv2.GaussianBlur(page, (0, 0), 0.6)
    assert read(classifier, soft) == "717"


def test_dashes_of_two_lengths_are_none():
    page = make_page(90, 150)
    for row, long in enumerate((6, 8, 40, 60)):
        cv2.line(page, (10, 20 + 12 * row), (10 + long, 20 + 12 * row), INK, 1)
    for place in range(12):
        cv2.line(page, (8 + 12 * place, 75), (8 + 12 * place, 84), INK, 4)
    with np.errstate(all="raise"):
        assert not find_dots((page < 140).astype(np.uint8)).any()


def test_a_digit_in_line_with_dashes_is_no_corner_of_their_box():
    mask = np.zeros((140, 160), np.uint8)
    for side, place in itertools.product((20, 120), range(20, 110, 20)):
        mask[side : side + 3, place : place + 10] = 1
        mask[place + 25 : place + 35, side : side + 3] = 1
    mask[60:110, 60:66] = 1
    corner = mask.copy()
    corner[20:23, 113:123] = corner[20:30, 120:123] = 1
    assert find_dots(corner)[20:30, 113:123].any()
    digit = mask.copy()
    cv2.ellipse(digit, (119, 30), (5, 8), 0, 0, 360, 1, 4)
    dots = find_dots(digit)
    assert dots.any() and not dots[20:42, 112:127].any()


def test_1s_below_each_other_between_rules_of_dashes_are_no_dashes(classifier):
    page = make_page(190, 150)
    for row in range(4):
        write(page, "1", 60, 12 + 44 * row)
        write(page, "7", 90, 12 + 44 * row)
        draw_dashes(page, (4, 46 + 44 * row), (146, 46 + 44 * row), 10)
    assert read(classifier, page) == "17" * 4


@pytest.mark.parametrize("slope", [0, 0.02])
def test_a_rule_of_dashes_between_two_lines(slope, classifier):
    """As on paper on which writing is learned; the digits lie over it."""
    page = make_page(150, 240)
    for place, label in enumerate("717"):
        write(page, label, 60 + 45 * place, 48, tall=52, pen=5)
    for row in (46, 102):
        ends = (0, row), (240, row + round(240 * slope))
        cv2.line(page, *ends, 150, 1, cv2.LINE_AA)
    ends = (0, 74), (240, 74 + round(240 * slope))
    draw_dashes(page, *ends, 10, 140)
    assert read(classifier, page) == "717"


def test_dashes_beside_each_other_within_a_page_stay():
    mask = np.zeros((60, 160), np.uint8)
    mask[10:40, 20:24] = 1
    for left in range(40, 120, 16):
        mask[24:27, left : left + 8] = 1
    assert not find_dots(mask).any()


def test_what_ends_right_above_a_line_does_not_stand_on_it():
    mask = np.zeros((40, 60), np.uint8)
    mask[10:26, [20, 30]] = mask[10, 20:31] = 1  # ends a row above the band
    kept = mask.copy()
    mask[28:31, 5:55] = 1
    line = Line(5, np.full(50, 29.0), 2.0)
    np.testing.assert_array_equal(close_feet(kept, mask, [line], 20), kept)


def test_what_goes_on_below_a_line_does_not_stand_on_it():
    ink = np.zeros((40, 40), np.uint8)
    ink[5:35, [10, 24]] = ink[5, 10:25] = 1
    page = ink.copy()
    page[20:22] = 1
    rule = Line(0, np.full(40, 20.5), 2)
    ink[19:23] = 0
    ink[19:23, [10, 24]] = 1
    np.testing.assert_array_equal(close_feet(ink, page, [rule], 30), ink)


def test_a_line_as_thick_as_a_stroke_of_a_large_picture(classifier):
    page = make_page(640, 640)
    for left in (230, 330):
        write(page, "7", left, 200, tall=110, pen=11)
    cv2.line(page, (150, 365), (510, 365), INK, 15, cv2.LINE_AA)
    write(page, "1", 280, 410, tall=110, pen=11)
    assert read(classifier, page) == "771"


def test_digits_on_a_thick_line_are_no_ticks():
    page = write_number(make_page(), labels="070")
    mask = (page < 140).astype(np.uint8)
    line = Line(28, np.full(60, 50.0), 8.0)
    mask[46:54, 28:88] = 0
    assert not find_ticks(mask, [line], 30.0).any()


@pytest.mark.parametrize("half", [4, 6])
@pytest.mark.parametrize("turned", [False, True])
def test_the_ticks_of_a_number_line_are_no_ones(half, turned, classifier):
    page = make_page(90, 200)
    cv2.line(page, (12, 25), (188, 25), INK, 2, cv2.LINE_AA)
    for place, label in enumerate("7170"):
        x = 35 + 42 * place
        cv2.line(page, (x, 25 - half), (x, 25 + half), INK, 2, cv2.LINE_AA)
        write(page, label, x - 8, 48)
    if turned:  # an axis that goes up, and its numbers beside it
        page = make_page(200, 90)
        cv2.line(page, (25, 12), (25, 188), INK, 2, cv2.LINE_AA)
        for place, label in enumerate("7170"):
            y = 32 + 42 * place
            cv2.line(page, (25 - half, y), (25 + half, y), INK, 2, cv2.LINE_AA)
            write(page, label, 45, y - 12)
    assert read(classifier, page) == "7170"


@pytest.mark.parametrize("row", [60, 64, 70])
def test_ones_on_a_rule_that_goes_through_them_are_no_ticks(row, classifier):
    page = make_page(130, 200)
    cv2.line(page, (0, row), (199, row), 150, 2, cv2.LINE_AA)
    for place in range(4):
        write(page, "1", 40 + 34 * place, 44, tall=36)
    assert read(classifier, page) == "1111"


@pytest.mark.parametrize("thick", [2, 4])
def test_a_ring_round_a_number(thick, classifier):
    page = write_number(make_page(90, 140), top=32)
    cv2.ellipse(page, (58, 44), (52, 34), 0, 0, 360, INK, thick, cv2.LINE_AA)
    assert read(classifier, page) == "717"


@pytest.mark.parametrize("labels", ["7", "717"])
@pytest.mark.parametrize("share", [0.6, 0.7, 0.8])
def test_a_ring_as_thin_as_a_pixel_is_told_from_digits(
    labels, share, classifier
):
    page = make_page(120, 40 + 40 * len(labels))
    for place, label in enumerate(labels):
        write(page, label, 35 + 36 * place, 35, tall=50, pen=7)
    large = np.zeros(4 * np.array(page.shape), np.uint8)
    middle, size = (large.shape[1] // 2, 240), (large.shape[1] // 2 - 24, 200)
    cv2.ellipse(large, middle, size, 0, 0, 360, 255, 4)
    ring = cv2.resize(large, page.shape[::-1], interpolation=cv2.INTER_AREA)
    thin = np.minimum(page, 240 - ring / 255 * share * (240 - INK))
    soft = cv2.GaussianBlur(thin, (0, 0), 0.7).round().astype(np.uint8)
    assert read(classifier, soft) == labels


@pytest.mark.parametrize("wide", [36, 38, 40, 42])
def test_a_ring_that_digits_nearly_touch(wide, classifier):
    page = write_number(make_page(90, 140), top=32)
    cv2.ellipse(page, (58, 44), (wide, 34), 0, 0, 360, INK, 3, cv2.LINE_AA)
    assert read(classifier, page) == "717"


@pytest.mark.parametrize("labels", ["71", "717"])
# Less than once round, and more.
@pytest.mark.parametrize(("turn", "inner"), [(-0.3, 1), (0.9, 0.8)])
def test_a_ring_whose_ends_do_not_meet(labels, turn, inner, classifier):
    page = make_page(90, 180)
    for place, label in enumerate(labels):
        write(page, label, 45 + 22 * place, 32)
    angle = np.linspace(0.6, 0.6 + 2 * np.pi + turn, 120)
    radius = np.linspace(1, inner, 120)
    x = 39 + 11 * len(labels) + (21 + 11 * len(labels)) * radius * np.cos(angle)
    points = np.stack([x, 44 + 38 * radius * np.sin(angle)], axis=1)
    cv2.polylines(page, [points.astype(int)], False, INK, 3, cv2.LINE_AA)
    assert read(classifier, page) == labels


def test_a_ring_that_all_digits_in_it_touch(classifier):
    page = make_page(120, 160)
    for left in (62, 100):
        cv2.line(page, (left, 30), (left - 6, 87), INK, 6, cv2.LINE_AA)
    cv2.ellipse(page, (78, 60), (52, 34), 0, 0, 360, INK, 4, cv2.LINE_AA)
    assert read(classifier, page) == "11"


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("step", [30, 36])
def test_noughts_that_touch_are_no_ring(count, step, classifier):
    page = make_page(120, 60 + 40 * count)
    for left in range(40, 40 + step * count, step):
        cv2.ellipse(page, (left, 60), (18, 28), 0, 0, 360, INK, 5, cv2.LINE_AA)
    assert read(classifier, page) == "0" * count


@pytest.mark.parametrize(
    ("high", "wave", "found"),
    [(34, 0, True), (34, 0.08, True), (34, 0.3, False)],
)
def test_a_ring_is_an_ellipse_by_hand(high, wave, found):
    mask = (write_number(make_page(90, 140), top=32) < 140).astype(np.uint8)
    turn = np.linspace(0, 2 * np.pi, 60)
    radius = 1 + wave * np.sin(3 * turn)
    x, y = 58 + 52 * radius * np.cos(turn), 44 + high * radius * np.sin(turn)
    points = np.stack([x, y], axis=1).astype(int)
    cv2.polylines(mask, [points], True, 1, 3)
    assert find_rings(mask * 99.0, 60, 99).several.any() == found
    mask[:] = 0
    cv2.polylines(mask, [points], True, 1, 3)
    assert not find_rings(mask * 99.0, 60, 99).several.any()  # round nothing


def test_a_box_is_no_ring():
    mask = (write_number(make_page(90, 140), top=32) < 140).astype(np.uint8)
    cv2.rectangle(mask, (10, 10), (110, 80), 1, 2)
    assert not find_rings(mask * 99.0, 60, 99).several.any()


def test_bars_of_digits_side_by_side_are_no_line():
    mask = np.zeros((80, 160), np.uint8)
    for left in range(20, 120, 25):
        mask[30:34, left : left + 22] = mask[30:60, left + 18 : left + 22] = 1
    line = Line(20, np.full(97, 31.5), 4.0)
    strength = 200.0 * mask.astype(np.float32)
    longest = take_longest(line, strength)
    assert (longest.start, longest.end) == (20, 42)
    assert erase_lines(strength, 60.0).strength[31, 25:40].all()
    mask[30:34, 15:125] = 1
    strength = 200.0 * mask.astype(np.float32)
    assert take_longest(line, strength) is line
    found = erase_lines(strength, 60.0).strength
    assert not found[31, 15:20].any() and found[50, 39]


@pytest.mark.parametrize("pen", [9, 13])
def test_a_digit_that_leaves_the_picture_is_no_desk(pen):
    page = make_page(160, 400)
    for left in (60, 100):
        cv2.line(page, (left, 120), (left, 170), INK, pen)
    assert find_sheet(page[..., None]).desk is None


def test_a_rule_that_cuts_a_corner_off_is_erased():
    page = write_number(make_page(100, 200))
    cv2.line(page, (-10, 78), (130, 110), INK, 2, cv2.LINE_AA)
    ink = clean_picture(page).ink
    assert not ink[60:].any() and ink[20:46].max() == 255


def test_a_row_along_the_border_is_a_grids(classifier):
    page = make_page(138, 138)
    for at in (4, 47, 90, 133):
        page[at - 2 : at + 2, 2:135] = page[2:135, at - 2 : at + 2] = INK
    write(page, "7", 20, 14)
    write(page, "7", 106, 100)
    grid = classifier.read(page).grid
    assert [list(row) for row in grid] == [
        ["7", "", ""],
        ["", "", ""],
        ["", "", "7"],
    ]


@pytest.mark.parametrize("left", [0, 2])
def test_a_grid_cropped_along_its_outer_walls(left, classifier):
    page = make_page(132, 132)
    for at in (0, 43, 86, 129):
        page[at : at + 3] = page[:, at : at + 3] = INK
    write(page, "7", 16, 12)
    write(page, "7", 102, 98)
    readings = classifier.read(page[:, left:])
    assert [list(row) for row in readings.grid] == [
        ["7", "", ""],
        ["", "", ""],
        ["", "", "7"],
    ]
    box = readings[0].box
    assert np.allclose(box, (16 - left, 12, 28 - left, 36), atol=5)


@pytest.mark.parametrize(
    "sides", [(9, 9, 22, 9), (6, 20, 9, 14), (30, 30, 30, 30)]
)
def test_a_desk_round_a_sheet_is_no_wall(sides, classifier):
    page = write_number(make_page(200, 260), top=80)
    top, bottom, left, right = sides
    desk = np.full_like(page, 60)
    room = np.s_[top : 200 - bottom, left : 260 - right]
    desk[room] = page[room]
    assert pad_cropped(desk[..., None])[1] == 0
    assert read(classifier, desk) == "717"


def test_many_specks_take_little_memory():
    mask = np.zeros((1200, 1200), np.uint8)
    for y, x in itertools.product(range(4, 1190, 12), repeat=2):
        if (x + y) // 12 % 2:
            mask[y, x : x + 6] = 1
        else:
            mask[y : y + 6, x] = 1
    mask[:, 0] = 1
    tracemalloc.start()
    found = find_dots(mask)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.any() and peak < 50 * mask.nbytes
