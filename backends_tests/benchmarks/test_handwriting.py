"""The measurement of real pen strokes, on made ones."""

import dataclasses
import os
import sys
from pathlib import Path

import numpy as np
import pytest

import handwriting
from mnistcnn.errors import DataError
from mnistcnn.ink import draw_digit
from running import commands
from unlike_mnist import reading_scores, stroke_scores

pytestmark = pytest.mark.core


@dataclasses.dataclass
class Said:
    label: str
    probabilities: np.ndarray


def say(label, sure=0.9, *, refused=False):
    probabilities = np.full(10, (1 - sure) / 9)
    probabilities[int(label)] = sure
    return [Said("?" if refused else label, probabilities)]


def test_strokes_are_drawn_as_a_pen_draws(strokes_file):
    _, digits = strokes_file
    drawn = stroke_scores.draw(digits[0]).strokes
    assert len(drawn) == len(digits[0])
    for one, other in zip(drawn, digits[0], strict=True):
        np.testing.assert_allclose(one, other * stroke_scores.SIZE, rtol=1e-5)


def test_scores_by_hand():
    answers = [
        ("1", "w01", say("1")),
        ("1", "w01", say("7")),
        ("1", "w03", say("1", 0.2, refused=True)),
        ("2", "w03", say("2") + say("2")),
    ]
    scores = reading_scores.summarize(answers, Network())
    assert (scores["accuracy"]["accuracy"], scores["accuracy"]["n"]) == (0.5, 4)
    assert scores["shown"]["accuracy"] == 0.25
    assert (scores["refused"], scores["pieces"]) == (0.25, 0.25)
    assert [(r["name"], r["n"]) for r in scores["by_digit"]] == [
        ("1", 3),
        ("2", 1),
    ]
    assert [r["accuracy"] for r in scores["by_writer"]] == [0.5, 0.5]
    assert scores["confusions"] == [
        {"label": "1", "read": "7", "n": 1},
        {"label": "2", "read": None, "n": 1},
    ]


class Network:
    """Sure of a 1 in what is higher than wide, and of nothing else."""

    classes_ = tuple("0123456789")
    threshold = 0.5

    def predict_proba(self, images):
        probabilities = np.full((len(images), 10), 0.1, np.float32)
        for row, image in zip(probabilities, images, strict=True):
            rows, columns = (image.any(axis=a).sum() for a in (1, 0))
            if rows > 2 * columns:
                row[:] = 0
                row[1] = 1
        return probabilities

    def read_strokes(self, strokes):
        return say("1") if len(strokes) == 1 else say("1") * 2


@pytest.fixture
def pens(tmp_path, make_strokes):
    rng = np.random.default_rng(0)
    made = [("1", [np.array([[0, 0], [0, 9.0]])])] * 30
    made += [("4", draw_digit(4, rng)) for _ in range(10)]
    bars = [np.array([[0, 0], [9.0, 0]]), np.array([[0, 3], [9.0, 3]])]
    made += [("=", bars)] * 10 + [("l", bars)] * 10
    strokes = make_strokes(made, [f"w{i % 20:02}" for i in range(60)])
    keys = ("points", "stroke_start", "sample_start", "labels", "writers")
    arrays = {key: getattr(strokes, key) for key in keys}
    np.savez(tmp_path / "pens.npz", **arrays)
    return tmp_path / "pens.npz"


def test_the_test_writers_of_a_file_are_scored(pens):
    (found,) = stroke_scores.score(Network(), [pens]).values()
    # Of twenty writers two, each with three characters.
    assert found["writers"] == 2
    digits, read = found["digits"], found["read"]
    assert digits["accuracy"]["n"] == read["accuracy"]["n"]
    assert digits["accuracy"]["accuracy"] == digits["shown"]["accuracy"]
    assert [row["name"] for row in read["by_writer"]] == ["w01", "w11"]
    rejected = found["rejected"]
    assert rejected["all other characters"]["n"] == 2
    assert rejected["characters that no digit resembles"]["n"] == 1
    assert rejected["pairs of digits"]["n"] == stroke_scores.NUM_PAIRS
    assert rejected["pairs of digits"]["refused"] > 300


def test_files_of_one_name_stand_beside_each_other(pens, tmp_path):
    with np.load(pens) as arrays:
        other = {**arrays, "points": arrays["points"] + 1}
    (tmp_path / "others").mkdir()
    np.savez(tmp_path / "others" / "pens.npz", **other)
    files = [pens, tmp_path / "others" / "pens.npz"]
    first, second = stroke_scores.score(Network(), files)
    assert first == "pens.npz" and second.startswith("pens.npz (")


def test_what_is_no_digit_of_ours_is_no_digit(pens):
    with np.load(pens) as arrays:
        # Superscript two is a digit for Python.
        labels = np.where(arrays["labels"] == "=", "\u00b2", arrays["labels"])
        np.savez(pens, **{**arrays, "labels": labels})
    (found,) = stroke_scores.score(Network(), [pens]).values()
    assert found["digits"]["accuracy"]["n"] == 4


@pytest.mark.parametrize("change", ["writers", "labels", "classes"])
def test_files_without_digits_to_score_are_refused(pens, change):
    network = Network()
    with np.load(pens) as arrays:
        changed = {**arrays}
    if change == "writers":
        changed["writers"] = np.full(60, "me")
    if change == "labels":
        changed["labels"] = np.full(60, "A")
    if change == "classes":
        network.classes_ = tuple("ABCDEFGHIJ")
    np.savez(pens, **changed)
    with pytest.raises(DataError, match="has no digit|classes are") as error:
        stroke_scores.score(network, [pens])
    assert "\n" not in str(error.value)


def test_a_home_folder_is_found(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    names = os.pathsep.join(["~/a b.npz", "", "c.npz"])
    monkeypatch.setenv("MNISTCNN_STROKES", names)
    parser = commands.make_parser("")
    commands.add_strokes(parser)
    found = parser.parse_args([]).strokes
    assert found == [tmp_path / "a b.npz", Path("c.npz")]
    assert parser.parse_args(["--strokes", "~/d"]).strokes == [tmp_path / "d"]


def test_without_a_file_it_says_what_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["handwriting.py"])
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.delenv("MNISTCNN_STROKES", raising=False)
    with pytest.raises(SystemExit):
        handwriting.main()
    assert "MNISTCNN_STROKES is not set" in capsys.readouterr().err
