import numpy as np
import pytest

from mnistcnn.ink import draw_nondigit, nondigits
from mnistcnn.ink.nondigits import KINDS
from mnistcnn.pictures import strokes_to_image

pytestmark = pytest.mark.core


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawable(kind, monkeypatch):
    monkeypatch.setattr(nondigits, "KINDS", {kind: 1})
    images = set()
    for seed in range(60):
        strokes = draw_nondigit(np.random.default_rng(seed))
        for stroke in strokes:
            assert stroke.dtype == np.float32 and stroke.shape[1] == 2
            assert len(stroke) >= 2 and np.isfinite(stroke).all()
        image = strokes_to_image(strokes)
        assert image.any()
        images.add(image.tobytes())
    assert len(images) == 60


def test_every_kind_is_drawn_as_often_as_it_says(monkeypatch):
    drawn = []
    for kind in KINDS:
        record = lambda rng, kind=kind: drawn.append(kind) or []  # noqa: E731
        monkeypatch.setitem(nondigits._DRAW, kind, record)
    rng = np.random.default_rng(0)
    for _ in range(4000):
        draw_nondigit(rng)
    for kind, share in KINDS.items():
        expected = share / sum(KINDS.values())
        assert drawn.count(kind) / 4000 == pytest.approx(expected, abs=0.03)


def test_pairs_are_left_out_where_they_are_no_wanted_accident(monkeypatch):
    monkeypatch.setattr(nondigits, "KINDS", {"accident": 1})
    digits = []
    record = lambda label, rng: digits.append(label) or [np.eye(2)]  # noqa: E731
    monkeypatch.setattr(nondigits, "draw_digit", record)
    counts = []
    for pairs in (True, False):
        counts.append(set())
        rng = np.random.default_rng(0)
        for _ in range(60):
            digits.clear()
            draw_nondigit(rng, pairs=pairs)
            counts[-1].add(len(digits))
    assert counts == [{1, 2}, {1}]


def test_one_seed_draws_the_same():
    one, again = (
        np.concatenate(draw_nondigit(np.random.default_rng(5)))
        for _ in range(2)
    )
    np.testing.assert_array_equal(one, again)
