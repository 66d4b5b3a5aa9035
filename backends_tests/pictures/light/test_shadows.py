"""Shadows with hard edges, on paper and on a sheet that lies on a desk."""

import cv2
import numpy as np
import pytest

from mnistcnn.pictures import clean_picture
from mnistcnn.pictures.light.shadows import light_up
from mnistcnn.pictures.paper.sheets import find_sheet

pytestmark = pytest.mark.core

SHADOW = [(110, 60), (330, -60), (330, 260)]  # one tip lies on the paper
CORNERS = np.array([[50, 40], [265, 30], [275, 200], [40, 190]], np.float32)


def write_one(paper):
    """A stroke that the shadow's edge crosses."""
    cv2.line(paper, (170, 15), (170, 195), (40, 30, 120), 8, cv2.LINE_AA)
    return paper


def darken(picture, share, corners=SHADOW, soft=1.0):
    mask = np.zeros(picture.shape[:2], np.float32)
    mask = cv2.fillConvexPoly(mask, np.array(corners, np.int32), 1.0)
    mask = cv2.GaussianBlur(mask, (0, 0), soft)[..., None]
    noise = np.random.default_rng(3).normal(0, 2, picture.shape)
    return (
        (picture * (1 - mask * (1 - share)) + noise).clip(0, 255).astype("u1")
    )


def make_paper(level=(215, 230, 225)):
    return np.full((210, 310, 3), level, np.uint8)


@pytest.mark.parametrize("share", [0.4, 0.75])
@pytest.mark.parametrize("soft", [0.6, 4.0])
def test_the_tip_of_a_shadow_is_no_ink(share, soft):
    plain = write_one(make_paper())
    ink = clean_picture(plain).ink > 128
    shaded = darken(plain, share, soft=soft)
    found = clean_picture(shaded).ink > 128
    assert (ink & found).sum() > 0.9 * ink.sum()
    beside = cv2.dilate(ink.astype(np.uint8), np.ones((7, 7))) == 0
    assert (found & beside).sum() < 5


def test_the_light_that_falls_off_and_a_shadow_are_told_apart():
    fall = np.linspace(1, 0.6, 310)[None, :, None]
    lit = light_up(darken(make_paper() * fall, 0.5))
    away = np.abs(lit - make_paper() * fall).max(axis=2)
    assert np.percentile(away, 98) < 25


@pytest.mark.parametrize(
    "picture",
    [
        write_one(make_paper()),
        cv2.line(make_paper(), (40, 60), (260, 150), (150, 160, 158), 7),
        255 - write_one(make_paper()),
        np.full((12, 9, 1), 77, np.uint8),
        np.zeros((90, 90, 3), np.uint8),
    ],
    ids=["ink", "pencil", "chalk", "tiny", "black"],
)
def test_what_is_in_no_shadow_stays_as_it_is(picture):
    assert light_up(picture) is picture


@pytest.mark.parametrize("desk", [(60, 60, 60), (110, 70, 40)])
def test_a_sheet_that_a_shadow_crosses_keeps_its_corners(desk):
    picture = np.full((230, 320, 3), desk, np.uint8)
    cv2.fillConvexPoly(picture, CORNERS.astype(int), (235, 232, 228))
    across = [(-9, -9), (330, -9), (330, 90), (-9, 120)]
    place = find_sheet(darken(picture, 0.45, across))
    assert place.corners is not None
    assert np.abs(place.corners - CORNERS).max() < 4


def test_a_shadow_on_a_page_is_no_sheet():
    across = [(60, 40), (240, 50), (330, 170), (90, 160)]
    picture = darken(write_one(make_paper()), 0.5, across)
    sheet = clean_picture(picture)
    assert sheet.ink.shape == picture.shape[:2]


@pytest.mark.parametrize("pen", [80, 110, 140])
@pytest.mark.parametrize("padding", [6, 30])
def test_a_broad_pen_is_ink_though_it_is_as_pale_as_a_shadow(pen, padding):
    side = 50 + 2 * padding
    picture = np.full((side + 20, side, 1), 215, np.uint8)
    middle = (side // 2, side // 2 + 10)
    cv2.ellipse(picture, middle, (22, 28), 0, 0, 360, pen, 8, cv2.LINE_AA)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.6)[..., None]
    noise = np.random.default_rng(0).normal(0, 3, picture.shape)
    picture = (picture + noise).clip(0, 255).astype(np.uint8)
    np.testing.assert_array_equal(light_up(picture), picture)


def test_a_shallow_shadow_beside_blue_ink_is_a_shadow():
    paper = make_paper()
    for x in range(30, 300, 50):  # as bright in blue as the paper is
        cv2.line(paper, (x, 60), (x + 5, 120), (225, 60, 50), 5, cv2.LINE_AA)
    lit = light_up(darken(paper, 0.5, [(100, 140), (300, 140), (205, 180)]))
    assert abs(int(lit[150, 205].mean()) - int(lit[150, 20].mean())) < 8
