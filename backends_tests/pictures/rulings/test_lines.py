"""Lines close to each other, and what two of them close with strokes."""

import itertools

import cv2
import numpy as np
import pytest

from mnistcnn.pictures import clean_picture
from mnistcnn.pictures.rulings.bands import Line, paint_cells
from mnistcnn.pictures.rulings.frames import find_frames
from mnistcnn.pictures.rulings.lines import find_lines
from mnistcnn.pictures.rulings.rules import drop_ruled
from mnistcnn.pictures.rulings.surroundings import is_stems
from mnistcnn.pictures.shapes.boxes import find_boxes

pytestmark = pytest.mark.core


def rule(step, height=240, width=480, thick=2):
    mask = np.zeros((height, width), np.uint8)
    for row in range(20, height - 10, step):
        mask[row : row + thick] = 1
    return mask


@pytest.mark.parametrize("step", [7, 12, 16])
def test_lines_that_wide_strokes_join_are_found_one_by_one(step):
    mask = rule(step)
    rows = np.flatnonzero(mask[:, 0])[::2]
    # Level runs from line to line, as a broad pen's are.
    mask[80:130, 100:130] = mask[80:130, 200:224] = 1
    found = find_lines(mask)
    assert len(found) == len(rows)
    assert max(line.thick for line in found) <= 3
    middles = sorted(float(np.median(line.middle)) for line in found)
    np.testing.assert_allclose(middles, rows + 0.5, atol=1)


def test_a_double_margin_is_two_lines():
    mask = np.zeros((240, 480), np.uint8)
    mask[100:103] = mask[107:110] = 1
    mask[:, 60::70] = 1  # the rules across it
    assert len(find_lines(mask)) == 2


def test_a_thin_wall_between_two_cells_is_in_neither():
    mask = np.zeros((200, 200), np.uint8)
    mask[20:181:40] = mask[:, 20:181:40] = 1
    cells = paint_cells(find_boxes(mask, mask), mask.shape)
    assert cells[40, 40] and not cells[mask > 0].any()


def test_two_rules_and_two_strokes_are_no_box():
    mask = rule(60, thick=3)
    lines = [find_lines(mask), []]
    mask[20:83, 100:108] = mask[20:83, 200:208] = 1
    cv2.circle(mask, (150, 50), 12, 1, 3)
    boxes = find_boxes(mask, mask)
    assert [cv2.boundingRect(box.hull)[2] for box in boxes] == [94]
    assert not drop_ruled(boxes, lines, mask.shape)
    # One that has walls of its own stays.
    own = np.zeros_like(mask)
    cv2.rectangle(own, (100, 100), (160, 150), 1, 3)
    boxes = find_boxes(own, own)
    assert drop_ruled(boxes, lines, mask.shape) == boxes != []


def test_among_many_lines_nothing_is_a_frame():
    mask = rule(14) | rule(14, 480, 240).T
    cv2.circle(mask, (240, 120), 30, 1, 5)
    boxes = find_boxes(mask, mask)[:2]
    assert not find_frames(boxes, mask, mask, 60).any()


def test_stems_below_each_other_are_no_line():
    """Of a mosaic's rows, as far apart as their digits nearly are tall."""
    page = np.full((168, 168), 245, np.uint8)
    for row, column in itertools.product(range(6), range(6)):
        left, top = 28 * column + 12, 28 * row + 3
        if column:
            page[top : top + 22, left : left + 5] = 30
        else:
            cv2.ellipse(page, (left, top + 11), (7, 9), 0, 0, 360, 30, 4)
    ink = clean_picture(page).ink
    assert (ink.reshape(6, 28, 6, 28).max(axis=(1, 3)) > 128).all()


@pytest.mark.parametrize("gap", [0, 2])
def test_a_line_in_which_a_pen_skipped_is_no_stems(gap):
    mask = np.zeros((40, 200), np.uint8)
    mask[19:22] = 1
    mask[:, 20::20] = mask[:, 21::20] = gap < 1
    line = Line(0, np.full(200, 20.0), 3)
    assert not is_stems(line, mask, 20)
    mask[:, 15::20] = mask[:, 16::20] = mask[:, 17::20] = 0
    mask[:, 18::20] = mask[:, 19::20] = 0
    assert is_stems(line, mask, 20)
    assert not is_stems(line, 0 * mask, 20)
