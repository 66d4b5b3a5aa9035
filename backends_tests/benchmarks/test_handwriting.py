"""The measurement of real pen strokes, on made ones."""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

from mnistcnn.errors import DataError

pytestmark = pytest.mark.core

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.append(str(BENCHMARKS))

import handwriting  # noqa: E402
import pendigits  # noqa: E402


@dataclasses.dataclass
class Said:
    label: str
    probabilities: np.ndarray


def say(label, sure=0.9, *, refused=False):
    probabilities = np.full(10, (1 - sure) / 9)
    probabilities[int(label)] = sure
    return [Said("?" if refused else label, probabilities)]


def test_a_file_gives_back_its_strokes(strokes_file):
    path, digits = strokes_file
    rows = pendigits.read_strokes_file(path)
    assert [row[:2] for row in rows] == [
        ("4", "w01"),
        ("0", "w02"),
        ("7", "w03"),
    ]
    for (_, _, found), written in zip(rows, digits, strict=True):
        assert len(found) == len(written)
        for one, other in zip(found, written, strict=True):
            np.testing.assert_array_equal(one, other)


def test_strokes_are_drawn_as_a_pen_draws(strokes_file):
    _, digits = strokes_file
    drawn = pendigits.draw(digits[0]).strokes
    assert len(drawn) == len(digits[0])
    for one, other in zip(drawn, digits[0], strict=True):
        np.testing.assert_allclose(one, other * pendigits.SIZE, rtol=1e-5)


def test_scores_by_hand():
    answers = [
        ("1", "w01", say("1")),
        ("1", "w01", say("7")),
        ("1", "w03", say("1", 0.2, refused=True)),
        ("2", "w03", say("2") + say("2")),
    ]
    scores = handwriting.summarize(answers, tuple("0123456789"))
    assert (scores["accuracy"]["accuracy"], scores["accuracy"]["n"]) == (0.5, 4)
    assert scores["shown"]["accuracy"] == 0.25
    assert (scores["refused"], scores["pieces"]) == (0.25, 0.25)
    # One of two right at 0.9, and one right at 0.2.
    assert scores["calibration_error"] == pytest.approx((2 * 0.4 + 0.8) / 3)
    assert [(r["name"], r["n"]) for r in scores["by_digit"]] == [
        ("1", 3),
        ("2", 1),
    ]
    assert [r["accuracy"] for r in scores["by_writer"]] == [0.5, 0.5]
    assert scores["confusions"] == [
        {"label": "1", "read": "7", "n": 1},
        {"label": "2", "read": None, "n": 1},
    ]


def test_a_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(DataError, match="MNISTCNN_PENDIGITS is not set"):
        pendigits.read_strokes_file(None)
    other = tmp_path / "other.npz"
    np.savez(other, points=np.zeros((2, 2)))
    for path in (other, tmp_path / "none.npz", Path(__file__)):
        with pytest.raises(DataError, match="cannot be read"):
            pendigits.read_strokes_file(path)
