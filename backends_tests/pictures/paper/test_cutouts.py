"""Digits and numbers that fill their picture, and pictures of neither."""

import itertools

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.pictures.paper.cutouts import cut_out

pytestmark = pytest.mark.core

ONE = np.array([[150, 40], [110, 130]])
SEVEN = np.array([[100, 40], [160, 40], [120, 130]])
PAPER, INK = 240, 45


@pytest.fixture(scope="module")
def classifier():
    return DigitClassifier.from_pretrained()


def crop(strokes, pen, margin):
    """Strokes in a picture that ends by a share of their height beyond."""
    page = np.full((200, 400), PAPER, np.uint8)
    for stroke in strokes:
        cv2.polylines(page, [stroke], False, INK, pen, cv2.LINE_AA)
    y, x = np.nonzero(page < (PAPER + INK) / 2)
    page = page[y.min() : y.max() + 1, x.min() : x.max() + 1]
    page = np.pad(page, round(margin * len(page)), constant_values=PAPER)
    noise = np.random.default_rng(0).integers(-3, 4, page.shape)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("right", "strokes"),
    [
        ("1", [ONE]),
        ("7", [SEVEN]),
        ("17", [ONE, np.add(SEVEN, (70, 0))]),
        ("71", [SEVEN, np.add(ONE, (90, 0))]),
    ],
)
@pytest.mark.parametrize("pen", [8, 14, 20])
def test_what_fills_its_picture_is_read_in_either_polarity(
    right, strokes, pen, classifier
):
    for margin in (0, 0.02, 0.05, 0.1, 0.2):
        page = crop(strokes, pen, margin)
        for picture in (page, 255 - page):
            labels = [each.label for each in classifier.read(picture)]
            assert "".join(labels) == right, margin


@pytest.mark.parametrize("margin", [0.1, 0.2])
@pytest.mark.parametrize("tall", [16, 24])
@pytest.mark.parametrize("contrast", [1, 0.6])
def test_what_was_enlarged_is_read_though_its_edges_are_soft(
    margin, tall, contrast, classifier
):
    """Pale strokes with soft edges look like a shadow."""
    page = crop([SEVEN], 14, margin)
    small = cv2.resize(page, (tall, tall), interpolation=cv2.INTER_AREA)
    page = cv2.resize(small, page.shape[::-1], interpolation=cv2.INTER_CUBIC)
    page = np.rint(PAPER - contrast * (PAPER - page.astype(float)))
    page = np.clip(page, 0, 255).astype(np.uint8)
    for picture in (page, 255 - page):
        labels = [each.label for each in classifier.read(picture)]
        assert labels == ["7"]


@pytest.mark.parametrize("enlarged", [1, 8])
def test_a_digit_that_fills_its_pictures_height_alone(enlarged, classifier):
    page = np.full((24, 24), PAPER, np.uint8)
    cv2.ellipse(page, (12, 12), (6, 11), 0, 0, 360, INK, 3)
    page = cv2.resize(page, None, fx=enlarged, fy=enlarged)
    labels = [each.label for each in classifier.read(page)]
    assert labels == ["0"]


def test_a_thick_stroke_with_paper_round_it_is_a_digit():
    assert cut_out(crop([ONE], 14, 0.15)[..., None]) is not None
    assert cut_out(crop([ONE], 6, 0.15)[..., None]) is None  # no broad pen


@pytest.mark.parametrize("written", ["rules", "seven"])
def test_a_strip_of_paper_on_a_desk_is_no_digit(written):
    desk = np.full((220, 300, 1), 60, np.uint8)
    strip = np.array([[30, 80], [270, 88], [268, 150], [34, 140]])
    cv2.fillConvexPoly(desk, strip, 235)
    assert cut_out(desk) is None  # no digit is as wide
    upright = np.rot90(desk)
    assert cut_out(np.ascontiguousarray(upright)) is not None  # as a 1 is
    if written == "rules":
        cv2.line(desk, (34, 105), (268, 112), 190, 2)
    else:
        cv2.polylines(desk, [np.add(SEVEN // 2, (80, 75))], False, 60, 3)
    assert cut_out(np.ascontiguousarray(upright)) is None


def test_a_row_of_boxes_is_no_number():
    page = np.full((80, 260, 1), PAPER, np.uint8)
    for left, filled in itertools.zip_longest((4, 70, 136, 200), (1, 1)):
        cv2.rectangle(page, (left, 5), (left + 55, 75), INK, 3)
        if filled:
            cv2.line(page, (left + 30, 15), (left + 25, 65), INK, 4)
    assert cut_out(page) is None


@pytest.mark.parametrize("degrees", [0, 8])
def test_a_written_sheet_on_a_desk_is_no_digit(degrees, classifier):
    """Bright on dark as ink, it is like a broad stroke with holes."""
    picture = np.full((170, 220, 3), (44, 50, 56), np.uint8)
    around = cv2.boxPoints(((110, 85), (150, 90), degrees)).astype(int)
    cv2.fillConvexPoly(picture, around, (235, 238, 240))
    for left in (70, 105, 140):
        ends = [(left, 65), (left, 105)]
        cv2.line(picture, *ends, (40, 40, 40), 7, cv2.LINE_AA)
    assert cut_out(picture) is None
    assert [each.label for each in classifier.read(picture)] == ["1"] * 3


# From and to: across a cell of 1 by 1.
WALLS = {
    "both sides": [((0.03, 0), (0.05, 1)), ((0.96, 0), (0.94, 1))],
    "a side, and a part of the other": [
        ((0.04, 0), (0.04, 1)),
        ((0.95, 0.3), (0.96, 1)),
    ],
    "parts of both": [((0.04, 0), (0.05, 0.5)), ((0.96, 0.1), (0.95, 1))],
    "a part that leaves": [((0.95, 0.6), (0.95, 1))],
    "parts that lean": [((0, 0.1), (0.06, 0.55)), ((1, 0.1), (0.93, 0.6))],
    "a corner": [((0, 0.04), (1, 0.05)), ((0.04, 0), (0.03, 1))],
}


@pytest.mark.parametrize("walls", WALLS.values(), ids=WALLS)
@pytest.mark.parametrize("side", [40, 90])
@pytest.mark.parametrize("right", ["", "7"])
def test_rests_of_a_cells_walls_are_no_digits(right, side, walls, classifier):
    page = np.full((side, side), PAPER, np.uint8)
    lines = [*walls, ((0.3, 0.25), (0.7, 0.25)), ((0.7, 0.25), (0.42, 0.78))]
    for line in lines if right else walls:
        ends = [np.rint(np.array(end) * side).astype(int) for end in line]
        cv2.line(page, *ends, INK, max(1, side // 22), cv2.LINE_AA)
    noise = np.random.default_rng(0).integers(-3, 4, page.shape)
    page = np.clip(page + noise, 0, 255).astype(np.uint8)
    for picture in (page, 255 - page):
        assert [each.label for each in classifier.read(picture)] == [*right]


def test_a_part_of_a_line_alone_is_no_digit(classifier):
    page = np.full((80, 80), PAPER, np.uint8)
    cv2.line(page, (74, 22), (75, 62), INK, 3, cv2.LINE_AA)
    assert not classifier.read(page)


@pytest.mark.parametrize("edge", [5, 6])
def test_a_one_at_the_end_of_a_long_number_cropped_to_its_box(edge, classifier):
    """Others reach the same borders: it is no wall of a cell."""
    page = np.full((60, 396), PAPER, np.uint8)
    for place, left in enumerate(range(edge, 396, 48)):
        if place % 2:
            cv2.ellipse(page, (left, 30), (15, 27), 0, 0, 360, INK, 5)
        else:
            cv2.line(page, (left, 0), (left, 59), INK, 4)
    labels = [each.label for each in classifier.read(page)]
    assert labels == [*"101010101"]


@pytest.mark.parametrize(("margin", "lean", "tall"), [(3, 4, 40), (4, 18, 48)])
def test_a_thin_one_that_is_cropped_is_no_rule(margin, lean, tall, classifier):
    """Its ends are near two borders, as a rule's are, but not at them."""
    page = np.full((tall + 2 * margin, lean + 2 + 2 * margin), PAPER, np.uint8)
    ends = (lean + margin + 1, margin + 1), (margin + 1, margin + tall - 2)
    cv2.line(page, *ends, INK, 2, cv2.LINE_AA)
    noise = np.random.default_rng(1).normal(0, 3, page.shape)
    page = np.clip(page + noise, 0, 255).astype(np.uint8)
    for picture in (page, 255 - page):
        assert [each.label for each in classifier.read(picture)] == ["1"]


def test_a_rule_across_a_small_picture_is_no_digit(classifier):
    page = np.full((50, 40), PAPER, np.uint8)
    page[:, 18:21] = INK
    assert not classifier.read(page)
