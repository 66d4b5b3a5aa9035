"""The 15 corruptions: what they do to pictures whose answer is known."""

import doctest

import cv2
import numpy as np
import pytest

from mnistcnn.errors import DataError
from mnistcnn.ink import draw_digit, pen_width
from mnistcnn.pictures import strokes_to_image
from unlike_mnist import corruptions
from unlike_mnist.corruptions import CORRUPTIONS, corrupt

pytestmark = pytest.mark.core

NAMES = list(CORRUPTIONS)
# The digit stays in its place, and most of it is seen.
IN_PLACE = (
    "shot noise",
    "impulse noise",
    "glass blur",
    "motion blur",
    "brightness",
    "fog",
    "spatter",
    "dotted line",
    "zigzag",
)
SETTLED = ("scale", "brightness", "stripe", "canny edges")  # draw nothing


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(0)
    drawn = [draw_digit(i % 10, rng) for i in range(30)]
    return np.stack([strokes_to_image(d, pen_width(rng)) for d in drawn])


def blank(n=20, value=0):
    return np.full((n, 28, 28), value, np.uint8)


def bar(n=20):
    """A thin bar, upright, in the middle; far from the border."""
    images = blank(n)
    images[:, 8:20, 13:15] = 200
    return images


def centre(image):
    """The x and y of the centre of mass, from the middle of the image."""
    weights = image / image.sum(dtype=np.float64)
    y, x = np.indices(image.shape) - 13.5
    return (weights * x).sum(), (weights * y).sum()


def lean(image):
    """The degrees by which a bar leans, -90 to 90; 0 is upright."""
    m = cv2.moments(image)
    angle = np.arctan2(2 * m["mu11"], m["mu02"] - m["mu20"]) / 2
    return np.rad2deg(angle)


def test_they_are_those_of_the_paper():
    assert [
        *("shot noise", "impulse noise", "glass blur", "motion blur"),
        *("shear", "scale", "rotate", "brightness", "translate", "stripe"),
        *("fog", "spatter", "dotted line", "zigzag", "canny edges"),
    ] == NAMES
    assert all(CORRUPTIONS[name].__doc__ for name in NAMES)


def test_the_example_runs():
    found = doctest.testmod(corruptions)
    assert found.attempted and not found.failed


@pytest.mark.parametrize("name", NAMES)
def test_every_image_is_changed_and_the_given_ones_are_not(name, images):
    given = images.copy()
    found = corrupt(given, name)
    np.testing.assert_array_equal(given, images)
    assert (found.shape, found.dtype) == (images.shape, np.uint8)
    changed = (found != images).mean(axis=(1, 2))
    assert changed.min() > 0.01
    assert found.std(axis=(1, 2)).min() > 10, "there is something to see"


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_says_what_comes_out(name, images):
    found = corrupt(images, name, seed=3)
    np.testing.assert_array_equal(found, corrupt(images, name, seed=3))
    # So that a part of the images is a part of the measurement.
    np.testing.assert_array_equal(found[:7], corrupt(images[:7], name, seed=3))
    other = corrupt(images, name, seed=4)
    assert np.array_equal(found, other) == (name in SETTLED)


@pytest.mark.parametrize("name", IN_PLACE)
def test_a_digit_is_still_the_likest_to_itself(name, images):
    """Of thirty; with three of each digit, other hands' among them."""

    def level(stack):
        flat = stack.reshape(len(stack), -1).astype(np.float64)
        flat -= flat.mean(axis=1, keepdims=True)
        return flat / np.linalg.norm(flat, axis=1, keepdims=True)

    likest = (level(corrupt(images, name)) @ level(images).T).argmax(axis=1)
    assert np.mean(likest == np.arange(len(images))) >= 0.7


def test_shot_noise_varies_ink_alone_and_keeps_its_mean():
    image = blank(40)
    image[:, 4:24, 4:14] = 64
    found = corrupt(image, "shot noise")
    assert not found[image == 0].any()
    assert set(np.unique(found)) <= {0, 64, 128, 191, 255}
    assert found[image > 0].mean() == pytest.approx(64, rel=0.05)


def test_impulses_are_black_and_white_in_equal_parts():
    found = corrupt(blank(value=100), "impulse noise")
    assert set(np.unique(found)) == {0, 100, 255}
    for value in (0, 255):
        assert np.mean(found == value) == pytest.approx(0.06, abs=0.01)


def test_glass_moves_pixels_a_little_way_alone():
    flat = blank(2, 100)
    np.testing.assert_array_equal(corrupt(flat, "glass blur"), flat)
    found = corrupt(bar(), "glass blur")
    assert not found[:, :, :9].any() and not found[:, :, 19:].any()
    assert found.max() < 200


def test_motion_blur_smears_a_point_into_a_line():
    point = blank()
    point[:, 14, 14] = 255
    found = corrupt(point, "motion blur")
    spread = [max(np.ptp(np.nonzero(image), axis=1)) for image in found]
    assert min(spread) >= 4 and max(spread) <= 6
    assert max(np.count_nonzero(image) for image in found) < 25, "no blob"
    # Nothing is lost but by rounding.
    assert found.sum(axis=(1, 2)).min() > 240
    assert len(np.unique(found, axis=0)) > 5, "directions differ"


def test_shear_moves_rows_aside_by_their_height():
    found = corrupt(bar(), "shear")
    leans = np.array([lean(image) for image in found])
    np.testing.assert_allclose(np.abs(np.tan(np.deg2rad(leans))), 0.5, atol=0.1)
    assert {-1, 1} == set(np.sign(leans))
    rows = found.sum(axis=2, dtype=int)
    np.testing.assert_allclose(rows, bar().sum(axis=2, dtype=int), atol=4)


def test_scale_makes_smaller_in_place():
    square = blank(1)
    square[0, 4:24, 4:24] = 200
    (found,) = corrupt(square, "scale")
    assert found.sum() / square.sum() == pytest.approx(0.36, rel=0.05)
    np.testing.assert_allclose(centre(found), (0, 0), atol=0.05)


def test_rotate_turns_a_bar_and_leaves_a_ring():
    leans = [lean(image) for image in corrupt(bar(), "rotate")]
    np.testing.assert_allclose(np.abs(leans), 30, atol=1)
    assert {-1, 1} == set(np.sign(leans))
    y, x = np.indices((28, 28)) - 13.5
    ring = 200 * np.exp(-(((np.hypot(x, y) - 7) / 2) ** 2))
    ring = ring.astype(np.uint8)[None]
    gap = np.abs(corrupt(ring, "rotate") - ring.astype(float))
    assert gap.max() < 20, "interpolation's alone"


def test_brightness_is_added_up_to_white():
    image = blank(1)
    image[0, 0, :4] = (0, 100, 145, 200)
    found = corrupt(image, "brightness")
    assert found[0, 0, :4].tolist() == [110, 210, 255, 255]


def test_translate_moves_the_centre_of_mass_into_each_corner():
    found = [np.round(centre(i), 6) for i in corrupt(bar(40), "translate")]
    corners = {tuple(map(float, place)) for place in found}
    assert corners == {(-4, -4), (-4, 4), (4, -4), (4, 4)}


def test_a_stripe_is_inverted_and_nothing_else(images):
    found = corrupt(images, "stripe")
    outside = np.r_[0:10, 18:28]
    np.testing.assert_array_equal(found[..., outside], images[..., outside])
    np.testing.assert_array_equal(found[..., 10:18], 255 - images[..., 10:18])


def test_fog_is_thick_somewhere_and_lets_ink_through():
    found = corrupt(blank(), "fog")
    np.testing.assert_array_equal(found.min(axis=(1, 2)), 0)
    np.testing.assert_allclose(found.max(axis=(1, 2)), 127.5, atol=0.5)
    steps = np.abs(np.diff(found.astype(int), axis=2))
    assert steps.mean() < 10, "smooth"
    assert corrupt(blank(value=255), "fog").min() >= 127


def test_spatter_is_blots_on_a_tenth_of_the_picture():
    found = corrupt(blank(), "spatter")
    assert set(np.unique(found)) == {0, 255}
    assert np.mean(found == 255) == pytest.approx(0.1, abs=0.01)
    blots = [cv2.connectedComponents(image)[0] - 1 for image in found]
    assert 5 < np.mean(blots) < 40, "blots, no dust"


@pytest.mark.parametrize(
    ("name", "fewest", "most"), [("dotted line", 5, 20), ("zigzag", 1, 2)]
)
def test_lines_are_drawn_from_side_to_side(name, fewest, most, images):
    assert (corrupt(images, name) >= images).all()
    found = corrupt(blank(), name)
    for image in found:
        pieces = cv2.connectedComponents((image > 60).astype(np.uint8))[0] - 1
        assert fewest <= pieces <= most
        assert max(np.ptp(np.nonzero(image), axis=1)) >= 23
        assert np.mean(image > 60) < 0.2
    assert len(np.unique(found, axis=0)) == len(found)


def test_edges_are_those_of_a_square_and_not_its_inside():
    square = blank(1)
    square[0, 8:20, 8:20] = 200
    (found,) = corrupt(square, "canny edges")
    assert set(np.unique(found)) == {0, 255}
    assert not found[11:17, 11:17].any() and not found[:6].any()
    assert found[14].nonzero()[0].size == 2, "left and right"


def test_what_is_none_is_refused(images):
    with pytest.raises(DataError, match='corruption is "snow". Expected one'):
        corrupt(images, "snow")
    with pytest.raises(DataError, match="What to corrupt has dtype float64"):
        corrupt(images / 255, "fog")
