import numpy as np
import pytest

from mnistcnn import build_model, inspect_artifact, load_artifact, train
from mnistcnn.artifact import rebuild, save_artifact
from mnistcnn.backends import keras
from mnistcnn.errors import ConfigError
from mnistcnn.training import Recipe, TrainConfig
from mnistcnn.training.answering import predict as predict_artifact
from mnistcnn.training.heads import share_rejection
from mnistcnn.training.steps.calibration import Calibration, calibrate
from mnistcnn.training.steps.training import Training


def predict(model, images):
    # Of each size of a batch there would be a program.
    x = images[..., None]
    return np.asarray(model.predict(x, batch_size=50, verbose=0))


def test_none_s_probability_is_shared_out(digits):
    model = build_model(num_classes=11, seed=2)
    before = predict(model, digits.x_test[:50])
    after = predict(share_rejection(model), digits.x_test[:50])
    expected = before[:, :10] + before[:, 10:] / 10
    np.testing.assert_allclose(after, expected, atol=1e-6)


@pytest.fixture(scope="module")
def result(digits, tmp_path_factory):
    config = TrainConfig(
        epochs=3,
        batch_size=50,
        filters=(32, 64, 16),
        model="medium",
        validation=0.3,
        keep="last",
        nondigits=100,
    )
    found = Recipe("calibrated", (Training(config), Calibration()))
    out = tmp_path_factory.mktemp("finishing") / "run"
    return train(found, digits, out=out, verbose=False)


def test_a_net_that_learned_none_has_ten_outputs(result, digits):
    assert result.model.output_shape == (None, 11)
    model = load_artifact(result.best)
    assert model.output_shape == (None, 10)
    probabilities = predict(model, digits.x_test)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    right = probabilities.argmax(axis=1) == digits.y_test
    assert right.mean() > 0.5


def test_plain_keras_opens_it(result, digits):
    plain = keras.saving.load_model(result.best, compile=False)
    images = digits.x_test[:50]
    np.testing.assert_allclose(
        predict(plain, images), predict(load_artifact(result.best), images)
    )


def test_the_card_says_how_it_was_calibrated(result, digits):
    card = inspect_artifact(result.best).card
    assert card["epoch"] == 3
    assert card["calibration"]["n"] == 300
    assert 0.2 <= card["calibration"]["temperature"] <= 5
    held = predict(load_artifact(result.best), digits.x_train[700:])
    refused = (held.max(axis=1) < card["threshold"]).mean()
    assert refused == pytest.approx(0.005, abs=0.004)


@pytest.mark.any_backend
def test_a_net_too_sure_is_made_honest(digits, tmp_path):
    model = build_model()
    path = save_artifact(model, tmp_path / "net.keras")
    x, y = digits.x_test, digits.y_test
    before = predict(model, x)
    calibrated = calibrate(inspect_artifact(path), x, y, predict_artifact)
    after = predict(rebuild(calibrated), x)
    # Untrained, it knows nothing: the hottest there is.
    assert calibrated.card["calibration"]["temperature"] > 4.9
    assert after.max() < before.max()
    np.testing.assert_array_equal(after.argmax(1), before.argmax(1))


def test_calibration_needs_images(digits, tmp_path):
    path = save_artifact(build_model(), tmp_path / "net.keras")
    artifact = inspect_artifact(path)
    x, y = digits.x_test[:0], digits.y_test[:0]
    with pytest.raises(ConfigError, match="0 images to calibrate"):
        calibrate(artifact, x, y, predict_artifact)
    for config in (
        TrainConfig(keep="last", validation=0),
        TrainConfig(keep="best"),
    ):
        with pytest.raises(ConfigError, match="Calibration needs a held-out"):
            Recipe("none", (Training(config), Calibration()))
