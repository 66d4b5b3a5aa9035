import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnistcnn.ink.eraser import CRUMB, erase_path

pytestmark = pytest.mark.core


def path(*points):
    return np.array(points, np.float32)


def erased(points, *sweep, radius=2.0):
    sweep = np.array(sweep if len(sweep) == 2 else sweep * 2)
    pieces = erase_path(points, sweep, radius)
    return None if pieces is None else [p.tolist() for p in pieces]


LINE = path((0, 0), (10, 0), (20, 0))


def test_what_is_not_touched_is_the_same():
    assert erased(LINE, (5, 2.1)) is None
    assert erased(LINE, (-2.1, 0)) is None
    assert erased(LINE, (30, -50), (30, 50)) is None
    assert erased(path((0, 0)), (2, 0)) is None


@pytest.mark.parametrize("place", [(0, 0), (1.9, 0)])
def test_a_dot_goes_as_a_whole(place):
    assert erased(path((0, 0)), place) == []


def test_the_middle_the_ends_and_the_whole():
    assert erased(LINE, (5, 0)) == [
        [[0, 0], [3, 0]],
        [[7, 0], [10, 0], [20, 0]],
    ]
    assert erased(LINE, (10, 0)) == [[[0, 0], [8, 0]], [[12, 0], [20, 0]]]
    assert erased(LINE, (0, 0)) == [[[2, 0], [10, 0], [20, 0]]]
    assert erased(LINE, (20, 0)) == [[[0, 0], [10, 0], [18, 0]]]
    assert erased(LINE, (0, 0), (20, 0)) == []
    assert erased(LINE, (10, 0), radius=99) == []


def test_a_point_on_the_border_begins_or_ends_a_piece():
    line = path((0, 2), (0, -1), (0, -3))
    above, below = [[0, 2], [0, 1]], [[0, -1], [0, -3]]
    for points in (line, line[::-1]):
        assert sorted(map(sorted, erased(points, (0, 0), radius=1))) == sorted(
            map(sorted, (above, below))
        )
    assert erased(line[1:], (0, 0), radius=1) is None


def test_a_fast_sweep_erases_all_along_its_way():
    comb = np.concatenate(
        [[(x, -50), (x, 50), (x + 5, 50), (x + 5, -50)] for x in (0, 10, 20)]
    ).astype(np.float32)
    pieces = erased(comb, (-10, 0), (40, 0))
    assert len(pieces) == 7
    assert all(abs(y) >= 1.999 for piece in pieces for _, y in piece)


def test_crumbs_go_too():
    assert erased(LINE, (2 + CRUMB / 2, 0)) == [
        [[4 + CRUMB / 2, 0], [10, 0], [20, 0]]
    ]


coordinate = st.integers(-40, 40)
spot = st.tuples(coordinate, coordinate)


def distances(places, sweep):
    """Of places to a line, by a rule other than the code's: the projection."""
    start, way = sweep[0], sweep[1] - sweep[0]
    share = np.zeros(len(places))
    if way.any():
        share = np.clip((places - start) @ way / (way @ way), 0, 1)
    return np.linalg.norm(places - start - share[:, None] * way, axis=1)


def sample(points):
    shares = np.linspace(0, 1, 60)[:, None]
    ways = itertools.pairwise(points)
    return np.concatenate([a + shares * (b - a) for a, b in ways])


@settings(max_examples=max(200, settings().max_examples))
@given(
    st.lists(spot, min_size=2, max_size=8),
    st.tuples(spot, spot),
    st.integers(1, 30),
)
def test_what_is_near_goes_and_what_is_far_stays(points, sweep, radius):
    points, sweep = path(*points), np.array(sweep, float)
    pieces = erase_path(points, sweep, radius)
    near = distances(sample(points), sweep) < radius - 1e-3
    if pieces is None:
        assert not near.any()
        return
    for piece in pieces:
        assert piece.dtype == np.float32
        assert (distances(sample(piece), sweep) > radius - 1e-2).all()
    far = sample(points)[distances(sample(points), sweep) > radius + CRUMB]
    left = np.concatenate([sample(p) for p in pieces] or [np.zeros((0, 2))])
    for place in far:
        # The samples of a piece are at most 114 / 59 apart.
        assert np.linalg.norm(left - place, axis=1).min() < 1.0 + CRUMB


def test_huge_coordinates_are_survived():
    far = path((-3e38, 0), (3e38, 1), (math.pi, -3e38))
    with np.errstate(all="ignore"):
        erase_path(far, np.array([(0.0, 0.0), (1e30, 5.0)]), 3.0)
