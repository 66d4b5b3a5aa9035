import copy

import pytest

from mnistcnn.pages import Figure
from mnistcnn.report import (
    tabulate_trials,
    tuning_report,
    write_tuning_report,
)

pytestmark = pytest.mark.core


def make_trial(number, state="complete", value=0.5, **params):
    return {
        "number": number,
        "state": state,
        "value": value,
        "params": params or {"learning_rate": 0.00123456},
        "parameters": 34826,
        "seconds": 2.5,
        "diverged": False,
    }


SUMMARY = {
    "facts": {
        "data": {"name": "MNIST"},
        "space": ["learning_rate", "dropout"],
        "generated": False,
    },
    "best": {"number": 2, "value": 0.9876, "config": {"epochs": 4}},
    "trials": [
        make_trial(0),
        make_trial(1, "pruned"),
        make_trial(2, value=0.9876),
        make_trial(3, "fail", None),
        make_trial(4, "pruned") | {"diverged": True},
    ],
}


@pytest.fixture
def page(monkeypatch, tmp_path):
    """Writes the page of a summary; Optuna's plots are its own affair."""

    def write(summary, *titles):
        shown = {title: tmp_path / "a.png" for title in titles}
        monkeypatch.setattr(tuning_report, "draw_study", lambda *_: shown)
        monkeypatch.setattr(
            tuning_report,
            "read_figure",
            lambda path, title: Figure(title, "data:,", 1, 1, title),
        )
        path = write_tuning_report(None, summary, tmp_path)
        return path.read_text(encoding="utf-8")

    return write


def test_trials_that_ended_are_listed_best_first():
    table = tabulate_trials(SUMMARY, 10)
    assert table.head[4:] == ["learning_rate"]
    best, other = table.rows
    assert best == ["2", "98.76 %", "34,826", "2.50 s", "0.001235"]
    assert other[:2] == ["0", "50.00 %"]
    assert len(tabulate_trials(SUMMARY, 1).rows) == 1


def test_the_page_says_what_became_of_every_trial(page):
    text = page(SUMMARY, "Epoch by epoch", tuning_report.WIDE)
    assert (
        "98.76 %</span> of the held-out part of the training set of MNIST "
        "right, by trial 2, of 5 trials. The test set was not looked at."
        in text
    )
    assert (
        "Of 5 trials 2 were completed, 1 were pruned, 1 diverged, 1 were "
        "cut off." in text
    )
    assert 'class="banner"' not in text
    wide, columns = text.split('<div class="columns">')
    assert tuning_report.WIDE in wide and "Epoch by epoch" in columns


def test_whatever_a_search_is_named_is_escaped(page):
    evil = "<script>"
    summary = copy.deepcopy(SUMMARY)
    summary["facts"] = {
        "data": {"name": evil},
        "space": [evil, evil],
        "generated": True,
    }
    summary["best"]["config"] = {evil: evil}
    summary["trials"] = [make_trial(0, **{evil: 1.0})]
    text = page(summary, evil)
    assert "<script" not in text
    # Title, banner, options, sentence, head, picture and its text, config.
    assert text.count("&lt;script&gt;") == 10
