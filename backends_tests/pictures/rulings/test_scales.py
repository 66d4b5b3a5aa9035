"""Large pictures are made smaller, as far as their digits allow."""

import cv2
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.errors import DataError
from mnistcnn.pictures import clean_picture, clean_sizes
from mnistcnn.pictures.rulings import scales
from mnistcnn.reading.recognition import Recognizer
from papers import make_paper

pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def classifier():
    return DigitClassifier.from_pretrained()


# A 4 and a 7, of a square of 1.
STROKES = (
    [(0.6, 1), (0.6, 0), (0, 0.65), (0.9, 0.65)],
    [(1.3, 0), (2.1, 0), (1.6, 1)],
)


def write(*, tall, thick, size=(480, 640)):
    """Bright paper with digits `tall` pixels high."""
    page = np.full(size, 240, np.uint8)
    corner = np.array([size[1] // 8, size[0] // 3])
    for points in STROKES:
        line = np.rint(tall * np.array(points) + corner).astype(int)
        cv2.polylines(page, [line], False, 30, thick, cv2.LINE_AA)
    return page


def test_a_picture_is_halved_as_long_as_a_side_allows():
    sizes = scales.list_sizes(np.zeros((900, 3200, 3), np.uint8))
    assert [size[0].shape for size in sizes] == [
        (112, 400, 3),
        (225, 800, 3),
        (450, 1600, 3),
    ]
    for small, matrix in sizes:
        corner = matrix @ (3200, 900, 1)
        np.testing.assert_allclose(corner[:2], small.shape[1::-1])
    (only,) = scales.list_sizes(np.zeros((599, 599, 3), np.uint8))
    assert only[0].shape == (599, 599, 3)


@pytest.mark.parametrize(
    ("tall", "thick", "sides"),
    [
        (90, 12, [320, 640]),  # of tall digits by a wide pen a half is enough
        (40, 12, [640]),  # small digits
        (90, 2, [640]),  # a thin pen
    ],
)
def test_large_digits_are_looked_at_in_a_small_picture(tall, thick, sides):
    page = write(tall=tall, thick=thick)
    assert [sheet.ink.shape[1] for sheet in clean_sizes(page)] == sides


def test_the_last_size_is_the_picture_itself():
    page = write(tall=90, thick=12)
    *_, last = clean_sizes(page)
    np.testing.assert_array_equal(last.ink, clean_picture(page).ink)


def test_boxes_are_in_pixels_of_the_picture(classifier, monkeypatch):
    page = write(tall=90, thick=12, size=(960, 1280))
    found = classifier.read(page)
    monkeypatch.setattr(scales, "LEAST_SIDE", 10_000)
    whole = classifier.read(page)
    assert [each.label for each in found] == ["4", "7"]
    for a, b in zip(found, whole, strict=True):
        np.testing.assert_allclose(a.box, b.box, atol=6)


def test_an_uncertain_reading_is_repeated_at_a_larger_size(
    classifier, monkeypatch
):
    page = write(tall=90, thick=12)
    seen = []

    def read_sheet(self, sheet):
        seen.append(sheet.ink.shape[1])
        label = "?" if len(seen) == 1 else "4"
        readings = original(self, sheet)
        for number, reading in enumerate(readings):
            readings[number] = type(reading)(
                **{**vars(reading), "label": label}
            )
        return readings

    original = Recognizer.read_sheet
    monkeypatch.setattr(Recognizer, "read_sheet", read_sheet)
    labels = [reading.label for reading in classifier.read(page)]
    assert (seen, labels) == ([320, 640], ["4", "4"])
    seen.append(0)
    classifier.read(page)
    assert seen[-1] == 320  # nothing is uncertain: no larger one is cleaned


@pytest.mark.parametrize(("tall", "sides"), [(60, [320]), (300, [320, 640])])
def test_so_is_what_left_over_ink_as_tall_as_digits(
    tall, sides, classifier, monkeypatch
):
    seen = []

    def read_sheet(self, sheet):
        seen.append(sheet.ink.shape[1])
        readings = original(self, sheet)
        readings.specks = ((0.0, 0.0, 40.0, float(tall)),)
        return readings

    original = Recognizer.read_sheet
    monkeypatch.setattr(Recognizer, "read_sheet", read_sheet)
    classifier.read(write(tall=90, thick=12))
    assert seen == sides


@pytest.mark.parametrize("kind", ["clean", "squared", "spiral", "sheet_edge"])
def test_a_larger_photo_of_a_paper_is_read_as_well(kind, classifier):
    for seed in (3, 4, 5):
        paper = make_paper(kind, seed)
        large = cv2.resize(
            paper.picture, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC
        )
        small = classifier.read(paper.picture)
        assert len(small) == len(classifier.read(large)) == len(paper.right)


def test_nothing_on_a_large_picture_is_nothing(classifier):
    assert not classifier.read(np.full((800, 800), 200, np.uint8))


def test_a_picture_of_another_form_is_refused(classifier):
    with pytest.raises(DataError, match="dtype=float64"):
        classifier.read(np.zeros((800, 800)))
