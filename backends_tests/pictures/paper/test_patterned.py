"""Sheets of paper on a desk with a pattern."""

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.pictures.paper.patterned import find_on_pattern
from mnistcnn.pictures.paper.sheets import find_sheet

pytestmark = pytest.mark.core

CORNERS = np.array([[60, 50], [250, 62], [240, 178], [52, 170]])


def lay_on_cloth(step=20, digits=True, sheet=True):
    """A sheet with 1 and 7 on a cloth of white, pale and dark squares."""
    y, x = np.mgrid[:230, :310] // step % 2
    page = np.stack([240 - 60 * (x + y)] * 2 + [240 - 10 * (x + y)], axis=2)
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
