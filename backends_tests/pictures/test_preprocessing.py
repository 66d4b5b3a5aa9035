import os
import re
import time

import cv2
import numpy as np
import pytest

from mnistcnn.errors import DataError
from mnistcnn.ink import draw_digit
from mnistcnn.pictures import (
    check_images,
    find_digits,
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


# === rasterize ===


@pytest.mark.parametrize("width", [1.5, 2.25, 3, 6, 9, 20])
def test_a_line_has_the_width_and_the_round_caps_asked_for(width):
    ink = rasterize([np.array([[40.0, 50], [100, 70]])], (120, 150), width)
    length = np.hypot(60, 20)
    area = ink.sum() / 255
    assert ink.dtype == np.uint8 and ink.shape == (120, 150)
    assert area == pytest.approx(
        length * width + np.pi * width**2 / 4, rel=0.07
    )
    assert mass_centre(ink) == pytest.approx((69.5, 59.5), abs=0.3)
    assert len(np.unique(ink)) > 10


@pytest.mark.parametrize("width", [2, 5, 12])
def test_a_single_point_is_a_disc(width):
    ink = rasterize([np.array([[20.0, 30.0]])], (60, 50), width)
    assert ink.sum() / 255 == pytest.approx(np.pi * width**2 / 4, rel=0.15)
    assert mass_centre(ink) == pytest.approx((19.5, 29.5), abs=0.3)


def test_points_are_joined_and_strokes_are_not():
    one = rasterize([np.array([[5.0, 10], [35, 10]])], (20, 40), 3)
    two = rasterize(
        [np.array([[5.0, 10]]), np.array([[35.0, 10]])], (20, 40), 3
    )
    assert one[10, 20] == 255
    assert two[10, 20] == 0 and two[10, 5] == 255 and two[10, 35] == 255


@pytest.mark.parametrize("far", [1e3, 1e7, 1e30, 1e300])
def test_far_points_are_cut_off(far):
    ink = rasterize([np.array([[-far, 10], [far, 10]])], (20, 30), 4)
    assert (ink[10] == 255).all()
    assert not ink[:5].any()
    assert not rasterize([np.array([[far, far]])], (20, 30), 4).any()


@pytest.mark.parametrize("strokes", [[], [[]], [np.empty((0, 2))]])
def test_no_points_are_no_ink(strokes):
    assert not rasterize(strokes, (20, 30), 3).any()
    assert strokes_to_image(strokes).shape == (28, 28)
    assert not strokes_to_image(strokes).any()


@pytest.mark.parametrize("draw", [strokes_to_image, None])
def test_bad_strokes_and_pens_are_refused(draw):
    draw = draw or (lambda s, width=3: rasterize(s, (20, 30), width))
    text = (
        "Expected strokes of shape (n, 2). Received: a stroke of shape (2, 3). "
        "Pass a list of arrays of x and y."
    )
    with pytest.raises(DataError, match=re.escape(text)):
        draw([np.zeros((2, 3))])
    with pytest.raises(DataError, match=re.escape("shape (2,). Pass")):
        draw(np.zeros((3, 2)))
    text = (
        "Expected strokes with finite coordinates. Received: nan or inf. "
        "Drop those points."
    )
    for bad in (np.nan, np.inf, -np.inf):
        with pytest.raises(DataError, match=re.escape(text)):
            draw([np.array([[0.0, 0.0], [1.0, bad]])])
    for width in (0, -1, np.nan, np.inf):
        text = f"Expected a pen width above 0 pixels. Received: {width}. Pass"
        with pytest.raises(DataError, match=re.escape(text)):
            draw([HOOK], width=width)


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
    assert find_digits(ink) == []


@pytest.mark.parametrize("read", [ink_to_image, find_digits])
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


# === check_images ===


@pytest.mark.parametrize(
    "shape", [(28, 28), (3, 28, 28), (3, 28, 28, 1), (28, 28, 28), (0, 28, 28)]
)
@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32", "float64"])
def test_images_come_to_one_shape(shape, dtype):
    images = np.random.default_rng(0).integers(0, 256, shape).astype(dtype)
    checked = check_images(images)
    assert checked.shape[1:] == (28, 28, 1)
    assert checked.dtype == ("uint8" if dtype == "uint8" else "float32")
    np.testing.assert_array_equal(checked.ravel(), images.ravel())


@pytest.mark.parametrize(
    "shape", [(28, 28, 3), (28, 28, 1), (784,), (3, 28, 28, 3), (3, 32, 32), ()]
)
def test_other_shapes_are_refused(shape):
    text = (
        "Expected images of shape (28, 28), (n, 28, 28) or (n, 28, 28, 1). "
        f"Received: images.shape={shape}. Use picture_to_ink, find_digits and "
        "ink_to_image on other pictures."
    )
    with pytest.raises(DataError, match=re.escape(text)):
        check_images(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("dtype", ["int64", "bool", "complex64", "U3"])
def test_other_dtypes_are_refused(dtype):
    text = (
        "Expected images of dtype uint8 or float. Received: images.dtype="
        f"{np.dtype(dtype)}. Convert them"
    )
    with pytest.raises(DataError, match=re.escape(text)):
        check_images(np.zeros((28, 28), dtype))


@pytest.mark.parametrize("value", [-0.5, 255.5, np.nan, np.inf])
def test_other_values_are_refused(value):
    images = np.zeros((28, 28))
    images[3, 4] = value
    with pytest.raises(
        DataError,
        match="Expected images with finite values from 0 to 255. Received: "
        "values from .* to .*. Do not subtract a mean",
    ):
        check_images(images)


# === picture_to_ink, find_digits ===


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
    regions = find_digits(ink)
    truth = find_digits(np.rint(255 * page[..., 0]).astype(np.uint8))
    assert len(regions) == len(truth) == 4
    for found, true in zip(regions, truth, strict=True):
        assert np.abs(np.subtract(found.box, true.box)).max() <= 2


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


def test_ruled_paper_has_no_digits():
    ink = picture_to_ink(np.rint(ruled_paper()).astype(np.uint8))
    assert find_digits(ink) == []


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((9, 9)),
        np.zeros((9, 9, 2), np.uint8),
        np.zeros((2, 9, 9, 3), np.uint8),
        np.zeros((0, 9), np.uint8),
        np.zeros(9, np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(picture):
    text = (
        "Expected a picture of shape (h, w), (h, w, 3) or (h, w, 4) and dtype "
        f"uint8. Received: shape={picture.shape}, dtype={picture.dtype}. Read "
        "the file as 8-bit grey or colour."
    )
    with pytest.raises(DataError, match=re.escape(text)):
        picture_to_ink(picture)


def boxes(*rectangles, shape=(200, 300)):
    ink = np.zeros(shape, np.uint8)
    for left, top, right, bottom in rectangles:
        ink[top:bottom, left:right] = 255
    return ink


def test_a_loose_bar_belongs_to_its_five():
    body, bar = (50, 40, 90, 120), (60, 25, 100, 33)
    other = (150, 30, 190, 120)
    found = find_digits(boxes(body, bar, other))
    assert [r.box for r in found] == [(50, 25, 100, 120), other]


def test_a_bar_at_the_side_joins_the_nearer_digit():
    body, bar, other = (50, 30, 90, 120), (94, 35, 120, 43), (140, 30, 180, 120)
    found = find_digits(boxes(body, bar, other))
    assert [r.box for r in found] == [(50, 30, 120, 120), other]


def test_broken_ink_is_one_digit():
    top, bottom = (50, 30, 90, 70), (52, 73, 88, 120)
    assert [r.box for r in find_digits(boxes(top, bottom))] == [
        (50, 30, 90, 120)
    ]


def test_close_digits_stay_apart():
    found = find_digits(boxes((50, 30, 90, 120), (93, 30, 100, 120)))
    assert len(found) == 2


def test_lines_are_read_from_the_top_and_each_from_the_left():
    first = [(20, 12, 50, 60), (100, 20, 130, 70), (180, 10, 210, 62)]
    second = [(15, 95, 45, 150), (105, 90, 135, 140), (170, 98, 200, 150)]
    found = find_digits(boxes(*second[::-1], *first[::-1]))
    assert [r.box for r in found] == first + second


def test_specks_and_rules_are_dropped():
    digit = (50, 30, 90, 120)
    dirt = [(150, 50, 153, 53), (8, 8, 9, 9), (95, 60, 100, 65)]
    dirt.append((200, 120, 220, 135))
    rule = (0, 160, 300, 163)
    assert [r.box for r in find_digits(boxes(digit, *dirt, rule))] == [digit]


def test_a_region_holds_its_own_ink_only():
    # Two slanted ones: the boxes overlap, the ink does not.
    slant = np.array([[40.0, 120], [90, 20]])
    ink = rasterize([slant, slant + np.array([38, 0])], (150, 180), 6)
    found = find_digits(ink)
    assert len(found) == 2
    assert found[0].box[2] > found[1].box[0]
    for region in found:
        left, top, right, bottom = region.box
        assert region.ink.shape == (bottom - top, right - left)
        assert all(type(side) is int for side in region.box)
        assert region.ink.sum() == pytest.approx(ink.sum() / 2, rel=0.02)


def test_salt_and_pepper_does_not_take_for_ever():
    ink = (np.random.default_rng(0).random((1500, 1500)) < 0.2) * np.uint8(255)
    start = time.perf_counter()
    find_digits(ink)
    assert time.perf_counter() - start < 3


def test_a_jpeg_photo_of_a_digit_is_read(page):
    photo = np.clip(paint(page, 230.0, (40, 40, 50)) * lamp(), 0, 255)
    code = cv2.imencode(".jpg", photo.astype(np.uint8), [1, 50])[1]
    assert len(find_digits(picture_to_ink(cv2.imdecode(code, 1)))) == 4


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
    for image in mnist:
        ink = np.zeros((300, 400), np.uint8)
        ink[40:240, 70:270] = cv2.resize(
            image, (200, 200), interpolation=cv2.INTER_CUBIC
        )
        if photo:
            ink = picture_to_ink(255 - ink)
        (largest,) = sorted(
            find_digits(ink), key=lambda r: r.ink.size, reverse=True
        )[:1]
        again = ink_to_image(largest.ink)
        errors.append(np.abs(again.astype(int) - image).mean())
    # A blank answer would be off by 33, another digit by 45.
    assert np.mean(errors) < 8


@pytest.mark.mnist
def test_one_digit_is_found_in_nearly_every_mnist_image(mnist):
    found = [len(find_digits(picture_to_ink(image))) for image in mnist]
    assert np.mean(np.equal(found, 1)) >= 0.98


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
