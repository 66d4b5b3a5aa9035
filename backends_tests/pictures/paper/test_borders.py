"""Remnants of a grid's lines along the border of an empty cell."""

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier

pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def classifier():
    return DigitClassifier.from_pretrained()


def draw_cell(shape, drawn, pale):
    """A picture of grey paper, with grain and soft lines, also pale ones."""
    ink = cv2.GaussianBlur(drawn.astype(np.float32), (0, 0), 0.7)
    paper, colour = (40, 225) if pale else (225, 40)
    grain = np.random.default_rng(3).normal(0, 3, shape)
    picture = paper + (colour - paper) * ink + grain
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("pale", [False, True])
@pytest.mark.parametrize("turn", range(4))
def test_a_line_along_the_border_of_a_small_cell_is_no_digit(
    turn, pale, classifier
):
    for side in (26, 30, 36):
        drawn = np.zeros((side, side), np.uint8)
        drawn[2:5] = 1
        picture = draw_cell(drawn.shape, np.rot90(drawn, turn), pale)
        assert classifier.read(picture).text == ""


@pytest.mark.parametrize("turn", range(4))
def test_dashes_along_the_border_are_no_digits(turn, classifier):
    for side, dash, gap, wide in ((36, 5, 3, 3), (80, 11, 6, 4)):
        drawn = np.zeros((side, side), np.uint8)
        for start in range(0, side, dash + gap):
            drawn[1 : 1 + wide, start : start + dash] = 1
        picture = draw_cell(drawn.shape, np.rot90(drawn, turn), pale=False)
        assert classifier.read(picture).text == ""


def test_digits_beside_dashes_are_read(classifier):
    drawn = np.zeros((80, 120), np.uint8)
    for start in range(2, 120, 16):
        drawn[1:4, start : start + 11] = 1
    for left in (30, 60, 90):
        cv2.line(drawn, (left + 2, 20), (left, 60), 1, 4)
    assert classifier.read(draw_cell(drawn.shape, drawn, False)).text == "111"
