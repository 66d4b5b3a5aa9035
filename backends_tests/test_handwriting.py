"""The measurement of real pen strokes, on made ones."""

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from mnistcnn.artifact import inspect_artifact
from mnistcnn.errors import DataError
from mnistcnn.strokes import draw_digit

pytestmark = pytest.mark.core

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
sys.path.append(str(BENCHMARKS))

import handwriting  # noqa: E402

RESULTS = sorted((BENCHMARKS / "results").glob("handwriting*.json"))


@dataclasses.dataclass
class Said:
    label: str
    probabilities: np.ndarray


def say(label, sure=0.9, *, refused=False):
    probabilities = np.full(10, (1 - sure) / 9)
    probabilities[int(label)] = sure
    return [Said("?" if refused else label, probabilities)]


@pytest.fixture
def file(tmp_path):
    rng = np.random.default_rng(0)
    digits = [draw_digit(label, rng) for label in (4, 0, 7)]
    strokes = [stroke for digit in digits for stroke in digit]
    path = tmp_path / "strokes.npz"
    np.savez(
        path,
        points=np.concatenate(strokes),
        stroke_start=np.cumsum([0, *map(len, strokes)]),
        sample_start=np.cumsum([0, *map(len, digits)]),
        labels=np.array([4, 0, 7], np.uint8),
        writers=np.array(["w01", "w02", "w03"]),
    )
    return path, digits


def test_a_file_gives_back_its_strokes(file):
    path, digits = file
    rows = handwriting.read_strokes_file(path)
    assert [row[:2] for row in rows] == [
        ("4", "w01"),
        ("0", "w02"),
        ("7", "w03"),
    ]
    for (_, _, found), written in zip(rows, digits, strict=True):
        assert len(found) == len(written)
        for one, other in zip(found, written, strict=True):
            np.testing.assert_array_equal(one, other)


def test_strokes_are_drawn_as_a_pen_draws(file):
    _, digits = file
    drawn = handwriting.draw(digits[0]).strokes
    assert len(drawn) == len(digits[0])
    for one, other in zip(drawn, digits[0], strict=True):
        np.testing.assert_allclose(one, other * handwriting.SIZE, rtol=1e-5)


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
        handwriting.read_strokes_file(None)
    other = tmp_path / "other.npz"
    np.savez(other, points=np.zeros((2, 2)))
    for path in (other, tmp_path / "none.npz", Path(__file__)):
        with pytest.raises(DataError, match="cannot be read"):
            handwriting.read_strokes_file(path)


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_committed_results_report_the_reporting_half(path):
    result = json.loads(path.read_text(), parse_constant=pytest.fail)
    assert result["format"] == handwriting.FORMAT
    assert result["data"]["writers"] == "report"
    assert {int(r["name"][1:]) % 2 for r in result["by_writer"]} == {1}
    for rows in (result["by_digit"], result["by_writer"]):
        assert sum(row["n"] for row in rows) == result["accuracy"]["n"]
        right = sum(round(row["accuracy"] * row["n"]) for row in rows)
        share = right / result["accuracy"]["n"]
        assert share == pytest.approx(result["accuracy"]["accuracy"])


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_the_readme_says_what_was_measured(path):
    result = json.loads(path.read_text())
    accuracy = result["accuracy"]
    low, high = (f"{100 * end:.2f}" for end in accuracy["interval"])
    cells = (
        f"{accuracy['accuracy']:.2%} ({low} to {high})".replace("%", " %"),
        f"{result['refused']:.2%}".replace("%", " %"),
        f"{result['calibration_error']:.3f}",
    )
    readme = Path(__file__).parent.parent / "README.md"
    assert f" | {' | '.join(cells)} |" in readme.read_text()


def test_what_ships_is_what_was_measured():
    (path,) = (p for p in RESULTS if p.stem == "handwriting")
    measured = json.loads(path.read_text())["artifact"]["weights_sha256"]
    assert measured == inspect_artifact().card["weights_sha256"]
