import os
import re

import numpy as np
import pytest

from mnistcnn.errors import DataError
from mnistcnn.ink import SKELETONS, draw_digit, pen_width
from mnistcnn.ink.generator import PEN_WIDTHS
from mnistcnn.ink.nondigits import LETTERS
from mnistcnn.pictures import strokes_to_image

pytestmark = pytest.mark.core

FORMS = [
    (label, form)
    for label in SKELETONS
    for form in range(len(SKELETONS[label]))
]


def test_skeletons_are_ten_digits_and_letters_within_the_box():
    assert sorted(SKELETONS) == list(range(10))
    point = re.compile(r" ?\d+ \d+\*? ?")
    texts = [text for forms in LETTERS.values() for text in forms]
    for forms in SKELETONS.values():
        texts += [text for share, text in forms if share >= 0]
    assert len(texts) == len(FORMS) + sum(map(len, LETTERS.values()))
    for text in texts:
        for mark in re.split("[,/]", text):
            assert point.fullmatch(mark), text
        assert all(0 <= int(n) <= 100 for n in re.findall(r"\d+", text))


def test_no_letter_is_one_that_looks_like_a_digit():
    assert not set(LETTERS) & set("ODQoIiljZzSsGbBgqyXx")


@pytest.mark.parametrize(("label", "form"), FORMS)
def test_every_form_is_a_drawable_digit(label, form):
    rng = np.random.default_rng([label, form])
    for _ in range(20):
        strokes = draw_digit(label, rng, form=form)
        points = np.concatenate(strokes)
        assert len(strokes) == SKELETONS[label][form][1].count("/") + 1
        for stroke in strokes:
            assert stroke.dtype == np.float32
            assert stroke.ndim == 2 and stroke.shape[1] == 2
            assert len(stroke) > 1
            assert np.hypot(*np.diff(stroke, axis=0).T).max() < 0.3
        assert np.isfinite(points).all()
        assert points.min() > -1 and points.max() < 2
        assert 0.5 < np.ptp(points, axis=0).max() < 2.5


def test_strokes_follow_the_hand():
    seven, one = SKELETONS[7][0][1], SKELETONS[1][0][1]
    assert seven.count("*") == 1 and one.count(",") == 2
    rng = np.random.default_rng(3)
    for _ in range(20):
        bar = draw_digit(7, rng, form=0)[0]
        assert bar[0, 0] < bar[len(bar) // 2, 0]
        stem = draw_digit(1, rng, form=0)[0]
        assert stem[0, 1] < stem[-1, 1]


def test_corners_are_sharp_and_curves_smooth():
    def sharpest_turn(label, form):
        turns = []
        for seed in range(20):
            rng = np.random.default_rng(seed)
            for stroke in draw_digit(label, rng, form=form):
                ahead = np.arctan2(*np.diff(stroke, axis=0).T)
                turn = np.diff(ahead)
                turns.append(np.abs((turn + np.pi) % (2 * np.pi) - np.pi).max())
        return np.median(turns)

    assert sharpest_turn(7, 0) > 1.3
    assert sharpest_turn(0, 0) < 1.0


def test_one_seed_writes_one_hand():
    def write(seed):
        rng = np.random.default_rng(seed)
        drawn = [s for label in range(10) for s in draw_digit(label, rng)]
        return np.concatenate(drawn), pen_width(rng)

    first, again, other = write(1), write(1), write(2)
    np.testing.assert_array_equal(first[0], again[0])
    assert first[1] == again[1] != other[1]
    assert first[0].shape != other[0].shape or (first[0] != other[0]).any()


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()
    draw_digit(5, np.random.default_rng(0))
    np.testing.assert_array_equal(before, np.random.get_state()[1])


def test_digits_come_in_one_stroke_and_in_two():
    rng = np.random.default_rng(0)
    for label in (0, 1, 4, 5, 7, 8):
        counts = {len(draw_digit(label, rng)) for _ in range(200)}
        assert counts == {1, 2}, label
    for label in (2, 3, 6, 9):
        assert {len(draw_digit(label, rng)) for _ in range(50)} == {1}, label


def test_forms_are_as_frequent_as_their_share():
    rng = np.random.default_rng(0)
    shares = np.array([share for share, _ in SKELETONS[7]])
    barred = np.array(["/" in text for _, text in SKELETONS[7]])
    drawn = np.mean([len(draw_digit(7, rng)) == 2 for _ in range(2000)])
    assert drawn == pytest.approx(shares[barred].sum() / shares.sum(), abs=0.04)


def test_hands_differ_in_slant_aspect_and_speed():
    rng = np.random.default_rng(0)
    ones = [draw_digit(1, rng, form=0)[0] for _ in range(200)]
    slants = [-np.ptp(s[[0, -1], 0]) / np.ptp(s[:, 1]) for s in ones]
    assert np.std(slants) > 0.1
    assert len({len(s) for s in ones}) > 3
    zeros = [draw_digit(0, rng, form=0)[0] for _ in range(200)]
    aspects = [np.divide(*np.ptp(s, axis=0)) for s in zeros]
    assert np.std(np.log(aspects)) > 0.15


def test_pens_are_plausible():
    rng = np.random.default_rng(0)
    widths = np.array([pen_width(rng) for _ in range(2000)])
    assert isinstance(pen_width(rng), float)
    assert widths.min() >= PEN_WIDTHS[0] and widths.max() <= PEN_WIDTHS[1]
    assert 2.1 < np.median(widths) < 2.5
    assert widths.std() > 0.4


def test_labels_may_be_numpy_integers():
    assert draw_digit(np.uint8(3), np.random.default_rng(0))


@pytest.mark.parametrize("label", [10, -1, "3", 2.5, None])
def test_what_is_no_digit_is_refused(label):
    text = f"Expected a digit from 0 to 9. Received: {label!r}. Pass label"
    with pytest.raises(DataError, match=re.escape(text)):
        draw_digit(label, np.random.default_rng(0))


@pytest.mark.parametrize("form", [-1, 99])
def test_what_is_no_form_is_refused(form):
    last = len(SKELETONS[1]) - 1
    text = f"Expected a form of 1 from 0 to {last}. Received: {form}. Leave"
    with pytest.raises(DataError, match=re.escape(text)):
        draw_digit(1, np.random.default_rng(0), form=form)


@pytest.mark.mnist
def test_neighbours_among_generated_digits_read_mnist():
    if "MNISTCNN_DATA" not in os.environ:
        pytest.skip("MNISTCNN_DATA does not say where the real MNIST is")
    with np.load(os.environ["MNISTCNN_DATA"]) as archive:
        x, y = archive["x_train"][:500], archive["y_train"][:500]
    rng = np.random.default_rng(0)
    labels = np.arange(4000) % 10
    drawn = np.stack(
        [
            strokes_to_image(draw_digit(label, rng), pen_width(rng))
            for label in labels
        ]
    )

    def unit(images):
        flat = images.reshape(len(images), -1).astype(np.float32)
        return flat / np.linalg.norm(flat, axis=1, keepdims=True)

    nearest = labels[(unit(x) @ unit(drawn).T).argmax(axis=1)]
    assert (nearest == y).mean() > 0.8
