import numpy as np
import pytest

from mnistcnn.calibration import (
    calibration_error,
    choose_threshold,
    fit_temperature,
    measure_reliability,
)

pytestmark = pytest.mark.core


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.fixture
def honest(rng):
    """Logits, and labels drawn with just the probabilities that they say."""
    logits = rng.normal(0, 2, (20_000, 10))
    shares = softmax(logits).cumsum(axis=1)
    return logits, (rng.random((20_000, 1)) > shares).sum(axis=1)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_is_found_again(honest, temperature):
    logits, y = honest
    found = fit_temperature(y, softmax(logits * temperature))
    assert found == pytest.approx(temperature, rel=0.03)


def test_of_several_looks_the_mean_is_calibrated(honest, rng):
    logits, y = honest
    looks = np.stack([logits + rng.normal(0, 1, logits.shape) for _ in "abc"])
    shares = np.stack([softmax(look) for look in looks])

    def loss(temperature):
        means = np.mean([softmax(look / temperature) for look in looks], 0)
        return -np.log(means[np.arange(len(y)), y]).mean()

    found = fit_temperature(y, shares)
    assert loss(found) < min(loss(0.95 * found), loss(1.05 * found))
    assert found != pytest.approx(fit_temperature(y, shares[0]), rel=0.05)


def test_only_honest_probabilities_have_no_error(honest):
    logits, y = honest

    def error(probabilities):
        return calibration_error(measure_reliability(y, probabilities))

    assert error(softmax(logits)) < 0.01
    assert error(softmax(3 * logits)) > 0.1
    assert error(softmax(logits / 3)) > 0.1


def test_every_image_is_in_one_bin(honest):
    logits, y = honest
    rows = measure_reliability(y, softmax(logits))
    assert sum(row["n"] for row in rows) == len(y)
    for row in rows:
        assert row["low"] <= row["confidence"] <= row["high"]
        assert 0 <= row["accuracy"] <= 1


def test_a_certain_image_is_in_the_last_bin():
    (row,) = measure_reliability(np.array([1]), np.array([[0.0, 1.0]]))
    assert (row["high"], row["accuracy"], row["confidence"]) == (1, 1, 1)


def test_the_threshold_refuses_what_it_may(rng):
    probabilities = softmax(rng.normal(0, 2, (10_000, 10)))
    threshold = choose_threshold(probabilities, rejected=0.03)
    assert (probabilities.max(axis=1) < threshold).mean() == pytest.approx(
        0.03, abs=1e-3
    )
