import os
import re

import cv2
import numpy as np
import pytest

from mnistcnn.errors import DataError
from mnistcnn.ink import draw_digit
from mnistcnn.pictures import (
    find_pieces,
    ink_to_image,
    picture_to_ink,
    rasterize,
    strokes_to_image,
)
from mnistcnn.pictures.preprocessing import PEN_WIDTH

pytestmark = pytest.mark.core


HOOK = np.array([[0.0, 0], [0, 3], [2, 3]])


def mass_centre(image):
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    weight = image / image.sum()
    return (x * weight).sum(), (y * weight).sum()


def extent(image):
    return [
        int(np.ptp(np.flatnonzero(image.any(axis=axis)))) + 1 for axis in (0, 1)
    ]


# === strokes_to_image ===


@pytest.mark.parametrize("label", range(10))
def test_a_drawn_digit_has_the_geometry_of_mnist(label):
    rng = np.random.default_rng(label)
    for _ in range(20):
        image = strokes_to_image(draw_digit(label, rng))
        assert image.shape == (28, 28) and image.dtype == np.uint8
        assert max(extent(image)) == 20
        assert image.max() == 255
        for centre in mass_centre(image):
            assert 13.4 <= centre <= 14.6


@pytest.mark.parametrize("units", [1e-30, 1e-3, 1.0, 1e4, 1e200, 5e307])
def test_units_and_place_do_not_matter(units):
    image = strokes_to_image([HOOK * units])
    np.testing.assert_array_equal(image, strokes_to_image([HOOK]))
    moved = strokes_to_image([np.add(HOOK, (100, -40))])
    assert np.abs(moved.astype(int) - image).max() <= 1


def test_the_pen_has_one_width_whatever_the_units():
    bar = np.array([[0, 0], [0, 1.0]])
    for scale in (1, 1000):
        image = strokes_to_image([bar * scale])
        assert image[14].sum() / 255 == pytest.approx(PEN_WIDTH, rel=0.15)
    wide = strokes_to_image([bar], width=4)
    assert wide[14].sum() / 255 == pytest.approx(4, rel=0.1)


def test_the_aspect_is_kept():
    wide, high = extent(strokes_to_image([HOOK]))
    # The pen's centre line is as HOOK is, 2 to 3; the pen adds its width.
    assert high == 20
    assert wide == pytest.approx((20 - PEN_WIDTH) * 2 / 3 + PEN_WIDTH, abs=1)


@pytest.mark.parametrize(
    "dot", [[[5, 7]], [[5, 7], [5, 7]], [[0, 0], [0, 5e-324]]]
)
def test_a_tap_is_a_dot_in_the_middle(dot):
    image = strokes_to_image([np.array(dot, float)])
    assert max(extent(image)) <= 4
    assert all(13 <= centre <= 15 for centre in mass_centre(image))


def test_an_enormous_pen_still_fits():
    image = strokes_to_image([HOOK], width=500)
    assert max(extent(image)) <= 20


# === ink_to_image ===


@pytest.mark.parametrize("scale", [2, 7, 30])
def test_ink_of_any_size_comes_out_as_its_strokes_do(scale):
    rng = np.random.default_rng(0)
    for label in range(10):
        strokes = draw_digit(label, rng)
        image = strokes_to_image(strokes)
        low = np.concatenate(strokes).min(axis=0)
        size = np.ptp(np.concatenate(strokes), axis=0).max()
        unit = (20 - PEN_WIDTH) * scale / size
        place = 3 * scale
        ink = rasterize(
            [(s - low) * unit + place for s in strokes],
            (26 * scale, 26 * scale),
            PEN_WIDTH * scale,
        )
        again = ink_to_image(ink)
        shift = [
            np.abs(np.roll(again, (dy, dx), (0, 1)).astype(int) - image).mean()
            for dy in (-1, 0, 1)
            for dx in (-1, 0, 1)
        ]
        assert min(shift) < 11, label


def test_a_thin_pen_is_not_lost():
    strokes = [s * 900 + 30 for s in draw_digit(8, np.random.default_rng(0))]
    thin = ink_to_image(rasterize(strokes, (1000, 1000), 2))
    usual = strokes_to_image(strokes)
    assert thin.max() == 255
    assert thin.sum() == pytest.approx(usual.sum(), rel=0.15)


def test_faint_ink_comes_out_in_full_contrast():
    ink = np.zeros((100, 100), np.uint8)
    ink[20:80, 45:55] = 90
    assert ink_to_image(ink).max() == 255


@pytest.mark.parametrize(
    ("shape", "area"),
    [((1, 1), 4), ((300, 1), 20), ((1, 300), 20), ((2, 5000), 20)],
)
def test_extreme_ink_is_bounded(shape, area):
    image = ink_to_image(np.full(shape, 255, np.uint8))
    assert image.any() and max(extent(image)) <= max(area, 4)
    for centre in mass_centre(image):
        assert 13 <= centre <= 15


def test_ink_that_touches_the_border_is_whole():
    ink = np.zeros((60, 40), np.uint8)
    ink[:, :6] = ink[54:] = 255
    framed = np.pad(ink, 50)
    np.testing.assert_array_equal(ink_to_image(ink), ink_to_image(framed))
    assert extent(ink_to_image(ink)) == [13, 20]


def test_lopsided_ink_is_not_cut():
    ink = np.zeros((100, 100), np.uint8)
    ink[:, :2] = 255
    ink[0] = 255
    ink[80:, :20] = 255
    assert extent(ink_to_image(ink))[1] == 20


@pytest.mark.parametrize("shape", [(28, 28), (1, 1), (0, 0), (5, 0)])
def test_blank_ink_is_a_blank_image(shape):
    ink = np.zeros(shape, np.uint8)
    assert ink_to_image(ink).shape == (28, 28)
    assert not ink_to_image(ink).any()
    assert find_pieces(ink) == ([], [])


@pytest.mark.parametrize("read", [ink_to_image, find_pieces])
@pytest.mark.parametrize(
    ("ink", "received"),
    [
        (np.zeros((28, 28)), "shape=(28, 28), dtype=float64"),
        (np.zeros((9, 9, 3), np.uint8), "shape=(9, 9, 3), dtype=uint8"),
    ],
)
def test_what_is_no_ink_is_refused(read, ink, received):
    text = (
        "Expected ink of shape (h, w) and dtype uint8. Received: "
        f"{received}. Use picture_to_ink on pictures."
    )
    with pytest.raises(DataError, match=re.escape(text)):
        read(ink)


# === Real MNIST ===


@pytest.fixture(scope="module")
def mnist():
    if "MNISTCNN_DATA" not in os.environ:
        pytest.skip("MNISTCNN_DATA does not say where the real MNIST is")
    with np.load(os.environ["MNISTCNN_DATA"]) as archive:
        return archive["x_train"][:200]


@pytest.mark.mnist
def test_mnist_is_where_we_would_put_it(mnist):
    same = [np.abs(ink_to_image(i).astype(int) - i).mean() for i in mnist]
    assert np.mean(same) < 1 and np.median(same) == 0


@pytest.mark.mnist
@pytest.mark.parametrize("photo", [False, True])
def test_enlarged_mnist_comes_back(mnist, photo):
    errors = []
    # A photo takes thirty times as long.
    for image in mnist[:60] if photo else mnist:
        ink = np.zeros((300, 400), np.uint8)
        ink[40:240, 70:270] = cv2.resize(
            image, (200, 200), interpolation=cv2.INTER_CUBIC
        )
        if photo:
            ink = picture_to_ink(255 - ink)
        again = ink_to_image(ink)
        errors.append(np.abs(again.astype(int) - image).mean())
    # A blank answer would be off by 33, another digit by 45.
    assert np.mean(errors) < 8


@pytest.mark.mnist
def test_nearly_every_mnist_image_is_connected_ink(mnist):
    found = [find_pieces(picture_to_ink(image))[0] for image in mnist]
    sources = [len({piece.source for piece in pieces}) for pieces in found]
    assert np.mean(np.equal(sources, 1)) >= 0.9


@pytest.mark.mnist
def test_the_pen_is_as_wide_as_mnist(mnist):
    rng = np.random.default_rng(0)
    drawn = [strokes_to_image(draw_digit(k % 10, rng)) for k in range(200)]

    def width(image):
        large = cv2.resize(image, None, fx=8, fy=8) > 127
        gap = cv2.distanceTransform(large.astype(np.uint8), cv2.DIST_L2, 5)
        return 4 * gap[gap > 0].mean() / 8

    ours, theirs = (np.median([width(i) for i in x]) for x in (drawn, mnist))
    assert ours == pytest.approx(theirs, rel=0.1)
