"""Sheets of paper on a desk with a pattern."""

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.pictures.light.shadows import light_up
from mnistcnn.pictures.paper.patterned import find_on_pattern
from mnistcnn.pictures.paper.sheets import find_sheet

pytestmark = pytest.mark.core

CORNERS = np.array([[60, 50], [250, 62], [240, 178], [52, 170]])


def lay_on_cloth(step=20, digits=True, sheet=True, darker=(60, 60, 10)):
    """A sheet with 1 and 7 on a cloth of white, pale and dark squares."""
    y, x = np.mgrid[:230, :310] // step % 2
    page = 240 - np.array(darker) * (x + y)[..., None]
    page = np.ascontiguousarray(page, np.uint8)
    if not sheet:
        return page
    cv2.fillConvexPoly(page, CORNERS, (232, 236, 230), cv2.LINE_AA)
    if digits:
        ink = (50, 40, 40)
        cv2.line(page, (120, 90), (116, 140), ink, 5, cv2.LINE_AA)
        seven = np.array([[150, 92], [185, 92], [162, 142]])
        cv2.polylines(page, [seven], False, ink, 5, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("step", [20, 26])
def test_a_sheet_on_a_checked_cloth_is_read(step):
    page = lay_on_cloth(step)
    corners = find_sheet(page).corners
    assert corners is not None and np.abs(corners - CORNERS).max() < 12
    readings = DigitClassifier.from_pretrained().read(page)
    assert [each.label for each in readings] == ["1", "7"]


@pytest.mark.parametrize("step", [18, 24, 30])
def test_nothing_of_the_cloth_is_on_the_sheet(step):
    place = find_sheet(lay_on_cloth(step, digits=False))
    assert place.corners is not None
    inside = [
        cv2.pointPolygonTest(CORNERS.astype(np.float32), corner, True)
        for corner in place.corners.tolist()
    ]
    assert min(inside) > -1


@pytest.mark.parametrize("step", [24, 30])
def test_the_paler_squares_of_a_cloth_are_no_shadow(step):
    page = lay_on_cloth(step, darker=(90, 80, 90))
    assert light_up(page) is page
    readings = DigitClassifier.from_pretrained().read(page)
    assert [each.label for each in readings] == ["1", "7"]


def test_a_cloth_alone_has_no_sheet():
    assert find_sheet(lay_on_cloth(sheet=False)).corners is None


def test_what_is_as_uneven_as_the_desk_is_no_sheet():
    flat = lay_on_cloth(digits=False).astype(np.float32)
    half = np.zeros(flat.shape[:2], np.uint8)
    half[::20, ::20] = 1
    half = cv2.dilate(half, np.ones((9, 9), np.uint8))
    cv2.fillConvexPoly(half, CORNERS, 1)
    assert find_on_pattern(flat, [half]) is not None
    flat[70:150, 70:230] = flat[:80, :160]
    assert find_on_pattern(flat, [half]) is None
    assert find_on_pattern(flat, [0 * half]) is None
