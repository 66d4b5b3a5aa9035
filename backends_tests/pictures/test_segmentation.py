import time

import numpy as np
import pytest

from mnistcnn.pictures import find_digits, rasterize

pytestmark = pytest.mark.core


def boxes(*rectangles, shape=(200, 300)):
    ink = np.zeros(shape, np.uint8)
    for left, top, right, bottom in rectangles:
        ink[top:bottom, left:right] = 255
    return ink


def test_a_loose_bar_belongs_to_its_five():
    body, bar = (50, 40, 90, 120), (60, 25, 100, 33)
    other = (150, 30, 190, 120)
    found = find_digits(boxes(body, bar, other))
    assert [r.box for r in found] == [(50, 25, 100, 120), other]


def test_a_bar_at_the_side_joins_the_nearer_digit():
    body, bar, other = (50, 30, 90, 120), (94, 35, 120, 43), (140, 30, 180, 120)
    found = find_digits(boxes(body, bar, other))
    assert [r.box for r in found] == [(50, 30, 120, 120), other]


def test_broken_ink_is_one_digit():
    top, bottom = (50, 30, 90, 70), (52, 73, 88, 120)
    assert [r.box for r in find_digits(boxes(top, bottom))] == [
        (50, 30, 90, 120)
    ]


def test_close_digits_stay_apart():
    found = find_digits(boxes((50, 30, 90, 120), (93, 30, 100, 120)))
    assert len(found) == 2


def test_lines_are_read_from_the_top_and_each_from_the_left():
    first = [(20, 12, 50, 60), (100, 20, 130, 70), (180, 10, 210, 62)]
    second = [(15, 95, 45, 150), (105, 90, 135, 140), (170, 98, 200, 150)]
    found = find_digits(boxes(*second[::-1], *first[::-1]))
    assert [r.box for r in found] == first + second


def test_specks_and_rules_are_dropped():
    digit = (50, 30, 90, 120)
    dirt = [(150, 50, 153, 53), (8, 8, 9, 9), (95, 60, 100, 65)]
    dirt.append((200, 120, 220, 135))
    rule = (0, 160, 300, 163)
    assert [r.box for r in find_digits(boxes(digit, *dirt, rule))] == [digit]


def test_a_region_holds_its_own_ink_only():
    # Two slanted ones: the boxes overlap, the ink does not.
    slant = np.array([[40.0, 120], [90, 20]])
    ink = rasterize([slant, slant + np.array([38, 0])], (150, 180), 6)
    found = find_digits(ink)
    assert len(found) == 2
    assert found[0].box[2] > found[1].box[0]
    for region in found:
        left, top, right, bottom = region.box
        assert region.ink.shape == (bottom - top, right - left)
        assert all(type(side) is int for side in region.box)
        assert region.ink.sum() == pytest.approx(ink.sum() / 2, rel=0.02)


def test_salt_and_pepper_does_not_take_for_ever():
    ink = (np.random.default_rng(0).random((1500, 1500)) < 0.2) * np.uint8(255)
    start = time.process_time()
    find_digits(ink)
    assert time.process_time() - start < 3
