"""Contrast: ink drawn out to black and white, sharpened where it is blurred."""

import cv2
import numpy as np
import pytest

from mnistcnn.pictures.light.contrast import draw_out
from mnistcnn.pictures.light.illumination import Marks

pytestmark = pytest.mark.core


def draw_ring(blur):
    ring = np.zeros((60, 60), np.float32)
    cv2.ellipse(ring, (30, 30), (6, 11), 0, 0, 360, 150, 5)
    return cv2.GaussianBlur(ring, (0, 0), blur) if blur else ring


def test_a_blurred_ring_keeps_its_hole():
    ink = draw_out(Marks(draw_ring(2.5), 1.0))
    assert ink[30, 30] < 64
    assert ink[19, 30] > 200


def test_what_is_sharp_is_left_as_it_is():
    ring = draw_ring(0)
    np.testing.assert_array_equal(draw_out(Marks(ring, 1.0)) > 0, ring > 0)
