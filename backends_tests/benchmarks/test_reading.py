"""Composed numbers, their measurement, and the fit of the reader's prior."""

from pathlib import Path

import numpy as np
import pytest

import fitting
from composed_numbers import (
    composing,
    generated,
    lattice_examples,
    mixture,
    number_pictures,
    number_scores,
    placing,
    signed,
)
from composed_numbers.path_likelihood import Case, Paths
from composed_numbers.reading_results import Kind, ReadingResult
from formats.result_files import parse
from mnistcnn.ink import draw_digit
from mnistcnn.reading import Reading, Readings

pytestmark = pytest.mark.core
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A file of twelve writers, who write each digit and a plus once."""
    rng = np.random.default_rng(0)
    rows = [
        (label, f"w{writer:02}", draw_digit(int(label), rng))
        for writer in range(12)
        for label in "0123456789"
    ]
    plus = [np.array([[0.0, 1], [2, 1]]), np.array([[1.0, 0], [1, 2]])]
    rows += [("+", f"w{writer:02}", plus) for writer in range(12)]
    strokes = [stroke for _, _, drawn in rows for stroke in drawn]
    sizes = [len(drawn) for _, _, drawn in rows]
    path = tmp_path_factory.mktemp("strokes") / "strokes.npz"
    np.savez(
        path,
        points=np.concatenate(strokes).astype(np.float32),
        stroke_start=np.cumsum([0, *map(len, strokes)]),
        sample_start=np.cumsum([0, *sizes]),
        labels=[row[0] for row in rows],
        writers=[row[1] for row in rows],
    )
    return path


def test_no_writer_is_in_two_parts(path):
    parts = {
        part: composing.read_writers([path], part)
        for part in ("report", "choosing", "fitting")
    }
    assert [len(writers) for writers in parts.values()] == [2, 1, 9]
    points = [
        writer["4"][0][0].tobytes()
        for writers in parts.values()
        for writer in writers
    ]
    assert len(set(points)) == 12


@pytest.mark.parametrize("gap", placing.GAPS)
def test_a_number_says_what_it_is_and_keeps_its_gaps(path, gap, rng):
    (writer,) = composing.read_writers([path], "choosing")
    for _ in range(20):
        number = composing.compose(writer, rng, gap, size=(2, 2, 6), pen=0.1)
        assert sorted(i for g in number.groups for i in g) == list(
            range(len(number.strokes))
        )
        first, second = number.text.split("\n")
        assert 2 <= min(len(first), len(second)) <= 6 >= len(first)
        boxes = np.array(
            [
                [
                    np.concatenate([number.strokes[i] for i in g]).min(0)[0],
                    np.concatenate([number.strokes[i] for i in g]).max(0)[0],
                ]
                for g in number.groups
            ]
        )[: len(first)]
        gaps = boxes[1:, 0] - boxes[:-1, 1] - number.pen
        if placing.GAPS[gap]:
            _, high = placing.GAPS[gap]
            assert (gaps >= -1e-9).all() and (gaps <= 1.2 * high).all()
        else:
            assert (gaps < 0.1).all()


def test_signs_stand_between_digits_and_are_no_digits(path, rng):
    writer = composing.read_writers([path], "fitting")[0]
    texts = [
        composing.compose(writer, rng, "0.4 to 1", signs=1.0).text
        for _ in range(30)
    ]
    assert all(text[0] != "?" != text[-1] for text in texts)
    assert any("?" in text for text in texts)


def test_a_sign_stands_anywhere_beside_digits(rng):
    writer = {"7": [draw_digit(7, rng)]}
    bar = [np.array([[0.0, 1], [2, 1.1]]), np.array([[1.0, 0], [1, 2]])]
    signs = {name: [bar] for name in ("=", "%", "p", "O", "1", "/")}
    numbers = [
        signed.put_beside(writer, signs, rng, "0.1 to 0.4", 0.1)
        for _ in range(200)
    ]
    rings = [number for number in numbers if number.labels[-1] == ""]
    assert 0 < len(rings) < 50
    for number in rings:
        ring, rest = number.strokes[-1], np.concatenate(number.strokes[:-1])
        assert (ring.min(0) < rest.min(0)).all()
        assert (ring.max(0) > rest.max(0)).all()
    texts = {number.text for number in numbers}
    assert {"?7", "7?", "7?7"} <= texts
    # One sign beside digits, or a word, also alone.
    assert any(set(text) == {"?"} for text in texts)
    assert max(text.count("?") for text in texts) == signed.WORD
    assert all(set(text) <= {"7", "?"} for text in texts)
    for number in numbers:
        ends = [
            [f(number.strokes[i][:, 0].min() for i in g) for f in (min, max)]
            for g, label in zip(number.groups, number.labels, strict=True)
            if label
        ]
        assert np.all(np.diff([low for low, _ in ends]) > 0)
    # Letters and signs that resemble a digit are not among them.
    alone = {name: signs[name] for name in ("O", "1", "/")}
    assert signed.put_beside(writer, alone, rng, "0.1 to 0.4", 0.1) is None


def test_signs_are_as_tall_and_stand_as_they_are_written(rng):
    drawn = [np.array([[0.0, 0], [3, 4]])]
    for name, least, most in (("%", 0.9, 1.2), ("=", 0.2, 0.4), ("x", 0.5, 1)):
        for _ in range(20):
            (placed,) = signed.place_sign(drawn, name, rng)
            assert least <= np.ptp(placed[:, 1]) <= most
            assert placed[:, 0].min() == 0
    (flat,) = signed.place_sign([np.array([[0.0, 0], [9, 0]])], "=", rng)
    assert np.ptp(flat[:, 0]) <= signed.WIDEST
    below = [
        signed.place_sign(drawn, "p", rng)[0][:, 1].max() for _ in range(9)
    ]
    assert np.mean(below) > 1.1


def test_a_tilted_number_is_the_same_number(path, rng):
    (writer,) = composing.read_writers([path], "choosing")
    number = composing.compose(writer, rng, "0.1 to 0.4")
    turned = number_pictures.turn(number, 10)
    assert turned.text == number.text
    far = np.concatenate(number.strokes)[-1]
    there = np.concatenate(turned.strokes)[-1]
    assert np.hypot(*there) == pytest.approx(np.hypot(*far))
    assert there[1] > far[1]


class Perfect:
    """Reads by counting: what it is asked is what it was last told."""

    classes_ = tuple("0123456789")

    def __init__(self):
        self.numbers = []

    def read_strokes(self, strokes):
        text = self.numbers.pop(0).replace("\n", "")
        row = np.eye(10)
        return Readings(
            Reading(c, 1.0, (0, 0, 1, 1), row[int(c)]) for c in text
        )

    read = read_strokes


def test_a_kind_is_scored(path, monkeypatch):
    reader, compose = Perfect(), composing.compose

    def tell(*arguments, **more):
        number = compose(*arguments, **more)
        # Every third number is short of its last digit.
        text = number.text
        count = len(made)
        made.append(text)
        reader.numbers.append(text[:-1] if count % 3 == 0 else text)
        return number

    made: list[str] = []
    monkeypatch.setattr(number_scores, "compose", tell)
    writers = composing.read_writers([path], "fitting")
    kind = next(number_scores.list_kinds())
    rows = number_scores.score_kind(reader, writers, kind, 9, 0)
    for row in map(Kind.model_validate, rows):
        assert row.exact.accuracy == row.shown.accuracy == 2 / 3
        assert (row.lost, row.added) == (3, 0)


@pytest.mark.parametrize(
    "path", sorted((BENCHMARKS / "results").glob("reading*.json"))
)
def test_committed_results_are_whole(path):
    text = path.read_text()
    result = parse(text, ReadingResult, path.name)
    assert result.part == "report"
    kinds = {(row.name, row.form) for row in result.kinds}
    names = [kind["name"] for kind in number_scores.list_kinds()]
    assert kinds == {(n, f) for n in names for f in ("strokes", "picture")}
    assert all(row.exact.n >= 300 for row in result.kinds)


def list_paths(lattice, left=None):
    """All ways to take each piece once, as places of signs."""
    left = set(range(len(lattice.order))) if left is None else left
    if not left:
        yield ()
    for place, group in enumerate(lattice.proposals):
        if left and min(left) in group and set(group) <= left:
            for rest in list_paths(lattice, left - set(group)):
                yield (place, *rest)


def make_cases(path, numbers):
    rng = np.random.default_rng(0)
    examples = mixture.make_examples([path], numbers, rng)
    assert len(examples) >= 0.8 * numbers
    return [Case(e.lattice, e.lattice.shapes, e.truth) for e in examples]


def test_the_likelihood_is_that_of_all_paths(path, rng):
    cases = [c for c in make_cases(path, 12) if len(c.lattice.order) <= 6]
    weights = rng.normal(0, 0.3, (2, cases[0].seen.shape[1]))
    expected = 0.0
    for lattice, seen, truth in cases:
        digit, other = weights @ seen.T
        either = np.logaddexp(digit, other)
        ways = [either[list(way)].sum() for way in list_paths(lattice)]
        true = sum((other if is_other else digit)[k] for k, is_other in truth)
        expected += true - np.logaddexp.reduce(ways)
    paths = Paths(cases)
    likelihood, slope = paths.differentiate(weights)
    assert len(cases) >= 5
    assert likelihood == pytest.approx(expected / len(cases))
    small = 1e-5
    # The slope is the likelihood's, feature by feature.
    for place in ((0, 1), (0, 5), (1, 0), (1, 16)):
        moved = weights.copy()
        moved[place] += small
        gain = paths.differentiate(moved)[0] - likelihood
        assert slope[place] == pytest.approx(gain / small, abs=1e-3)


def test_the_fit_goes_to_its_end(path, capsys):
    cases = make_cases(path, 30)
    weights = fitting.fit(cases)
    assert "CONVERGENCE" in capsys.readouterr().out
    before = Paths(cases).differentiate(np.zeros_like(weights))[0]
    assert Paths(cases).differentiate(weights)[0] > before / 2
    # What no example has stays at nothing; the others' slope is their cost.
    scale = np.concatenate([case.seen for case in cases]).std(0) + 1e-6
    scale[0] = 1.0
    slope = Paths(cases).differentiate(weights)[1] / scale
    cost = fitting.DECAY * weights * scale
    np.testing.assert_allclose(slope, cost, atol=3 * fitting.SLOPE)


def test_an_example_has_a_piece_of_each_sign(path, rng):
    writer = composing.read_writers([path], "fitting")[0]
    for gap in ("touching", "under 0.1"):
        for _ in range(20):
            number = composing.compose(
                writer, rng, gap, size=(1, 2, 3), pen=rng.uniform(0.05, 0.13)
            )
            example = lattice_examples.make_of_picture(number, rng)
            assert example is None or len(example.truth) == len(number.groups)


def test_letters_of_straight_lines_are_none(rng):
    letter = [np.array([[0.0, 2], [0.3, 0], [0.7, 1], [1.1, 0], [1.4, 2]])]
    number = generated.put_letter({"M": [letter], "7": [letter]}, rng, 0.0)
    assert (number.text, len(number.strokes)) == ("?", 4)
    assert generated.put_letter({"7": [letter]}, rng, 0.0) is None


def test_characters_by_themselves_are_digits_or_none(rng):
    writer = {"7": [draw_digit(7, rng)]}
    letter = [np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 0.0]])]
    for signs in ({}, {"V": [letter], "O": [letter]}):
        alone = [
            mixture.choose_alone(writer, signs, rng, 0.0) for _ in range(40)
        ]
        assert {number.text for number in alone} == {"7", "?"}
        for number in alone:
            example = lattice_examples.make_of_strokes(number, rng)
            assert example is None or len(example.truth) == 1
