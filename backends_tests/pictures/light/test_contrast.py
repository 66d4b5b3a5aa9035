"""Contrast: ink drawn out to black and white, sharpened where it is blurred."""

import cv2
import numpy as np
import pytest

from mnistcnn.pictures.light.contrast import draw_out
from mnistcnn.pictures.light.illumination import Marks

pytestmark = pytest.mark.core


def draw_ring(blur):
    """A ring, and strokes beside it that say how wide the pen is."""
    ring = np.zeros((60, 120), np.float32)
    for x in (60, 75, 90, 105):
        cv2.line(ring, (x, 15), (x, 45), 150, 5)
    cv2.ellipse(ring, (30, 30), (6, 11), 0, 0, 360, 150, 5)
    return cv2.GaussianBlur(ring, (0, 0), blur) if blur else ring


def test_a_blurred_ring_keeps_its_hole():
    ink = draw_out(Marks(draw_ring(2.5), 1.0))
    assert ink[30, 30] < 64
    assert ink[19, 30] > 200


def test_what_is_sharp_is_left_as_it_is():
    ring = draw_ring(0)
    np.testing.assert_array_equal(draw_out(Marks(ring, 1.0)) > 0, ring > 0)


def test_a_wide_stroke_keeps_its_texture():
    wide = np.zeros((80, 80), np.float32)
    wide[10:70, 30:50] = 150
    rng = np.random.default_rng(0)
    wide *= cv2.GaussianBlur(rng.uniform(-2, 4, wide.shape), (0, 0), 1.5)
    wide = cv2.GaussianBlur(wide, (0, 0), 2).astype(np.float32)
    ink = draw_out(Marks(wide, 1.0))
    assert ink[14:66, 33:47].min() > 100
