import re

import numpy as np
import pytest

from mnistcnn.errors import DataError
from mnistcnn.pictures import check_strokes, rasterize, strokes_to_image
from mnistcnn.pictures.shapes.widths import measure_gaps

pytestmark = pytest.mark.core


HOOK = np.array([[0.0, 0], [0, 3], [2, 3]])


def mass_centre(image):
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    weight = image / image.sum()
    return (x * weight).sum(), (y * weight).sum()


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


@pytest.mark.parametrize("place", [0, 1, 4, 16, 29])
def test_distances_are_exact_wherever_the_mask_lies(place):
    room = np.full(place + 41 * 67, 255, np.uint8)
    mask = room[place:].reshape(41, 67)
    mask[[7, 20, 33], [60, 3, 35]] = 0
    y, x = np.indices(mask.shape)
    squares = [(y - b) ** 2 + (x - a) ** 2 for b, a in np.argwhere(mask == 0)]
    exact = np.sqrt(np.min(squares, axis=0).astype(np.float32))
    np.testing.assert_array_equal(measure_gaps(mask), exact)


@pytest.mark.parametrize("strokes", [[], [[]], [np.empty((0, 2))]])
def test_no_points_are_no_ink(strokes):
    assert not rasterize(strokes, (20, 30), 3).any()
    assert strokes_to_image(strokes).shape == (28, 28)
    assert not strokes_to_image(strokes).any()


@pytest.mark.parametrize(
    "strokes",
    [
        [HOOK],
        [np.column_stack([HOOK, np.arange(len(HOOK))])],
        [np.column_stack([HOOK, HOOK])],
        HOOK,
        np.column_stack([HOOK, np.ones(len(HOOK))]),
        HOOK[None],
        (stroke for stroke in [HOOK]),
        [[], HOOK.tolist()],
    ],
    ids=["plain", "time", "pressure", "alone", "alone with time", "stacked",
         "generator", "lists"],
)  # fmt: skip
def test_time_and_pressure_are_dropped_and_a_lone_stroke_is_one(strokes):
    (checked,) = check_strokes(strokes)
    np.testing.assert_array_equal(checked, HOOK)


@pytest.mark.parametrize(
    ("strokes", "received"),
    [
        ([np.zeros((2, 5))], "shape (2, 5) and dtype float64"),
        ([np.zeros(7)], "shape (7,)"),
        ([(1.0, 2.0), (3.0, 4.0)], "shape (2,)"),
        (np.zeros((3, 4)), "shape (4,)"),
        (np.zeros(6), "shape ()"),
        ([np.zeros((2, 2), complex)], "dtype complex128"),
        ([[["1", "2"]]], "dtype <U1"),
        ([[(1, 2), (3,)]], "A stroke is no array (ValueError: "),
        ("strokes", "Received: str"),
        (None, "Received: NoneType"),
        (7, "Received: int"),
    ],
)
@pytest.mark.parametrize("draw", [strokes_to_image, None])
def test_what_is_no_list_of_strokes_is_refused(draw, strokes, received):
    draw = draw or (lambda s: rasterize(s, (20, 30), 3))
    with pytest.raises(DataError, match=re.escape(received)):
        draw(strokes)


@pytest.mark.parametrize("draw", [strokes_to_image, None])
def test_bad_strokes_and_pens_are_refused(draw):
    draw = draw or (lambda s, width=3: rasterize(s, (20, 30), width))
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
