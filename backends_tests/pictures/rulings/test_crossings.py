"""Ink that touches lines: what of it stays when they are erased."""

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.pictures import clean_picture

pytestmark = pytest.mark.core


def draw(lines, strokes, size=(120, 240)):
    """Draws lines and strokes of one darkness; also the strokes alone."""
    sheet = np.full(size, 235, np.uint8)
    alone = sheet.copy()
    for points, thick, closed in lines:
        points = np.array(points, np.int32)
        cv2.polylines(sheet, [points], closed, 40, thick, cv2.LINE_AA)
    for picture in (sheet, alone):
        for points in strokes:
            points = np.array(points, np.int32)
            cv2.polylines(picture, [points], False, 40, 5, cv2.LINE_AA)
    return sheet, alone


def compare(sheet, alone):
    """Counts pixels of ink that are left over, and those that are lost."""
    found = clean_picture(sheet).ink > 127
    right = clean_picture(alone).ink > 127
    return int((found & ~right).sum()), int((right & ~found).sum())


RING = [
    (100 + 22 * np.cos(t), 50 + 30 * np.sin(t)) for t in np.linspace(0, 6.3, 40)
]
STEM = [(60, 20), (60, 80)]


def test_a_slanting_stroke_keeps_no_part_of_a_rule():
    rule = ([(0, 60), (240, 60)], 3, False)
    left, lost = compare(*draw([rule], [[(70, 100), (120, 30)]]))
    assert left < 15 and lost < 15


def test_a_bow_that_a_rule_touches_is_whole():
    rule = ([(0, 80), (240, 80)], 2, False)
    left, lost = compare(*draw([rule], [STEM, RING]))
    assert left < 25 and lost < 42


def test_a_rule_that_leaves_by_the_upper_border_is_one():
    rules = [
        ([(150, 0), (240, 4)], 2, False),
        ([(0, 95), (240, 104)], 2, False),
    ]
    left, _ = compare(*draw(rules, [STEM, RING]))
    assert left == 0


def test_a_frame_within_a_frame_is_no_ink():
    frames = [
        ([(i, i), (149 - i, i), (149 - i, 119 - i), (i, 119 - i)], 4, True)
        for i in (5, 17)
    ]
    stems = [[(x, 35), (x, 85)] for x in (60, 90)]
    left, lost = compare(*draw(frames, stems, (120, 150)))
    assert left < 10 and lost < 10


def test_a_digit_that_crosses_a_frame_is_no_part_of_it():
    frame = ([(20, 10), (420, 10), (420, 205), (20, 205)], 5, True)
    digit = [(408, 60), (430, 62), (424, 80)]
    left, lost = compare(*draw([frame], [STEM, digit], (230, 460)))
    assert left < 100 and lost < 50


def test_stems_that_touch_a_box_are_no_ticks():
    box = ([(20, 20), (200, 20), (200, 100), (20, 100)], 2, True)
    stems = [[(x, 18), (x, 92)] for x in (60, 120, 170)]
    left, lost = compare(*draw([box], stems))
    assert left < 25 and lost < 60


def test_a_tick_that_a_digit_touches_is_none():
    line = ([(20, 100), (220, 100)], 2, False)
    ticks = [([(x, 70), (x, 100)], 2, False) for x in range(20, 221, 50)]
    bow = [(84, 40), (90, 80), (71, 84)]
    left, lost = compare(*draw([line, *ticks], [bow, [(140, 30), (140, 90)]]))
    assert left < 25 and lost < 50


TURNS = np.linspace(-0.85, 0.15, 12) * np.pi
# As tall as 1: what goes on to the right may meet the next one's.
TWO = [
    *np.stack([0.3 + 0.28 * np.cos(TURNS), 0.3 + 0.3 * np.sin(TURNS)], 1),
    (0, 1),
    (1, 0.97),
]
SEVEN = [(0, 0), (0.95, 0.03), (0.2, 1)]


@pytest.mark.parametrize(
    ("digit", "apart", "under", "right"),
    [
        (TWO, 0.95, False, "22"),
        (SEVEN, 0.95, False, "77"),
        (SEVEN, 1.25, True, "77"),
    ],
    ids=["feet", "bars", "an underline"],
)
def test_the_network_decides_whether_a_line_is_a_part_of_digits(
    digit, apart, under, right
):
    strokes = [
        np.array(digit) * 55 + (40 + 55 * place * apart, 25)
        for place in range(2)
    ]
    if under:
        strokes.append(np.array([(28, 83), (150, 81)]))
    sheet, _ = draw([], strokes)
    assert clean_picture(sheet).footed is not None
    found = DigitClassifier.from_pretrained().read(sheet)
    assert "".join(reading.label for reading in found) == right
