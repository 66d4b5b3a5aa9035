import numpy as np
import pytest

from mnistcnn import build_model
from mnistcnn.backends import keras
from mnistcnn.reading.featuremaps import STRONGEST, show_maps
from mnistcnn.reading.readers import KerasReader


@pytest.fixture(scope="module")
def model():
    return build_model(seed=3)


def explain(model, pixels):
    return show_maps(KerasReader(model).explain(pixels[None, ..., None]))


def image():
    return np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)


def convolve(pixels, kernel, bias):
    """A valid convolution and its ReLU, by the definition."""
    high, wide = kernel.shape[:2]
    down, across = pixels.shape[0] - high + 1, pixels.shape[1] - wide + 1
    answer = np.zeros((down, across, kernel.shape[-1]))
    for i in range(high):
        for j in range(wide):
            part = pixels[i : i + down, j : j + across]
            answer += part @ kernel[i, j]
    return np.maximum(answer + bias, 0)


def test_the_first_layers_maps_are_its_answers(model):
    first, last = explain(model, image())
    kernel, bias = map(np.asarray, model.get_layer("conv1").get_weights())
    expected = convolve(image()[..., None] / 255, kernel, bias)
    expected = expected.transpose(2, 0, 1) * 255 / expected.max()
    assert (first.layer, first.total) == ("conv1", 32)
    assert first.indices == tuple(range(32))
    assert np.abs(first.maps - expected).max() <= 1
    assert np.allclose(first.kernels, kernel[:, :, 0].transpose(2, 0, 1))
    assert (last.layer, last.total, last.kernels) == ("conv2", 64, None)


def test_the_last_layers_strongest_come_first(model):
    _, last = explain(model, image())
    assert last.maps.shape == (STRONGEST, 11, 11)
    strength = last.maps.max(axis=(1, 2)).astype(int)
    assert strength[0] == 255
    assert (np.diff(strength) <= 0).all()
    assert len(set(last.indices)) == STRONGEST


def test_nothing_answers_to_nothing(model):
    for layer in explain(model, np.zeros((28, 28), np.uint8)):
        # There is no bias in new weights.
        assert not layer.maps.any()


def test_a_net_with_one_convolution_and_one_with_none():
    layers = keras.layers
    pixels = keras.Input((28, 28, 1))
    none = keras.Sequential([pixels, layers.Flatten(), layers.Dense(10)])
    assert explain(none, image()) == []
    first = layers.Conv2D(4, 5)
    one = keras.Sequential([pixels, first, layers.Flatten(), layers.Dense(10)])
    (only,) = explain(one, image())
    assert only.maps.shape == (4, 24, 24)
    assert only.kernels.shape == (4, 5, 5)
