import dataclasses
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from mnistcnn.errors import ConfigError
from mnistcnn.ink import draw_digit, draw_nondigit
from mnistcnn.training import TrainConfig
from mnistcnn.training.handwriting import (
    Handwriting,
    choose_writers,
    draw_known,
    draw_others,
)
from mnistcnn.training.pipeline import REJECTED, generate_nondigits, split

pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def handwriting(digits, make_strokes):
    rng = np.random.default_rng(0)
    drawn = [(str(i % 10), draw_digit(i % 10, rng)) for i in range(200)]
    drawn += [("AHO"[i % 3], draw_nondigit(rng)) for i in range(60)]
    strokes = make_strokes(drawn, writers=[f"w{i % 20}" for i in range(260)])
    return dataclasses.replace(digits, strokes=strokes)


def test_non_digits_are_generated_where_there_are_no_strokes():
    images = generate_nondigits(100, seed=3)
    assert images.shape == (100, 28, 28) and images.dtype == np.uint8
    # Two of a hundred are blank.
    assert (images[2:].reshape(98, -1).max(axis=1) == 255).all()


# What `train` does before its first epoch, and what its command line does
# with the exception.
DRAWING = """
import sys
from mnistcnn.data import generate
from mnistcnn.training import TrainConfig
from mnistcnn.training.interruption import Interrupted, Interruption
from mnistcnn.training.pipeline import split
data = generate(limit=20)
config = TrainConfig(nondigits=10**6)
with Interruption() as interruption:
    print("drawing", flush=True)
    try:
        split(data, config, interruption.check)
    except Interrupted as stop:
        sys.exit(stop.exit_code)
"""


def test_sigterm_ends_it_within_two_seconds_while_digits_are_drawn():
    with subprocess.Popen(
        [sys.executable, "-c", DRAWING], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"drawing\n"
        time.sleep(0.2)
        assert process.poll() is None
        process.terminate()
        # Two seconds are asked of a quiet machine, and 10**6 take minutes.
        try:
            assert process.wait(timeout=10) == 128 + signal.SIGTERM
        finally:
            process.kill()


def test_the_seed_decides():
    one, again, other = (generate_nondigits(5, seed=s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_what_is_held_out_is_left_alone(digits):
    config = TrainConfig(validation=0.3, nondigits=10)
    found = split(digits, config)
    plain = digits.split(0.3)
    np.testing.assert_array_equal(found.x[:700], plain[0])
    assert len(found) == len(found.y) == 710 and found.y.dtype == np.uint8
    assert (found.y == REJECTED).sum() == 10
    np.testing.assert_array_equal(found.x_held, plain[2])
    np.testing.assert_array_equal(found.y_held, plain[3])


def test_strokes_are_drawn_anew_in_each_epoch(handwriting):
    config = TrainConfig(validation=0, stroke_copies=2, nondigits=50, seed=1)
    found = split(handwriting, config)
    epochs = [found.arrange(epoch) for epoch in (0, 1, 0)]
    for images, labels in epochs:
        assert images.shape == (len(found), 28, 28, 1)
        assert len(found) == 1000 + 2 * 200 + 50
        assert (labels == REJECTED).sum() == 50
    np.testing.assert_array_equal(epochs[0][0], epochs[2][0])
    # What is of MNIST is the same in each, but in another order.
    seen = [{image.tobytes() for image in images} for images, _ in epochs]
    assert 0 <= len(seen[0] & seen[1]) - len(np.unique(found.x, axis=0)) < 5


def test_some_zeros_are_slashed_and_keep_their_label(make_strokes):
    turn = np.linspace(0, 2 * np.pi, 40)
    ring = [np.stack([10 * np.cos(turn), 10 * np.sin(turn)], axis=1)]
    rings = make_strokes([("0", ring), ("6", ring)] * 100, ["w"] * 200)
    labels = np.tile([3, 7], 100).astype(np.uint8)
    known = Handwriting(rings, labels, rings, rings)
    images, named = draw_known(known, 2, np.random.default_rng(0))
    assert np.bincount(named).tolist() == [0, 0, 0, 200, 0, 0, 0, 200]
    # A ring is empty around its middle, but for a narrow one.
    crossed = images[:, 12:16, 12:16].max(axis=(1, 2)) > 0
    assert crossed[named == 7].mean() < 0.05
    assert 0.25 < crossed[named == 3].mean() < 0.45


def test_a_part_of_the_strokes_is_drawn_by_bold_pens(handwriting, monkeypatch):
    # What is bold by blur has a test of its own.
    monkeypatch.setattr("mnistcnn.training.pens._BLURRED", 0.0)

    def draw(bold):
        config = TrainConfig(validation=0, nondigits=200, bold=bold)
        found = split(handwriting, config)
        # Of 200 digits' strokes so many are added in print.
        assert len(found) == 1000 + 200 * (1 + bold) + 200
        rng = np.random.default_rng(0)
        digits, _ = draw_known(found.handwriting, 1, rng)
        others = draw_others(found.handwriting, 200, rng)
        return digits.mean(), others.mean()

    plain, half, bold = (np.array(draw(bold)) for bold in (0, 0.5, 1))
    assert (bold > 1.5 * plain).all(), (plain, bold)
    assert (1.2 * plain < half).all() and (1.1 * half < bold).all()


def test_of_bold_strokes_most_are_blurred(handwriting, monkeypatch):
    def blank(images, rng):
        return np.zeros_like(images)

    monkeypatch.setattr("mnistcnn.training.pens.defocus", blank)
    found = split(handwriting, TrainConfig(validation=0, bold=0.5)).handwriting
    images, _ = draw_known(found, 1, np.random.default_rng(0))
    blurred = ~images.any(axis=(1, 2))
    # Six of ten of the half of writers' digits, and of 0.7 of print.
    assert 0.25 < blurred.mean() < 0.42, blurred.mean()
    plain = split(handwriting, TrainConfig(validation=0)).handwriting
    images, _ = draw_known(plain, 1, np.random.default_rng(0))
    assert images.any(axis=(1, 2)).all()


def test_held_out_writers_are_not_trained_on(handwriting):
    config = TrainConfig(validation=0.1)
    found = split(handwriting, config)
    held = set(np.unique(handwriting.strokes.writers)[::10])
    assert len(held) == 2
    assert not held & set(found.handwriting.known.writers)
    assert not held & set(found.handwriting.others.writers)
    assert len(found.x_held) == 100 + 20 and (found.y_held < 10).all()
    assert found.x_held[100:].any(axis=(1, 2)).all()


def test_lookalikes_and_strokes_of_digits_do_not_teach_rejection(handwriting):
    found, _, _ = choose_writers(handwriting, 0)
    assert set(found.others.labels) == {"A", "H"}
    assert set(np.diff(found.fragments.sample_start)) <= {1}


def test_non_digits_are_of_four_kinds(handwriting):
    found, _, _ = choose_writers(handwriting, 0)
    rng = np.random.default_rng(0)
    images = draw_others(found, 100, rng)
    assert images.shape == (100, 28, 28)
    # Two digits side by side fill the width, and are lower than one.
    pairs = images[-2 - 14 : -2].any(axis=1).sum(axis=1)
    assert np.median(pairs) > 18
    # Where there are no fragments, and no digits, characters make up for them.
    none = found.known.take(slice(0))
    none = dataclasses.replace(found, known=none, fragments=none)
    images = draw_others(none, 100, rng)
    assert len(images) == 100
    assert (images[:98].reshape(98, -1).max(axis=1) == 255).all()


def test_strokes_of_digits_alone_are_filled_up_with_generated_non_digits(
    handwriting,
):
    digits = handwriting.strokes.take(slice(200))
    data = dataclasses.replace(handwriting, strokes=digits)
    found = split(data, TrainConfig(validation=0, nondigits=100))
    images, labels = found.arrange(0)
    rejected = images[labels == REJECTED].reshape(100, -1)
    # Not blank: but for two of a hundred.
    assert (rejected.max(axis=1) == 255).sum() >= 98
    assert len(np.unique(rejected, axis=0)) >= 90
    plain = split(data, TrainConfig(validation=0))
    assert len(plain.handwriting.others) == 0


def test_one_writer_is_trained_on_and_not_held_out(handwriting):
    strokes = handwriting.strokes
    mine = dataclasses.replace(strokes, writers=np.full(len(strokes), "me"))
    data = dataclasses.replace(handwriting, strokes=mine)
    found = split(data, TrainConfig(validation=0.1))
    assert len(found.handwriting.known) == 200
    assert len(found.x_held) == 100


def test_degraded_images_are_as_many_as_asked_for(digits):
    plain, config = (TrainConfig(validation=0, degrade=d) for d in (0, 0.3))
    before, labels = split(digits, plain).arrange(0)
    after, same = split(digits, config).arrange(0)
    np.testing.assert_array_equal(labels, same)
    changed = (before != after).any(axis=(1, 2, 3)).mean()
    assert 0.2 < changed <= 0.3


def test_other_classes_are_refused(digits):
    letters = dataclasses.replace(digits, classes=tuple("abcdefghij"))
    with pytest.raises(ConfigError, match="nondigits is 3, but the classes"):
        split(letters, TrainConfig(nondigits=3))
    assert split(letters, TrainConfig()).handwriting is None
