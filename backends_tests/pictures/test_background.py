import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from mnistcnn.errors import DataError
from mnistcnn.ink import draw_digit
from mnistcnn.pictures import find_pieces, picture_to_ink, rasterize

pytestmark = pytest.mark.core


def find_boxes(ink):
    """The boxes of connected ink, left to right, without specks."""
    found = {}
    for piece in find_pieces(ink)[0]:
        box = found.get(piece.source, piece.box)
        low = np.minimum(box[:2], piece.box[:2])
        found[piece.source] = (*low, *np.maximum(box[2:], piece.box[2:]))
    return sorted(found.values())


@pytest.fixture(scope="module")
def page():
    """3, 5, 8 and 4 in a row, (300, 400), 0 to 1."""
    rng = np.random.default_rng(0)
    strokes, left = [], 15
    for label in (3, 5, 8, 4):
        digit = draw_digit(label, rng)
        low = np.concatenate(digit).min(axis=0)
        wide, high = np.ptp(np.concatenate(digit), axis=0)
        size = min(110 / high, 70 / wide)
        strokes += [(s - low) * size + (left, 90) for s in digit]
        left += wide * size + 25
    return rasterize(strokes, (300, 400), 8)[..., None] / 255.0


def paint(page, paper, colour):
    picture = paper * (1 - page) + np.array(colour, float) * page
    return np.rint(np.clip(picture, 0, 255)).astype(np.uint8)


def ruled_paper():
    paper = np.full((300, 400, 3), 245.0)
    paper[20::28] = paper[21::28] = (110, 130, 220)
    return paper


def lamp():
    y, x = np.mgrid[:300, :400]
    light = 0.45 + 0.55 * np.exp(-((x - 330) ** 2 + (y - 50) ** 2) / 96800)
    return light[..., None]


def scenes(page):
    noise = np.random.default_rng(1).normal(0, 9, (300, 400, 3))
    dark, white = (30, 30, 40), np.full((300, 400, 3), 240.0)
    opaque = np.full((300, 400, 1), 255, np.uint8)
    ink = np.rint(255 * page).astype(np.uint8)
    return {
        "dark on white": paint(page, white, dark),
        "grey picture": paint(page, white, dark)[..., 0],
        "bright on dark": paint(page, white * 0 + 35, (240, 240, 200)),
        "blue pen": paint(page, white, (30, 60, 190)),
        "red on yellow": paint(
            page, white * 0 + (120, 220, 240), (40, 30, 200)
        ),
        "equal grey": paint(page, white * 0 + (90, 150, 90), (150, 90, 150)),
        "uneven light": paint(page, white, dark) * lamp(),
        "uneven dark": paint(page, white * 0 + 80, (250, 250, 250)) * lamp(),
        "pencil in lamplight": paint(0.5 * page, white, dark) * lamp(),
        "noise": paint(page, white - 20, dark) + noise,
        "pale pencil": paint(0.3 * page, white, dark),
        "ruled": paint(page, ruled_paper(), dark),
        "opaque alpha": np.dstack([paint(page, white, dark), opaque]),
        "black in alpha": np.dstack([np.zeros((300, 400, 3)), ink]),
        "white in alpha": np.dstack([np.full((300, 400, 3), 255), ink]),
        "junk below alpha": np.dstack([255 * (page == 0).repeat(3, 2), ink]),
    }


@pytest.mark.parametrize("name", scenes(np.zeros((300, 400, 1))))
def test_ink_is_found_in(name, page):
    picture = np.clip(scenes(page)[name], 0, 255).astype(np.uint8)
    ink = picture_to_ink(picture)
    assert ink.shape == (300, 400) and ink.dtype == np.uint8
    np.testing.assert_allclose(ink / 255, page[..., 0], atol=0.75)
    assert np.abs(ink / 255 - page[..., 0]).mean() < 0.02
    regions = find_boxes(ink)
    truth = find_boxes(np.rint(255 * page[..., 0]).astype(np.uint8))
    assert len(regions) == len(truth) == 4
    for found, true in zip(regions, truth, strict=True):
        assert np.abs(np.subtract(found, true)).max() <= 2


def blanks():
    noise = np.random.default_rng(1).normal(0, 6, (300, 400, 3))
    return {
        "black": np.zeros((300, 400)),
        "white": np.full((300, 400, 3), 255),
        "one pixel": np.full((1, 1), 9),
        "one row": np.full((1, 300, 3), 9),
        "noise": 220 + noise,
        "uneven light": 240 * lamp() * np.ones(3),
        "a stain": 240 - 20 * lamp(),
        "transparent": np.zeros((50, 50, 4)),
    }


@pytest.mark.parametrize("name", blanks())
def test_a_blank_picture_has_no_digits(name):
    picture = np.clip(blanks()[name], 0, 255).astype(np.uint8)
    picture = picture[..., 0] if picture.shape[2:] == (1,) else picture
    ink = picture_to_ink(picture)
    assert ink.shape == picture.shape[:2]
    assert not ink.any()


CONVERT = "Scale to 0..255, and convert with .astype(np.uint8)."
GREY = "Read the file as 8-bit grey or colour."
FILE = "Read a file by mnistcnn.pictures.read_image."


@pytest.mark.parametrize(
    ("picture", "advice"),
    [
        (np.zeros((9, 9)), CONVERT),
        (np.zeros((9, 9), bool), CONVERT),
        (np.zeros((9, 9), np.uint16), CONVERT),
        (np.zeros((9, 9, 2), np.uint8), GREY),
        (np.zeros((2, 9, 9, 3), np.uint8), GREY),
        (np.zeros((0, 9), np.uint8), GREY),
        (np.zeros(9, np.uint8), GREY),
        (np.array("photo.jpg"), FILE),
        (np.array(Path("photo.jpg")), FILE),
    ],
)
def test_what_is_no_picture_is_refused(picture, advice):
    text = (
        "Expected a picture of shape (h, w), (h, w, 3) or (h, w, 4) and dtype "
        f"uint8. Received: shape={picture.shape}, dtype={picture.dtype}. "
        f"{advice}"
    )
    with pytest.raises(DataError, match=re.escape(text)):
        picture_to_ink(picture)


def test_a_jpeg_photo_of_a_digit_is_read(page):
    photo = np.clip(paint(page, 230.0, (40, 40, 50)) * lamp(), 0, 255)
    code = cv2.imencode(".jpg", photo.astype(np.uint8), [1, 50])[1]
    assert len(find_boxes(picture_to_ink(cv2.imdecode(code, 1)))) == 4
