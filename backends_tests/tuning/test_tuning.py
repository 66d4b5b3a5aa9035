import dataclasses
import json
import platform
import types

import numpy as np
import pytest

from mnistcnn.errors import ConfigError, DivergedError
from mnistcnn.training import Interrupted, TrainConfig, read_config

pytest.importorskip("optuna", reason="the extra tune is not installed")

from mnistcnn.tuning import search as searching
from mnistcnn.tuning import trials
from mnistcnn.tuning.search import tune
from mnistcnn.tuning.studies import open_study

pytestmark = pytest.mark.any_backend

BASE = TrainConfig(epochs=3, batch_size=64, schedule="cosine", validation=0)
SPACE = ("learning_rate", "dropout")


@pytest.fixture
def runs(monkeypatch):
    """Runs that take no time: the better, the nearer the rate is to 0.003."""
    calls = []

    def train(recipe, data, *, out, callbacks, resume, verbose):
        config = recipe.config
        calls.append((config, data, out, resume))
        good = 1 / (1 + abs(np.log10(config.learning_rate / 0.003)))
        history = []
        for epoch in range(config.epochs):
            row = {"val_accuracy": good * (epoch + 1) / config.epochs}
            history.append(row)
            for callback in callbacks:
                callback.on_epoch_end(epoch, row)
        model = types.SimpleNamespace(count_params=lambda: 1000)
        return types.SimpleNamespace(
            history=history, model=model, timing={"total": 1.5}
        )

    monkeypatch.setattr(trials, "train", train)
    return calls


def search(data, out, **options):
    options = {"trials": 12, "space": SPACE} | options
    journal = str(out / "a.journal")
    return tune(BASE, data, out=out, **{"storage": journal} | options)


@pytest.fixture
def no_report(monkeypatch):
    """Six plots take seconds."""
    monkeypatch.setattr(searching, "write_tuning_report", lambda *args: None)


def test_it_finds_the_best_and_writes_it_down(runs, digits, tmp_path):
    lines = []
    # Its own database: there the sampler has a seed, and some are pruned.
    summary = search(digits, tmp_path, storage=None, say=lines.append)
    complete = [t for t in summary["trials"] if t["state"] == "complete"]
    pruned = [t for t in summary["trials"] if t["state"] == "pruned"]
    assert len(complete) + len(pruned) == 12 == len(runs) == len(lines)
    assert pruned and all(len(t["epochs"]) < 3 for t in pruned)
    best = max(complete, key=lambda trial: trial["value"])
    assert summary["best"]["number"] == best["number"]
    config = read_config(tmp_path / "best.json").config
    assert config.learning_rate == best["params"]["learning_rate"]
    assert config.dropout == best["params"]["dropout"]
    assert config.epochs == 3 and config.recipe == "tuned"
    assert json.loads((tmp_path / "study.json").read_text()) == summary
    assert list((tmp_path / "trials").glob("*")) == []
    page = (tmp_path / "report.html").read_text()
    assert "The test set was not looked at" in page
    assert page.count("data:image/png") == 6
    assert "generated strokes, not MNIST" in page
    assert "were pruned" in page


def test_the_test_set_never_reaches_a_trial(runs, no_report, digits, tmp_path):
    search(digits, tmp_path, trials=1)
    config, data, _, _ = runs[0]
    assert len(data.x_test) == len(data.y_test) == 0
    assert config.validation == pytest.approx(1 / 6)
    assert config.patience == 0


def test_a_study_is_gone_on_with(runs, no_report, digits, tmp_path):
    search(digits, tmp_path, trials=3)
    summary = search(digits, tmp_path, trials=5)
    assert len(runs) == 5 == len(summary["trials"])
    search(digits, tmp_path, trials=5)
    assert len(runs) == 5
    with pytest.raises(ConfigError, match="The study was begun with space"):
        search(digits, tmp_path, space=("augment",))
    with pytest.raises(ConfigError, match="The study was begun with data"):
        search(digits.limit(50), tmp_path)


def test_what_is_no_search_s_is_not_replaced(runs, digits, tmp_path):
    own = tmp_path / "own"
    journal = str(tmp_path / "a.journal")
    for count in (3, 4):
        search(digits, own, trials=count, storage=journal)
    written = [p for p in own.rglob("*") if p.is_file() and p.name[0] != "."]
    assert len(written) == 9
    (own / "trials/00000").mkdir(parents=True)
    for path in (*written, own / "trials/00000"):
        out = tmp_path / path.stem
        theirs = out / path.relative_to(own)
        theirs.mkdir(parents=True)
        for storage in (None, journal):
            with pytest.raises(ConfigError, match=f"{path.name}, which a sea"):
                search(digits, out, storage=storage)
        assert [p for p in out.rglob("*") if not p.is_dir()] == []
    assert len(runs) == 4


def test_a_trial_that_was_cut_goes_on(
    runs, no_report, digits, tmp_path, monkeypatch
):
    whole = trials.train

    def cut(config, data, *, out, callbacks, **options):
        state = out / "last" / "state.npz"
        state.parent.mkdir(parents=True)
        state.write_bytes(b"after one epoch")
        callbacks[0].on_epoch_end(0, {"val_accuracy": 0.125})
        raise Interrupted(2)

    monkeypatch.setattr(trials, "train", cut)
    with pytest.raises(Interrupted):
        search(digits, tmp_path)
    monkeypatch.setattr(trials, "train", whole)
    summary = search(digits, tmp_path, trials=1)
    first, again = summary["trials"]
    assert (first["state"], again["state"]) == ("fail", "complete")
    assert first["params"] == again["params"]
    # In the folder of the one that was cut, from its checkpoint.
    assert runs[0][2] == tmp_path / "trials" / "00000"
    assert runs[0][3] is True
    assert again["epochs"]["1"] == 0.125


@pytest.mark.parametrize(
    "notes",
    [
        {"folder": "{victim}"},
        {"folder": "../../victim"},
        {"tries": ["../../victim"]},
        {"tries": "../../victim"},
        {"tries": [-1, 10**30, None, {"a": 1}]},
        {"process": {"host": "{host}", "id": "../../victim"}},
        {"process": "{victim}"},
    ],
    ids=str,
)
def test_a_study_of_somebody_else_names_no_folder(
    notes, runs, no_report, digits, tmp_path
):
    import optuna

    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "dear.txt").write_text("whole")
    out = tmp_path / "deep" / "out"
    out.mkdir(parents=True)
    text = json.dumps(notes).replace("{victim}", str(victim))
    notes = json.loads(text.replace("{host}", platform.node()))
    search(digits, out, trials=1)  # notes its facts
    study = open_study(str(out / "a.journal"), out, pruner="none", seed=0)
    params = study.trials[0].params
    distributions = study.trials[0].distributions
    for state in (
        optuna.trial.TrialState.WAITING,
        optuna.trial.TrialState.RUNNING,
    ):
        study.add_trial(
            optuna.trial.create_trial(
                state=state,
                params=params,
                distributions=distributions,
                user_attrs=notes,
            )
        )
    search(digits, out, trials=3)
    assert (victim / "dear.txt").read_text() == "whole"
    assert all(call[2].parent == out / "trials" for call in runs)
    assert all(call[2].name.isdecimal() for call in runs)


def test_trials_that_diverge_are_told_apart(digits, tmp_path, monkeypatch):
    def diverge(*args, **options):
        raise DivergedError("the loss is nan")

    monkeypatch.setattr(trials, "train", diverge)
    lines = []
    with pytest.raises(ConfigError, match="No trial came to its end"):
        search(digits, tmp_path, trials=2, say=lines.append)
    assert all("diverged" in line for line in lines)


def test_senseless_options_are_refused(digits, tmp_path):
    with pytest.raises(ConfigError, match="trials is .0.. Expected a whole"):
        search(digits, tmp_path, trials=0)
    with pytest.raises(ConfigError, match="pruner is 'x'. Expected one of me"):
        search(digits, tmp_path / "new", pruner="x")
    assert not (tmp_path / "new").exists()
    with pytest.raises(ConfigError, match="out is ''. Expected the path of a"):
        tune(BASE, digits, out="")
    with pytest.raises(ConfigError, match='is to vary "colour"'):
        search(digits, tmp_path, space=("colour",))


def test_a_real_run_on_a_database(no_report, digits, tmp_path):
    base = dataclasses.replace(BASE, epochs=1)
    summary = tune(
        base,
        digits.limit(200),
        out=tmp_path,
        trials=1,
        space=("learning_rate", "filters"),
    )
    assert (tmp_path / "study.db").is_file()
    (trial,) = summary["trials"]
    assert 0 < trial["value"] <= 1
    assert trial["epochs"] == {"1": trial["value"]}
    filters = summary["best"]["config"]["filters"]
    assert filters == [trial["params"][f"filters_{i}"] for i in (1, 2)]
    one, two = filters
    expected = 10 * one + (9 * one + 1) * two + 10 * (25 * two + 1)
    assert trial["parameters"] == expected
