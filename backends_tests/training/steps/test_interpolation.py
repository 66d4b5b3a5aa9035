"""Recipes of several steps: weight interpolation, a rejection class."""

import dataclasses
import json

import numpy as np
import pytest

from mnistcnn import (
    build_model,
    inspect_artifact,
    load_artifact,
    save_artifact,
    train,
)
from mnistcnn.errors import ConfigError
from mnistcnn.training import Recipe, TrainConfig, as_recipe, recipe
from mnistcnn.training.checkpoint import save_checkpoint
from mnistcnn.training.networks import build_network
from mnistcnn.training.pipeline import generate_nondigits
from mnistcnn.training.recipes import lead_with
from mnistcnn.training.steps.calibration import Calibration
from mnistcnn.training.steps.interpolation import Interpolation
from mnistcnn.training.steps.rejection import (
    FREQUENCY,
    RIDGE,
    Rejection,
    fit_rejection,
)
from mnistcnn.training.steps.start import Start, start_with
from mnistcnn.training.steps.training import Training

START = TrainConfig(
    epochs=2, batch_size=50, learning_rate=0.003, validation=0.2, seed=5
)
CONFIG = TrainConfig(epochs=2, batch_size=50, validation=0.2, seed=5)
QUICK = Recipe("quick", (Training(START), Training(CONFIG), Interpolation(0.4)))


@pytest.fixture(scope="module")
def digits_300(digits):
    return digits.limit(300)


def run(config, data, out, **options):
    return train(config, data, out=out, verbose=False, **options)


@pytest.mark.any_backend
def test_the_weights_lie_between_the_old_and_the_new(digits_300, tmp_path):
    result = run(QUICK, digits_300, tmp_path / "run")
    old = load_artifact(tmp_path / "run/steps/1-training.keras").get_weights()
    kept = load_artifact(result.best).get_weights()
    assert inspect_artifact(result.best).card["blend"] == 0.4
    new = result.model.get_weights()
    if inspect_artifact(result.best).card["epoch"] == 2:
        for a, b, c in zip(old, new, kept, strict=True):
            np.testing.assert_allclose(c, a + 0.4 * (b - a), atol=1e-6)
    assert max(abs(b - a).max() for a, b in zip(old, new, strict=True)) > 1e-3
    assert 0 < result.timing["before"] < result.timing["total"]
    kept = {path.name for path in (tmp_path / "run/steps").iterdir()}
    assert kept == {
        "1-training.keras",
        "1-training.csv",
        "2-training.keras",
        "3-interpolation.keras",
    }
    card = inspect_artifact(result.best).card
    assert [step["step"] for step in card["steps"]][-1] == "interpolation"
    assert card["start"]["weights_sha256"] == (
        inspect_artifact(tmp_path / "run/steps/1-training.keras").weights_sha256
    )


def test_one_that_starts_with_another_has_its_answers(digits, tmp_path):
    first = build_model(seed=3)
    x = digits.x_test[:50, ..., None]
    expected = first.predict(x, batch_size=50, verbose=0)
    path = save_artifact(first, tmp_path / "first.keras")
    config = TrainConfig(seed=4, nondigits=1)
    second = build_network(config, digits, inspect_artifact(path))
    found = second.predict(x, batch_size=50, verbose=0)
    assert (found[:, 10] < 0.1).all()
    digits_alone = found[:, :10] / found[:, :10].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(digits_alone, expected, atol=1e-5)


@pytest.fixture(scope="module")
def rejecting(digits, tmp_path_factory):
    start, config = (
        dataclasses.replace(each, keep="last", model="medium")
        for each in (START, CONFIG)
    )
    config = dataclasses.replace(config, nondigits=300)
    found = Recipe(
        "rejecting",
        (
            Training(start),
            Calibration(),
            Training(config),
            Interpolation(0.4),
            Rejection(),
            Calibration(),
        ),
    )
    out = tmp_path_factory.mktemp("rejecting") / "run"
    return found, run(found, digits, out)


@pytest.mark.any_backend
def test_a_blended_network_knows_what_is_none(rejecting, digits):
    _, result = rejecting
    model = load_artifact(result.best)
    card = inspect_artifact(result.best).card
    assert model.output_shape == (None, 10)
    assert card["doubt"] == {"digits": 800, "nondigits": 300}
    others = generate_nondigits(200, seed=99)

    def surest(images):
        return model.predict(images[..., None], verbose=0).max(axis=1)

    real = surest(digits.x_test)
    assert np.median(surest(others)) < np.quantile(real, 0.2)
    refused = surest(digits.x_train[-200:]) < card["threshold"]
    assert refused.mean() <= 0.02


@pytest.mark.any_backend
def test_a_finished_run_is_left_as_it_is(rejecting, digits):
    config, result = rejecting
    before = result.best.read_bytes()
    again = run(config, digits, result.path, resume=True)
    assert again.best.read_bytes() == before
    assert len(again.history) == 2


@pytest.fixture(scope="module")
def whole(digits_300, tmp_path_factory):
    return run(QUICK, digits_300, tmp_path_factory.mktemp("whole") / "run")


@pytest.mark.any_backend
@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_a_cut_run_goes_on_as_if_it_were_whole(
    epochs, whole, digits_300, tmp_path, monkeypatch
):
    """Cut after so many epochs, of which its start has two."""
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


@pytest.mark.any_backend
def test_a_run_cut_between_steps_goes_on_as_if_it_were_whole(
    rejecting, digits, tmp_path, monkeypatch
):
    """Cut before each step in turn, and gone on with."""
    recipe, whole = rejecting
    out = tmp_path / "cut"
    for number in range(2, len(recipe.steps) + 1):

        def cut(step, last=number - 1):
            if len(list(out.glob("steps/*.keras"))) == last:
                raise KeyboardInterrupt
            return ""

        with monkeypatch.context() as patch:
            patch.setattr("mnistcnn.training.run.describe", cut)
            with pytest.raises(KeyboardInterrupt):
                train(recipe, digits, out=out, resume=number > 2)
    again = run(recipe, digits, out, resume=True)
    one, other = (inspect_artifact(each.best) for each in (whole, again))
    assert one.weights_sha256 == other.weights_sha256
    assert one.threshold == other.threshold


@pytest.mark.any_backend
def test_a_given_network_is_blended_with_what_it_became(digits_300, tmp_path):
    model = build_model(seed=7)
    old = model.get_weights()
    start = start_with(save_artifact(model, tmp_path / "given.keras"))
    config = dataclasses.replace(CONFIG, validation=0.0)
    found = Recipe("given", (start, Training(config), Interpolation(0.4)))
    result = run(found, digits_300, tmp_path / "run")
    new, kept = (
        each.get_weights()
        for each in (result.model, load_artifact(result.best))
    )
    for a, b, c in zip(old, new, kept, strict=True):
        np.testing.assert_allclose(c, a + 0.4 * (b - a), atol=1e-6)


@pytest.mark.any_backend
def test_what_cannot_be_is_named_at_once(digits_300, tmp_path):
    with pytest.raises(ConfigError, match="share is 0"):
        Interpolation(0)
    with pytest.raises(ConfigError, match="nothing to interpolate with"):
        Recipe("one", (Training(CONFIG), Interpolation(0.4)))
    for name, message in (
        ("drawing", "a recipe of several steps"),
        ("tutoral", 'did you mean "tutorial"'),
    ):
        with pytest.raises(ConfigError, match=message):
            lead_with(name, CONFIG)
    found = Recipe("lost", (Start("0" * 64), Training(CONFIG)))
    with pytest.raises(ConfigError, match="Expected its file"):
        run(found, digits_300, tmp_path / "run")


@pytest.mark.any_backend
def test_a_start_that_was_replaced_is_refused(digits_300, tmp_path):
    path = save_artifact(build_model(seed=7), tmp_path / "given.keras")
    found = Recipe("given", (start_with(path), Training(CONFIG)))
    save_artifact(build_model(seed=8), path)
    with pytest.raises(ConfigError, match="it was replaced"):
        run(found, digits_300, tmp_path / "run")


@pytest.mark.any_backend
def test_fewer_epochs_of_a_recipe_are_fewer_before_it():
    config = recipe("drawing").config
    steps = (*lead_with("best", config), Training(config), Interpolation(0.5))
    drawing = Recipe("drawing", steps)
    whole = drawing.steps[0].config
    half = drawing.config.epochs // 2
    glance = drawing.vary(epochs=half).steps[0].config
    assert whole.epochs == recipe("best").config.epochs
    assert glance.epochs == whole.epochs // 2
    assert (whole.model, whole.filters) == ("deep", (28, 48, 64, 116))
    assert whole.validation == 1 / 12
    assert not whole.nondigits


@pytest.mark.any_backend
def test_a_run_of_an_earlier_layout_is_refused(digits_300, tmp_path):
    out = tmp_path / "run"
    run(as_recipe(CONFIG), digits_300, out)
    with np.load(out / "last/state.npz") as archive:
        arrays = dict(archive)
    state = json.loads(arrays["state"].tobytes())
    state = {"config": state["recipe"], "format": 1}
    arrays["state"] = np.frombuffer(json.dumps(state).encode(), np.uint8)
    np.savez(out / "last/state.npz", **arrays)
    with pytest.raises(ConfigError, match="another version of mnistcnn began"):
        run(as_recipe(CONFIG), digits_300, out, resume=True)


# === The rejection class ===


@pytest.mark.any_backend
def test_the_rejection_class_is_the_optimum_of_its_loss(rng):
    n, k = 400, 5
    none = np.arange(n) % 4 == 0
    features = rng.normal(size=(n, k)) + none[:, None] * rng.normal(size=k)
    logits = rng.normal(size=(n, 3))
    column, bias = fit_rejection(features, logits, none)

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
