import numpy as np
import pytest

from mnistcnn.ink import (
    LOOKALIKES,
    concatenate,
    find_fragments,
    is_nondigit,
    pair,
    slash,
)

pytestmark = pytest.mark.core

BAR = np.array([[0.0, 0.0], [10.0, 0.0]])
STEM = np.array([[5.0, -5.0], [5.0, 0.0], [5.0, 5.0]])
ANGLE = np.array([[4.0, 0.0], [0.0, 6.0], [9.0, 6.0]])
RING = np.stack([np.cos(t := np.linspace(0, 6.2, 30)), np.sin(t)], 1) * 5


@pytest.fixture
def three(make_strokes):
    samples = [("1", [STEM]), ("+", [BAR, STEM]), ("-", [BAR])]
    return make_strokes(samples, ["b", "a", "b"])


def test_some_are_taken_in_any_order(three):
    taken = three.take(np.array([2, 1, 1]))
    assert taken.labels.tolist() == ["-", "+", "+"]
    for index, expected in enumerate([[BAR], [BAR, STEM], [BAR, STEM]]):
        for stroke, wanted in zip(taken.strokes(index), expected, strict=True):
            np.testing.assert_array_equal(stroke, wanted)
    assert len(three.take(three.labels == "x")) == 0
    assert taken.sources == three.sources


def test_writers_are_split_whole(three):
    others, held = three.split_writers(2, 1)
    assert (set(others.writers), set(held.writers)) == ({"a"}, {"b"})
    assert held.labels.tolist() == ["1", "-"]
    joined = concatenate(others, held)
    assert joined.labels.tolist() == ["+", "1", "-"]
    np.testing.assert_array_equal(joined.strokes(2)[0], BAR)
    assert joined.digest != three.digest
    assert joined.take(np.array([1, 0, 2])).digest == three.digest


def test_each_is_mapped_by_a_map_of_its_own(three):
    linear = np.stack([np.eye(2), np.diag([2, 1]), [[0, 1], [1, 0]]])
    mapped = three.map_points(linear)
    np.testing.assert_allclose(mapped.strokes(0)[0], STEM)
    np.testing.assert_allclose(mapped.strokes(1)[0], BAR * (2, 1))
    np.testing.assert_allclose(mapped.strokes(2)[0], BAR[:, ::-1])
    np.testing.assert_allclose(mapped.boxes()[2], [[0, 0], [0, 10]])


def test_pairs_stand_side_by_side_at_one_height(three):
    pairs = pair(three.take([0, 1]), three.take([1, 1]), np.array([0.5, -0.2]))
    assert len(pairs) == 2 and set(pairs.labels) == {""}
    assert [len(pairs.strokes(i)) for i in (0, 1)] == [3, 4]
    np.testing.assert_allclose(pairs.boxes()[:, :, 1], [[0, 1], [0, 1]])
    first = np.concatenate(pairs.strokes(0)[1:])
    # The stem has no width: the plus begins half a height beside it.
    assert first[:, 0].min() == pytest.approx(0.5)
    second = np.concatenate(pairs.strokes(1)[2:])
    assert second[:, 0].min() == pytest.approx(0.8)


def test_zeros_are_slashed_from_side_to_side(make_strokes):
    wide = RING * (2, 1) + 40
    zeros = make_strokes([("0", [RING]), ("0", [wide])] * 200, ["a", "b"] * 200)
    slashed = slash(zeros, np.random.default_rng(0))
    assert slashed.writers.tolist() == ["a", "b"] * 200
    rises = []
    for index, (ring, middle) in enumerate([(RING, 0), (wide, 40)] * 200):
        own, line = slashed.strokes(index)
        np.testing.assert_allclose(own, ring, rtol=1e-6)
        size = np.ptp(ring, axis=0)
        assert (np.abs(line.mean(axis=0) - middle) < 0.4 * size).all()
        # It goes nearly as far as the ring does along it, or beyond.
        step = line[1] - line[0]
        way = step / np.linalg.norm(step)
        assert 0.89 < np.linalg.norm(step / np.linalg.norm(size * way)) < 2.21
        rises.append(np.degrees(np.arctan2(-step[1], step[0])))
    assert 35 < np.median(rises) < 45 and np.ptp(rises) > 90
    assert len(slash(zeros.take(slice(0)), np.random.default_rng(0))) == 0


def test_fragments_that_could_be_digits_are_left_out(make_strokes):
    samples = [
        ("4", [ANGLE, STEM]),  # the stem could be a 1
        ("7", [ANGLE, BAR[:, ::-1]]),  # most of a 7 is a 7; a stem again
        ("0", [RING, BAR]),  # a ring is a 0; its slash is a fragment
        ("1", [STEM]),  # of one stroke
    ]
    found = find_fragments(make_strokes(samples, list("abcd")))
    assert found.writers.tolist() == ["a", "c"]
    np.testing.assert_allclose(found.strokes(0)[0], ANGLE)
    np.testing.assert_allclose(found.strokes(1)[0], BAR)


def test_what_a_person_could_take_for_a_digit_teaches_no_rejection():
    assert {*"OoIl|ZSsBbgq."} <= LOOKALIKES
    assert not {*"AXTxvp+=?"} & LOOKALIKES
    labels = np.array(["3", "o", "A", "."])
    assert is_nondigit(labels).tolist() == [False, False, True, False]
