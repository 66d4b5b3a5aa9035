"""Photographs without writing: nothing is read, and the answer says so."""

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.pictures import clean_picture, cleaning
from mnistcnn.pictures.light.photographs import is_photograph
from papers import make_paper

pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def classifier():
    return DigitClassifier.from_pretrained()


def make_clouds(height=240, width=320, seed=0):
    """Soft blobs of many sizes and tones, brighter and darker than others."""
    rng = np.random.default_rng(seed)
    sky: np.ndarray = np.zeros((height, width))
    for size in (2, 5, 12, 30):
        blobs = cv2.GaussianBlur(rng.normal(0, 1, sky.shape), (0, 0), size)
        sky += blobs / blobs.std() * size**0.7
    tones = 128 + 45 * (sky - sky.mean()) / sky.std()
    return np.uint8(np.clip(tones, 0, 255))


def make_house(seed):
    """A house before the sky: its windows are boxes, but none is a form's."""
    rng = np.random.default_rng(seed)
    photo = np.linspace(225, 190, 360)[:, None, None] * np.ones((1, 420, 3))
    photo[90:, 60:330] = (70, 80, 140)
    for x in range(76, 290, 62):
        for y in (120, 200, 280):
            photo[y : y + 56, x : x + 44] = (200, 215, 220)
            photo[y + 5 : y + 51, x + 5 : x + 39] = rng.uniform(30, 90, 3)
            photo[y + 5 : y + 51, x + 20 : x + 24] = (200, 215, 220)
    leaves = cv2.GaussianBlur(rng.normal(0, 1, (360, 420)), (0, 0), 3)
    low = np.mgrid[:360, :420][0] > 300 + 40 * np.sin(np.arange(420) / 30)
    photo[low] = (60, 90, 70) + 350 * leaves[low][:, None]
    photo += rng.normal(0, 5, photo.shape)
    return np.uint8(np.clip(photo, 0, 255))


def test_windows_are_no_form(classifier):
    for seed in range(3):
        readings = classifier.read(make_house(seed))
        assert readings.text == ""
        assert readings.note.startswith("a photograph, not writing: ")


@pytest.mark.parametrize("kind", ["landscape", "face"])
def test_nothing_is_read_in_a(kind, classifier):
    for seed in (1, 2, 4):
        readings = classifier.read(make_paper(kind, seed).picture)
        assert readings.text == ""
        assert readings.note == (
            "a photograph, not writing: "
            f"{len(readings.specks)} pieces left unread"
        )
        assert readings.note in readings._repr_html_()


def test_its_pieces_are_named_where_they_are_in_the_file(classifier):
    sky = make_clouds(480, 640)
    large = cv2.resize(sky, None, fx=5, fy=5)
    small, seen = classifier.read(sky), classifier.read(large)
    assert small.note and seen.note
    assert max(box[2] for box in small.specks) <= 640 < 2000
    assert max(box[2] for box in seen.specks) > 2000


def test_ink_on_uneven_paper_is_writing(classifier):
    # Stains as soft as clouds, and a tenth as strong as the ink.
    stains = (make_clouds().astype(float) - 128) * 0.15
    page = np.clip(215 + stains, 0, 255).astype(np.uint8)
    cv2.line(page, (100, 70), (95, 170), 40, 8, cv2.LINE_AA)
    cv2.ellipse(page, (200, 120), (32, 52), 0, 0, 360, 40, 8, cv2.LINE_AA)
    readings = classifier.read(page)
    assert (readings.text, readings.note) == ("10", "")


def test_a_digit_cut_out_of_its_paper_is_writing_and_clouds_are_not():
    zero = np.full((120, 90), 230, np.uint8)
    cv2.ellipse(zero, (45, 60), (40, 55), 0, 0, 360, 30, 9, cv2.LINE_AA)
    noise = np.random.default_rng(0).normal(0, 6, zero.shape)
    zero = np.clip(zero + noise, 0, 255).astype(np.uint8)
    assert clean_picture(zero).written
    assert not clean_picture(make_clouds(seed=1)).written


@pytest.mark.parametrize("pen", [8, 12, 16])
def test_a_thick_pens_number_on_even_paper_is_writing(pen):
    """Its ink fills most of what is round a pixel: paper seems bright."""
    page = np.full((130, 150), 205, np.uint8)
    for x in (45, 85 + pen // 2):
        for y in (44, 86):
            cv2.ellipse(page, (x, y), (16, 17), 0, 0, 360, 70, pen, cv2.LINE_AA)
    page = cv2.GaussianBlur(page, (0, 0), 1)
    noise = np.random.default_rng(0).normal(0, 2, page.shape)
    page = np.clip(page + noise, 0, 255).astype(np.uint8)
    assert clean_picture(page).written


def test_a_puzzle_is_not_asked_about(monkeypatch):
    monkeypatch.setattr(cleaning, "is_photograph", lambda *a, **k: True)
    assert clean_picture(make_paper("grid", 3).picture).written
    assert not clean_picture(make_paper("clean", 3).picture).written


def test_what_is_digits_for_certain_is_writing(monkeypatch, classifier):
    """A thick pen's rings are bright and dark, and of every width."""
    monkeypatch.setattr(cleaning, "is_photograph", lambda *a, **k: True)

    def read(*draw):
        page = np.full((140, 180), 230, np.uint8)
        for function, *arguments in draw:
            function(page, *arguments, 30, 12, cv2.LINE_AA)
        return classifier.read(page)

    eight = [
        (cv2.circle, (50, top), radius) for top, radius in ((48, 18), (90, 22))
    ]
    one = (cv2.line, (110, 30), (105, 110))
    strike = [(cv2.line, (20, y), (90, y + 40)) for y in range(30, 90, 18)]
    assert (read(*eight, one).text, read(*eight, one).note) == ("81", "")
    # A ring or a bar may be a head or a tree; nor is a 1 beside a scribble.
    for drawn in (
        [(cv2.ellipse, (50, 70), (25, 40), 0, 0, 360)],
        [one],
        [*eight, *strike, one],
    ):
        assert read(*drawn).text == ""
        assert "left unread" in read(*drawn).note


def test_what_is_small_or_blank_is_not_judged():
    sky = make_clouds()[:40, :40]
    ink = np.uint8(255 * (sky < 100))
    assert not is_photograph(sky[..., None], ink)
    assert not is_photograph(make_clouds()[..., None], ink_of(0))
    assert is_photograph(make_clouds()[..., None], ink_of(100))


def ink_of(level):
    return np.uint8(255 * (make_clouds() < level))
