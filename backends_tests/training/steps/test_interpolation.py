"""A run that starts with another's network, and keeps part of it."""

import dataclasses
import json

import numpy as np
import pytest
from mnistcnn.training.blending import start_from
from mnistcnn.training.doubt import FREQUENCY, RIDGE, fit_doubt
from mnistcnn.training.mixture import draw_mixture
from mnistcnn.training.stages import find_stage

from mnistcnn import (
    build_model,
    inspect_artifact,
    load_artifact,
    save_artifact,
    train,
)
from mnistcnn.errors import ConfigError
from mnistcnn.training import RECIPES, TrainConfig, recipe
from mnistcnn.training.checkpoint import save_checkpoint

START = TrainConfig(epochs=2, batch_size=50, learning_rate=0.003)
QUICK = TrainConfig(
    epochs=2,
    batch_size=50,
    validation=0.2,
    seed=5,
    start="quick",
    blend=0.4,
)


@pytest.fixture(autouse=True)
def quick_recipe(monkeypatch):
    monkeypatch.setitem(RECIPES, "quick", START)


@pytest.fixture(scope="module")
def digits_300(digits):
    return digits.limit(300)


def run(config, data, out, **options):
    return train(config, data, out=out, verbose=False, **options)


def test_the_weights_lie_between_the_old_and_the_new(digits_300, tmp_path):
    result = run(QUICK, digits_300, tmp_path / "run")
    old = load_artifact(tmp_path / "run/start/best.keras").get_weights()
    kept = load_artifact(result.best).get_weights()
    # Without a class to doubt by, nothing chooses but the validation.
    assert inspect_artifact(result.best).card["blend"] == 0.4
    new = result.model.get_weights()
    if inspect_artifact(result.best).card["epoch"] == 2:
        for a, b, c in zip(old, new, kept, strict=True):
            np.testing.assert_allclose(c, a + 0.4 * (b - a), atol=1e-6)
    assert max(abs(b - a).max() for a, b in zip(old, new, strict=True)) > 1e-3
    assert 0 < result.timing["before"] < result.timing["total"]
    own = json.loads((tmp_path / "run/start/config.json").read_text())
    assert (own["seed"], own["validation"]) == (5, 0.2)


def test_one_that_starts_with_another_has_its_answers(digits, tmp_path):
    first, second = build_model(seed=3), build_model(seed=4, num_classes=11)
    x = digits.x_test[:50, ..., None]
    expected = first.predict(x, verbose=0)
    path = save_artifact(first, tmp_path / "first.keras")
    start_from(second, inspect_artifact(path))
    found = second.predict(x, verbose=0)
    assert (found[:, 10] < 0.1).all()
    digits_alone = found[:, :10] / found[:, :10].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(digits_alone, expected, atol=1e-5)


@pytest.fixture(scope="module")
def doubting(digits, tmp_path_factory):
    config = dataclasses.replace(
        QUICK, drawn=100, nondigits=300, calibrate=True, model="medium"
    )
    out = tmp_path_factory.mktemp("doubting") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RECIPES, "quick", START)
        return config, run(config, digits, out)


def test_a_blended_network_knows_what_is_none(doubting, digits):
    _, result = doubting
    model = load_artifact(result.best)
    card = inspect_artifact(result.best).card
    assert model.output_shape == (None, 10)
    assert card["doubt"] == {"digits": 900, "nondigits": 600}
    others, _ = draw_mixture(0, 200, seed=99)

    def surest(images):
        return model.predict(images[..., None], verbose=0).max(axis=1)

    real = surest(digits.x_test)
    assert np.median(surest(others)) < np.quantile(real, 0.2)
    refused = surest(digits.x_train[-200:]) < card["threshold"]
    assert refused.mean() <= 0.02


def test_a_finished_run_is_left_as_it_is(doubting, digits):
    config, result = doubting
    before = result.best.read_bytes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RECIPES, "quick", START)
        again = run(config, digits, result.path, resume=True)
    assert again.best.read_bytes() == before
    assert len(again.history) == 2


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_a_cut_run_goes_on_as_if_it_were_whole(
    epochs, digits_300, tmp_path, monkeypatch
):
    """Cut after so many epochs, of which its start has two."""
    whole = run(QUICK, digits_300, tmp_path / "whole")
    saved = []

    def cut(*arguments):
        save_checkpoint(*arguments)
        saved.append(arguments)
        if len(saved) == epochs:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mnistcnn.training.loop.save_checkpoint", cut)
        with pytest.raises(KeyboardInterrupt):
            run(QUICK, digits_300, tmp_path / "cut")
    again = run(QUICK, digits_300, tmp_path / "cut", resume=True)
    for a, b in zip(
        load_artifact(whole.best).get_weights(),
        load_artifact(again.best).get_weights(),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


def test_a_given_network_is_blended_with_what_it_became(digits_300, tmp_path):
    model = build_model(seed=7)
    old = model.get_weights()
    config = dataclasses.replace(QUICK, start="0" * 64, validation=0.0)
    result = run(config, digits_300, tmp_path / "run", model=model)
    new, kept = (
        each.get_weights()
        for each in (result.model, load_artifact(result.best))
    )
    for a, b, c in zip(old, new, kept, strict=True):
        np.testing.assert_allclose(c, a + 0.4 * (b - a), atol=1e-6)


def test_what_cannot_be_is_named_at_once(digits_300, tmp_path):
    with pytest.raises(ConfigError, match="blend is 0"):
        dataclasses.replace(QUICK, blend=0.0)
    for start, message in (
        ("", "nothing to blend with"),
        ("drawing", "has a run before it itself"),
        ("0" * 64, "that network, as train"),
        ("quik", 'did you mean "quick"'),
    ):
        config = dataclasses.replace(QUICK, start=start)
        with pytest.raises(ConfigError, match=message):
            run(config, digits_300, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_fewer_epochs_of_a_recipe_are_fewer_before_it():
    whole = find_stage(recipe("drawing"), "start")
    third = recipe("drawing").epochs // 3
    glance = dataclasses.replace(recipe("drawing"), epochs=third)
    assert whole.epochs == recipe("best").epochs
    assert find_stage(glance, "start").epochs == round(whole.epochs / 3)
    assert (whole.model, whole.filters) == ("medium", (40, 80, 96))
    assert whole.validation == 1 / 12
    assert not whole.nondigits


# === The doubt ===


def test_doubt_is_the_optimum_of_its_loss(rng):
    n, k = 400, 5
    none = np.arange(n) % 4 == 0
    features = rng.normal(size=(n, k)) + none[:, None] * rng.normal(size=k)
    logits = rng.normal(size=(n, 3))
    column, bias = fit_doubt(features, logits, none)

    def loss(column, bias):
        own = features @ column + bias
        log_sum = np.log(np.exp(np.c_[logits, own]).sum(axis=1))
        others = np.log(np.exp(logits).sum(axis=1))
        losses = log_sum - np.where(none, own, others)
        weights = np.where(none, FREQUENCY * (~none).sum() / none.sum(), 1)
        whole = np.append(column, bias)
        return (weights * losses).sum() / n + RIDGE / 2 * whole @ whole

    best = loss(column, bias)
    for _ in range(50):
        nearby = rng.normal(size=k + 1) * 0.03
        assert loss(column + nearby[:k], bias + nearby[k]) > best
