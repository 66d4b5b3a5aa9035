"""NumPy's answers are Keras', for every layer that an artifact may have."""

import itertools

import numpy as np
import pytest

from mnistcnn import build_model, inspect_artifact, save_artifact
from mnistcnn.backends import keras, make_numpy_predictor, run_layers

ACTIVATIONS = ("linear", "relu", "gelu", "silu", "elu", "tanh")
layers = keras.layers


def make_network(activation, padding, stride):
    """One of every kind of layer, with odd sizes."""
    flat = (
        layers.Flatten(),
        layers.GlobalAveragePooling2D(),
        layers.GlobalMaxPooling2D(),
    )[stride - 1]
    small = 2 if stride < 3 else 1
    options = {"padding": padding, "activation": activation}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255, -0.1),
            layers.Conv2D(
                5, (3, 2), strides=stride, use_bias=stride != 2, **options
            ),
            layers.ZeroPadding2D(((1, 0), (2, 1))),
            layers.MaxPooling2D((2, 3), strides=stride, padding=padding),
            layers.Conv2D(4, small, **options),
            layers.AveragePooling2D(small, strides=2, padding=padding),
            layers.BatchNormalization(center=stride != 1, scale=stride != 2),
            layers.Activation(activation),
            layers.Dropout(0.3),
            flat,
            layers.Dense(7, activation=activation, use_bias=stride == 1),
            layers.Dense(10, activation="softmax"),
        ]
    )


@pytest.fixture
def save(tmp_path):
    def write(model):
        return inspect_artifact(save_artifact(model, tmp_path / "a.keras"))

    return write


@pytest.mark.parametrize(
    ("activation", "padding", "stride"),
    [
        # Each pair of two of them once.
        *zip(ACTIVATIONS, itertools.cycle(("valid", "same")), (1, 2, 3) * 2),
        *zip(ACTIVATIONS, itertools.cycle(("same", "valid")), (2, 3, 1) * 2),
    ],
)
def test_its_answers_are_keras_own(activation, padding, stride, save, rng):
    model = make_network(activation, padding, stride)
    for weight in model.weights:
        if "normalization" in weight.path:
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    images = rng.integers(0, 256, (3, 28, 28, 1), np.uint8)
    found = make_numpy_predictor(save(model))(images)
    # At once: else JAX compiles each operation on its own.
    expected = model.predict_on_batch(images.astype(np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("pooled", ["valid", "same"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_is_pooled_first_is_as_if_it_were_last(
    activation, pooled, save, rng
):
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(3, (2, 3), activation=activation),
            layers.MaxPooling2D((3, 2), strides=2, padding=pooled),
            layers.Activation("tanh"),
            layers.Conv2D(4, 3, strides=2, activation=activation),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    # Where gelu and silu decrease.
    model.layers[1].bias.assign([-2, -1, 0])
    images = rng.integers(0, 256, (2, 28, 28, 1), np.uint8)
    # At once: else JAX compiles each operation on its own.
    expected = model.predict_on_batch(images.astype(np.float32))
    found = make_numpy_predictor(save(model))(images)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_what_comes_out_of_each_layer_is_keras_own(save, rng):
    model = build_model(seed=1)
    images = rng.integers(0, 256, (2, 28, 28, 1), np.uint8)
    outputs = keras.Model(model.inputs[0], [v.output for v in model.layers])
    expected = outputs(images.astype(np.float32), training=False)
    found = list(run_layers(save(model), images))
    assert len(found) == len(model.layers)
    for ours, theirs in zip(found, expected, strict=True):
        theirs = keras.ops.convert_to_numpy(theirs)
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("n", [0, 1, 33])
def test_any_number_of_images(n, save, rng):
    images = rng.integers(0, 256, (n, 28, 28, 1), np.uint8)
    predict = make_numpy_predictor(save(build_model(seed=1)))
    found = predict(images)
    assert found.shape == (n, 10)
    each = [predict(image[None])[0] for image in images]
    np.testing.assert_allclose(found, np.reshape(each, (n, 10)), atol=1e-6)
