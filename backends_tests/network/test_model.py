import numpy as np
import pytest

from mnistcnn.backends import make_plan
from mnistcnn.backends.plans import Convolve
from mnistcnn.errors import ConfigError
from mnistcnn.network import build_model, describe_layers, seed_dropout


def test_the_architecture_is_the_design_s():
    model = build_model()
    assert [
        (type(la).__name__, la.output.shape[1:]) for la in model.layers
    ] == [
        ("Rescaling", (28, 28, 1)),
        ("Conv2D", (26, 26, 32)),
        ("MaxPooling2D", (13, 13, 32)),
        ("Conv2D", (11, 11, 64)),
        ("MaxPooling2D", (5, 5, 64)),
        ("Flatten", (1600,)),
        ("Dropout", (1600,)),
        ("Dense", (10,)),
    ]
    assert model.count_params() == 34_826
    assert sum(row["parameters"] for row in describe_layers(model)) == 34_826


def test_the_deep_one_is_larger_and_goes_through_the_same_door(rng, tmp_path):
    from mnistcnn import load_artifact, save_artifact
    from mnistcnn.backends import make_plan

    model = build_model("deep", dropout=0.4)
    assert model.count_params() == 306_410
    assert model.name == "mnistcnn_deep"
    # The engine knows it, every layer.
    kinds = [type(each).__name__ for each in make_plan(model).operations]
    assert kinds.count("Convolve") == 4 and kinds[-1] == "Dense"
    images = rng.integers(0, 256, (3, 28, 28, 1)).astype("float32")
    answers = model.predict(images, verbose=0)
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)
    path = save_artifact(model, tmp_path / "deep.keras")
    assert path.stat().st_size < 2_000_000
    again = load_artifact(path).predict(images, verbose=0)
    np.testing.assert_array_equal(answers, again)


def test_numbers_of_filters_can_be_others():
    model = build_model(filters=(4, 6))
    assert model.get_layer("conv1").filters == 4
    assert model.get_layer("conv2").output.shape == (None, 11, 11, 6)


def test_the_medium_one_has_a_third_convolution_that_the_engine_knows():
    model = build_model("medium")
    assert model.get_layer("conv3").output.shape[1:] == (3, 3, 96)
    assert model.count_params() == 82_858
    pools = [
        operation.pool
        for operation in make_plan(model).operations
        if isinstance(operation, Convolve)
    ]
    assert pools == [2, 2, 1]


def test_it_takes_raw_pixels_and_gives_probabilities(rng):
    images = rng.integers(0, 256, (3, 28, 28, 1)).astype("float32")
    answers = build_model(num_classes=4).predict(images, verbose=0)
    assert answers.shape == (3, 4) and answers.dtype == np.float32
    np.testing.assert_allclose(answers.sum(axis=1), 1, rtol=1e-5)


def test_weights_come_from_numpy_and_the_seed():
    first, again, other = (build_model(seed=seed) for seed in (0, 0, 1))
    kernel = first.get_weights()[0]
    # The same number on every backend.
    expected = np.random.default_rng(0).uniform(-1, 1, (3, 3, 1, 32))
    limit = np.sqrt(6 / (9 * 33))
    np.testing.assert_allclose(kernel, expected * limit, rtol=1e-6)
    for a, b in zip(first.get_weights(), again.get_weights(), strict=True):
        assert np.array_equal(a, b)
    assert not np.array_equal(kernel, other.get_weights()[0])


def test_a_user_s_keras_config_does_not_change_it():
    from mnistcnn.backends import keras

    keras.config.set_image_data_format("channels_first")
    keras.config.set_floatx("float16")
    try:
        model = build_model()
    finally:
        keras.config.set_image_data_format("channels_last")
        keras.config.set_floatx("float32")
    assert model.get_layer("conv1").output.shape == (None, 26, 26, 32)
    assert {v.dtype for v in model.weights} == {"float32"}


def test_dropout_is_a_function_of_seed_and_epoch(rng):
    from mnistcnn import backends

    images = rng.integers(0, 256, (4, 28, 28, 1)).astype("float32")
    answers = []
    for epoch in (0, 1, 0):
        model = build_model(dropout=0.5)
        seed_dropout(model, 7, epoch)
        backends.active.seed_epoch(7, epoch)
        output = model(images, training=True)
        answers.append(backends.keras.ops.convert_to_numpy(output))
    assert np.array_equal(answers[0], answers[2])
    assert not np.array_equal(answers[0], answers[1])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"dropout": 1.0}, "dropout is 1.0. Expected a part, 0 to below 1"),
        ({"num_classes": 1}, "num_classes is 1. Expected 2 or more"),
        ({"seed": -1}, "seed is -1. Expected a whole number, 0 or more"),
        ({"seed": "a"}, "seed is a. Expected a whole number"),
        ({"name": "wide"}, 'no network "wide". Expected one of base, medium'),
        ({"filters": (4,)}, r"filters is \[4\]. Expected 2 whole numbers"),
        ({"filters": (4, 0)}, r"filters is \[4, 0\]"),
    ],
)
def test_senseless_options_are_refused(options, text):
    with pytest.raises(ConfigError, match=text):
        build_model(**options)
