import cv2
import numpy as np
import pytest

from mnistcnn.ink import draw_digit
from mnistcnn.pictures import clean_picture, strokes_to_image
from mnistcnn.pictures.paper.bindings import erase_binding

pytestmark = pytest.mark.core


def make_pad(size=16, pitch=30, out=0.0, many=10):
    """Square holes along the upper border, and an upright stroke below."""
    mask = np.zeros((200, pitch * many), np.uint8)
    for k in range(many):
        left = k * pitch + 8 + round(out * pitch * (k % 2))
        mask[12 : 12 + size, left : left + size] = 1
    mask[110:180, 100:108] = 1
    return mask


def find(mask, desk=None):
    """Where what departs from the paper is erased."""
    mask, strength = erase_binding(mask, np.ones(mask.shape, np.float32), desk)
    assert not mask[strength == 0].any()
    return strength == 0


@pytest.mark.parametrize("turn", range(4))
def test_holes_go_at_every_side_and_writing_stays(turn):
    mask = make_pad()
    found = np.rot90(find(np.ascontiguousarray(np.rot90(mask, turn))), -turn)
    assert found[:28].all() and not found[45:].any()


def test_a_tilted_row_goes_too():
    matrix = cv2.getRotationMatrix2D((150, 30), 4, 1)
    mask = cv2.warpAffine(make_pad(), matrix, (300, 200))
    found = find(mask)
    assert found.any() and not (mask[:60] & ~found[:60]).any()


@pytest.mark.parametrize("missing", [1, 3])
def test_a_hole_that_is_not_seen_leaves_a_gap(missing):
    mask = make_pad()
    mask[:60, 90 : 90 + 30 * missing] = 0
    assert find(mask)[:28].all()


def test_wires_go_with_their_holes_where_they_reach_the_desk():
    mask = make_pad()
    for left in range(14, 300, 30):
        mask[6:12, left : left + 4] = 1
    desk = np.zeros_like(mask)
    desk[:6] = 1
    assert find(mask, desk=desk)[:28].all()


@pytest.mark.parametrize(
    "mask",
    [
        make_pad(out=0.2),  # not even
        make_pad(many=2),  # few
        make_pad(size=3),  # dots
        make_pad()[:100],  # nothing below
        np.pad(make_pad(), ((0, 0), (0, 90))),  # ends in the middle
    ],
)
def test_what_is_no_row_of_holes_stays(mask):
    assert not find(mask).any()


def test_few_holes_with_soft_edges_are_as_wide_as_tall():
    mask = make_pad(many=4)
    mask[:60] = 0
    hole = np.ones((11, 11), np.uint8)
    hole[np.add.outer(*[np.abs(np.arange(-5, 6))] * 2) > 6] = 0
    for left in range(8, 120, 30):
        mask[12:23, left : left + 11] = hole
    assert find(mask)[:23].all()


@pytest.mark.parametrize("start", [0, 12])
def test_holes_go_with_wires_from_the_border_or_near_it(start):
    mask = np.zeros((320, 360), np.uint8)
    for place, middle in enumerate(range(20, 360, 45)):
        top = start + 3 * (place % 3) if start else 0
        mask[top:90, middle - 8 : middle - 2] = 1
        cv2.circle(mask, (middle, 90), 11, 1, -1)
    mask[180:260, 100:108] = 1
    assert find(mask)[:102].all()


def test_wires_beside_holes_are_no_rows_of_a_table():
    mask = np.pad(make_pad(), ((20, 0), (0, 0)))
    for left in range(14, 300, 30):
        mask[4:24, left : left + 4] = 1
    assert find(mask)[:48].all()


@pytest.mark.parametrize("label", ["0", "1"])
def test_digits_in_a_row_are_no_holes(label):
    mask = np.zeros((240, 400), np.uint8)
    for left in range(20, 400, 50):
        if label == "0":
            cv2.ellipse(mask, (left, 50), (13, 22), 0, 0, 360, 1, 5)
        else:
            mask[28:72, left : left + 7] = 1
    mask[150:200, 50:90] = 1
    assert not find(mask).any()


def test_writing_above_a_dotted_rule_stays():
    mask = make_pad(size=6, pitch=15, many=20)
    mask = np.pad(mask, ((50, 0), (0, 0)))
    assert find(mask).any()
    mask[15:55, 60:100] = 1
    assert not find(mask).any()


@pytest.mark.parametrize("rows", [2, 5])
def test_even_signs_in_rows_and_columns_are_a_table(rows):
    mask = np.zeros((40 * rows, 300), np.uint8)
    for row in range(rows):
        mask[40 * row : 40 * row + 40] = make_pad()[:40]
    assert not find(mask).any()


@pytest.mark.parametrize("seed", [0, 5])
def test_no_row_of_a_mosaic_is_lost(seed):
    """As `np.block` makes one of a dataset's images."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, (8, 8)).tolist()
    images = [
        [strokes_to_image(draw_digit(label, rng), 2.6) for label in row]
        for row in labels
    ]
    ink = clean_picture(np.block(images)).ink
    assert ink.reshape(8, 28, 8, 28).max(axis=(1, 3)).min() > 128


def test_of_a_few_rows_of_digits_two_may_touch():
    """The next one in their row is nearer than the two are long."""
    mask = np.zeros((90, 130), np.uint8)
    for row in range(3):
        for column in range(4):
            left, top = 20 + 27 * column, 10 + 24 * row
            mask[top : top + 14, left : left + 14] = 1
    assert not find(mask).any()
    mask[10:24, 6:34] = 1
    assert not find(mask).any()
