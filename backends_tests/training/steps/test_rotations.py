import numpy as np
import pytest

from mnistcnn import DigitClassifier, evaluate, inspect_artifact, train
from mnistcnn.errors import ConfigError
from mnistcnn.pictures import turn
from mnistcnn.training import Recipe, TrainConfig, complete_run
from mnistcnn.training.recipefiles import parse_recipe, write_recipe
from mnistcnn.training.steps.calibration import Calibration
from mnistcnn.training.steps.rotations import Rotations
from mnistcnn.training.steps.training import Training

CONFIG = TrainConfig(epochs=2, batch_size=50, validation=0.2, keep="last")
STEPS = (Training(CONFIG), Rotations(10), Calibration())


def test_what_reads_and_what_scores_look_at_three_rotations(
    digits, tmp_path, no_pictures
):
    found = Recipe("turned", STEPS)
    result = train(found, digits, out=tmp_path / "run", verbose=False)
    artifact = inspect_artifact(result.best)
    assert artifact.rotation == artifact.card["rotation"] == 10
    classifier = DigitClassifier.from_artifact(result.best)
    model, images = classifier.model, digits.x_test
    looks = [
        np.asarray(model.predict(look, batch_size=50, verbose=0))
        for look in turn(images[..., None], 10)
    ]
    expected = np.mean(looks, axis=0)
    assert np.abs(expected - looks[0]).max() > 0.01
    answers = classifier.predict_proba(images)
    np.testing.assert_allclose(answers, expected, atol=1e-5)
    # The score in the card is of what reads, and the threshold as well.
    scored = complete_run(result, digits)
    again = evaluate(classifier, images, digits.y_test)
    assert scored.loss == pytest.approx(again.loss, abs=1e-5)
    assert inspect_artifact(result.best).rotation == 10
    held = classifier.predict_proba(digits.x_train[-200:]).max(axis=1)
    assert (held < classifier.threshold).mean() <= 0.01


@pytest.mark.any_backend
def test_a_recipe_keeps_its_angle():
    found = Recipe("turned", STEPS)
    again = parse_recipe(write_recipe(found))
    assert again == found and again.steps[1] == Rotations(10)


@pytest.mark.any_backend
@pytest.mark.parametrize("degrees", [0, -8, 46, "8", None, float("nan")])
def test_an_angle_is_of_a_small_turn(degrees):
    with pytest.raises(ConfigError, match="degrees is"):
        Rotations(degrees)


@pytest.mark.any_backend
def test_a_network_comes_first():
    with pytest.raises(ConfigError, match="Expected a training before it"):
        Recipe("none", (Rotations(8), Training(CONFIG)))
