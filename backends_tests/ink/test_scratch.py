import numpy as np
import pytest

from mnistcnn.ink import draw_digit, find_scratched, is_scratch

pytestmark = pytest.mark.core


def zigzag(legs, angle=0.0, steps=9):
    """To and fro `legs` times, 60 wide, 90 down, turned."""
    corners = np.stack(
        [60.0 * (np.arange(legs + 1) % 2), np.linspace(0, 90, legs + 1)], 1
    )
    fine = np.linspace(0, legs, legs * steps + 1)
    path = np.stack(
        [np.interp(fine, np.arange(legs + 1), side) for side in corners.T], 1
    )
    cos, sin = np.cos(angle), np.sin(angle)
    return path @ np.array([[cos, sin], [-sin, cos]])


@pytest.mark.parametrize("angle", [0.0, 0.4, 0.9, 1.6, 2.5])
def test_to_and_fro_is_a_scratch_in_any_direction(angle, rng):
    scratch = zigzag(7, angle)
    assert is_scratch(scratch)
    assert is_scratch(scratch + rng.normal(0, 2, scratch.shape))
    assert not is_scratch(zigzag(4, angle))


def test_digits_are_no_scratches(rng):
    strokes = [s for i in range(300) for s in draw_digit(i % 10, rng)]
    assert sum(map(is_scratch, strokes)) <= 1


def test_a_dot_and_a_line_are_none():
    assert not is_scratch(np.zeros((1, 2)))
    assert not is_scratch(np.zeros((5, 2)))
    assert not is_scratch(np.array([[0.0, 0], [9, 9]]))


def test_what_it_goes_over_is_found():
    scratch = zigzag(7)
    bar = np.array([[30.0, 0], [30, 90]])
    dot = np.array([[30.0, 30]])
    # Over it, over less than half of it, beside it, a dot, in two strokes.
    low, beside = np.add(bar, (0, 60)), np.add(bar, (100, 0))
    digits = [[bar], [low], [beside], [dot], [bar, bar - 10]]
    assert find_scratched(scratch, digits, 10) == [0, 3, 4]
