import functools

import made_results as made
import pytest

from mnistcnn.errors import DataError
from pages import RULE, judge

pytestmark = pytest.mark.core

CASE = {"path": "engine", "batch_size": 32}


@pytest.fixture
def compare(tmp_path):
    """Judges one measurement against an old one of other numbers."""

    def run(metric, old, new, *, noise=made.NOISE, better=None):
        for name, median in (("old", old), ("new", new)):
            number = made.measure(metric, median, noise=noise, **CASE)
            number["better"] = better or number["better"]
            result = made.make_result(measurements=[number])
            made.write_result(tmp_path / name, result)
        return judge([tmp_path / "new"], [tmp_path / "old"])

    return run


def test_the_same_results_pass(tmp_path):
    folder = made.write_all(tmp_path / "machine")
    judgement = judge([folder], [folder])
    assert judgement.passed
    assert judgement.warnings == ()
    assert judgement.compared > 200
    assert judgement.summary == (
        f"{judgement.compared} compared: 0 regressed, 0 too good to be true, "
        "0 missing."
    )


@pytest.mark.parametrize(
    ("metric", "old", "new", "finding"),
    [
        ("epoch_seconds", 5.0, 5.6, "slower"),
        ("epoch_seconds", 5.0, 5.4, ""),  # apart, but by less than 10 %
        ("epoch_seconds", 5.0, 4.0, ""),
        ("epoch_seconds", 5.0, 1.6, "too good"),
        ("epoch_seconds", 5.0, 1.7, ""),
        ("p99_microseconds", 200, 230, "slower"),
        ("images_per_second", 1000, 880, "slower"),
        ("images_per_second", 1000, 940, ""),
        ("images_per_second", 1000, 3100, "too good"),
        ("bytes", 1e9, 1.2e9, "bigger"),
        ("difference", 1e-6, 9e-6, ""),  # below what rounding may come to
        ("difference", 1e-5, 1.9e-5, ""),
        ("difference", 1e-5, 3e-5, "further apart"),
        ("difference", 1e-5, 0, ""),
    ],
)
def test_findings(compare, metric, old, new, finding):
    judgement = compare(metric, old, new)
    found = [*judgement.regressed, *judgement.too_good]
    assert [line.split(":")[0] for line in found] == ([finding] * bool(finding))
    assert judgement.passed == (not finding)
    assert judgement.compared == 1


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        (0.990, 0.986, "less accurate"),
        (0.990, 0.988, ""),
        (0.990, 0.993, ""),
        (0.990, 0.9975, "too good"),
        (0.990, 1.0, "too good"),
    ],
)
def test_findings_of_accuracy(compare, old, new, finding):
    judgement = compare("accuracy", old, new, noise=(1.0,))
    found = [*judgement.regressed, *judgement.too_good]
    assert [line.split(":")[0] for line in found] == ([finding] * bool(finding))


def test_overlapping_quartiles_are_noise(compare):
    noise = (0.8, 0.9, 1.0, 1.1, 1.2)
    assert compare("epoch_seconds", 5.0, 6.0, noise=noise).passed
    assert not compare("epoch_seconds", 5.0, 6.0).passed


def test_what_has_no_better_is_not_judged(compare):
    assert compare("ratio", 1.0, 2.0, better="none").passed


def test_a_line_names_the_measurement_and_both_numbers(compare):
    (line,) = compare("epoch_seconds", 5.0, 6.0).regressed
    assert line == (
        "slower: training JAX, engine, batch_size 32, epoch seconds: 5.00 s "
        "(4.95 to 5.05, n 5) before, 6.00 s (5.94 to 6.06, n 5) now (1.20×)"
    )
    (line,) = compare("accuracy", 0.99, 0.9, noise=(1.0,)).regressed
    assert line.endswith(": 99.00 % (n 1) before, 90.00 % (n 1) now")


def test_missing_measurements_are_named_and_do_not_fail(tmp_path):
    old = made.write_all(tmp_path / "old", backends=["jax", "torch"])
    measurements = made.make_result("training")["measurements"]
    new = made.make_result(measurements=measurements[:-1])
    file = made.write_result(tmp_path / "new", new)
    judgement = judge([file], [old])
    assert judgement.passed
    assert "missing: all of latency JAX" in judgement.missing
    assert "missing: all of training PyTorch" in judgement.missing
    assert (
        "missing: training JAX, keras, batch_size 250, float32, gflops per "
        "second" in judgement.missing
    )
    assert len(judgement.missing) == 1 + 6 + 7
    assert judgement.compared == len(measurements) - 1


def test_another_version_is_not_compared(tmp_path):
    old = made.write_result(tmp_path / "old", made.make_result(version=1))
    new = made.write_result(tmp_path / "new", made.make_result(version=2))
    judgement = judge([new], [old])
    assert judgement.compared == 0
    assert judgement.missing == (
        "not compared: training JAX, of version 1 before, 2 now",
    )


def test_another_machine_and_quick_forms_are_warnings(tmp_path):
    old = made.write_result(tmp_path / "old", made.make_result())
    result = made.make_result(quick=True, environment__processor="EPYC")
    new = made.write_result(tmp_path / "new", result)
    assert judge([new], [old]).warnings == (
        "Different processor: old: Intel Xeon; new: EPYC.",
        "Quick form in new: training jax.",
    )


def test_results_of_several_machines_are_told_apart(tmp_path):
    for side, seconds in (("old", 5.0), ("new", 8.0)):
        for machine in ("Xeon", "EPYC"):
            taken = seconds if machine == "EPYC" else 5.0
            result = made.make_result(
                measurements=[made.measure("epoch_seconds", taken, **CASE)],
                environment__processor=machine,
            )
            made.write_result(tmp_path / side / machine, result)
    judgement = judge([tmp_path / "new"], [tmp_path / "old"])
    (line,) = judgement.regressed
    assert line.startswith("slower: training JAX on EPYC, 2 cores, Intel Xeon,")
    assert judgement.compared == 2


def test_two_results_of_one_suite_are_refused(tmp_path):
    made.write_result(tmp_path / "a", made.make_result())
    made.write_result(tmp_path / "b", made.make_result())
    with pytest.raises(
        DataError,
        match=r"training on jax and one machine. Received: .*Give one of them, "
        "and --against before each path of old results.",
    ):
        judge([tmp_path], [tmp_path / "a"])


def test_gate_by_the_command_line(tmp_path):
    for name, seconds in (("old", 5.0), ("new", 6.0)):
        number = made.measure("epoch_seconds", seconds, **CASE)
        result = made.make_result(measurements=[number])
        made.write_result(tmp_path / name, result)

    compare = functools.partial(made.run_compare, tmp_path)
    done = compare("new", "--against", "old")
    assert done.returncode == 1
    assert done.stderr == ""
    first, rule, summary = done.stdout.splitlines()
    assert first.startswith("slower: training JAX, engine, batch_size 32")
    assert rule == RULE
    assert summary.startswith("1 compared: 1 regressed, ")
    assert [path.name for path in tmp_path.iterdir()].count("new") == 1
    assert not (tmp_path / "benchmarks.html").exists()
    done = compare("old", "--against", "old", "--out", "p.html")
    assert done.returncode == 0
    assert done.stdout.startswith("wrote p.html\n")
    done = compare("new", "--against", "away.json")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
