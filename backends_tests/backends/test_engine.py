"""The plan, and each backend's engine against `fit` and against NumPy."""

import numpy as np
import pytest

from mnistcnn import backends, build_model
from mnistcnn.backends import keras, make_plan
from mnistcnn.backends.planning import find_plan
from mnistcnn.backends.plans import Convolve, Dense, Dropout
from mnistcnn.errors import PlanError
from mnistcnn.training import TrainConfig
from mnistcnn.training.fitting import compile_model, to_targets
from suites.reference import differentiate

STEPS, BATCH = 20, 32


def stack(*layers):
    return keras.Sequential([keras.Input((28, 28, 1)), *layers])


def images_and_labels(n, seed=0):
    from mnistcnn.data import generate

    data = generate(limit=n, seed=seed)
    return data.x_train[..., None], data.y_train


def engine_steps(model, x, y):
    """Losses and weights after each step of the engine."""
    trainer = backends.active.Trainer(model, make_plan(model), BATCH)
    targets = to_targets(model, y)
    for start in range(0, len(x), BATCH):
        batch = slice(start, start + BATCH)
        trainer.load(x[batch], targets[batch])
        trainer.step(0, 1, 0)
        loss, _ = trainer.finish()
        yield loss / len(x[batch]), model.get_weights()


def keras_steps(model, x, y):
    """The same of Keras' own training step."""
    for start in range(0, len(x), BATCH):
        batch = slice(start, start + BATCH)
        logs = model.train_on_batch(
            x[batch], np.eye(10)[y[batch]], return_dict=True
        )
        # The metric is the mean since the last reset.
        model.reset_metrics()
        yield float(logs["loss"]), model.get_weights()


def assert_same_steps(ours, theirs, start, rounding):
    """Weights are the same but for rounding, all but a few of them.

    Where two pixels of a pooling window differ by rounding alone, or one is
    almost 0, a gradient goes another way. On which processor it does, at which
    step, is chance, and a few weights depart from then on; what the optimizer
    does otherwise, all do.
    """
    off, every = 0, 0
    for a, b, before in zip(ours, theirs, start, strict=True):
        bound = rounding * (1e-5 * np.abs(b).max() + 1e-6)
        off += int((np.abs(a - b) > bound).sum())
        every += a.size
        moved = np.linalg.norm(b - before)
        assert np.linalg.norm(a - b) <= rounding * 3e-3 * moved
    assert off <= 0.03 * every


def build_smooth():
    """Builds a network in which rounding changes no gradient's way."""
    keras.utils.set_random_seed(1)
    conv = keras.layers.Conv2D
    return stack(
        keras.layers.Rescaling(1 / 255),
        conv(16, 3, activation="tanh"),
        conv(8, 3, activation="tanh"),
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation="softmax"),
    )


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_the_engine_takes_keras_own_steps_to_rounding(schedule, rounding):
    x, y = images_and_labels(STEPS * BATCH)
    config = TrainConfig(batch_size=BATCH, schedule=schedule, epochs=1)
    pair = [build_smooth(), build_smooth()]
    for model in pair:
        compile_model(model, config, num_images=len(x))
    steps = zip(
        engine_steps(pair[0], x, y), keras_steps(pair[1], x, y), strict=True
    )
    for ours, theirs in steps:
        assert ours[0] == pytest.approx(theirs[0], rel=1e-5, abs=1e-5)
        for a, b in zip(ours[1], theirs[1], strict=True):
            scale = np.abs(b).max()
            assert np.abs(a - b).max() <= rounding * (1e-5 * scale + 1e-6)


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_the_engine_takes_keras_own_steps(schedule, rounding):
    x, y = images_and_labels(STEPS * BATCH)
    config = TrainConfig(batch_size=BATCH, schedule=schedule, epochs=1)
    pair = []
    for _ in range(2):
        model = build_model(dropout=0)
        compile_model(model, config, num_images=len(x))
        pair.append(model)
    start = pair[0].get_weights()
    steps = zip(
        engine_steps(pair[0], x, y), keras_steps(pair[1], x, y), strict=True
    )
    for ours, theirs in steps:
        assert ours[0] == pytest.approx(theirs[0], rel=1e-5, abs=1e-5)
        assert_same_steps(ours[1], theirs[1], start, rounding)
    iterations = [int(model.optimizer.iterations.numpy()) for model in pair]
    assert iterations == [STEPS, STEPS]


# The second goes in parts on a CPU: of 50 images on JAX, 75 on PyTorch.
@pytest.mark.parametrize(("n", "batch"), [(70, 32), (220, 150)])
def test_a_last_batch_that_is_not_full(digits, n, batch, rounding):
    x, y = digits.x_train[:n, ..., None], digits.y_train[:n]
    # As arrays from files are.
    x.flags.writeable = False
    pair = []
    for engine in ("auto", "fit"):
        from mnistcnn.training.epochs import make_epochs

        config = TrainConfig(batch_size=batch, engine=engine, epochs=1)
        model = build_model(dropout=0)
        compile_model(model, config, num_images=n)
        epochs = make_epochs(model, config, [])
        logs = epochs.run(x, y, (x[:50], y[:50]), epoch=0, verbose=False)
        assert epochs.first_step > 0
        pair.append((logs, model.get_weights()))
    assert set(pair[0][0]) == {"accuracy", "loss", "val_accuracy", "val_loss"}
    for name, value in pair[0][0].items():
        assert value == pytest.approx(pair[1][0][name], rel=1e-4)
    for a, b in zip(pair[0][1], pair[1][1], strict=True):
        np.testing.assert_allclose(a, b, atol=2e-6 * rounding)


# === Against float64 NumPy ===


def test_gradients_are_those_of_float64_numpy():
    x, y = images_and_labels(16, seed=3)
    model = build_model(seed=2, dropout=0)
    before = model.get_weights()
    # A step of plain SGD with rate 1 is the gradient.
    model.compile(keras.optimizers.SGD(1.0), "categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    trainer = backends.active.Trainer(model, make_plan(model), 16)
    trainer.load(x, to_targets(model, y))
    trainer.step(0, 1, 0)
    trainer.finish()
    _, expected = differentiate(before, x[..., 0], y)
    for old, new, gradient in zip(
        before, model.get_weights(), expected, strict=True
    ):
        found = old - new
        assert np.abs(found - gradient).max() < 1e-4 * np.abs(gradient).max()


def test_dropout_is_on_in_training_and_off_in_evaluation():
    x, y = images_and_labels(64)
    model = build_model(dropout=0.5)
    compile_model(model, TrainConfig(learning_rate=1e-9), num_images=64)
    trainer = backends.active.Trainer(model, make_plan(model), 64)
    losses = []
    for seed in (1, 1, 2):
        trainer.load(x, to_targets(model, y))
        trainer.step(0, 1, seed)
        losses.append(trainer.finish()[0])
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert abs(losses[0] - losses[2]) > 1e-3
    exact = model.evaluate(
        x, np.eye(10)[y], batch_size=64, verbose=0, return_dict=True
    )
    loss, right = trainer.evaluate(x, to_targets(model, y))
    assert float(loss) / 64 == pytest.approx(exact["loss"], rel=1e-4)
    assert int(right) / 64 == pytest.approx(exact["accuracy"])


@pytest.mark.skipif(backends.name != "tensorflow", reason="TensorFlow's own")
@pytest.mark.parametrize("shape", [(16,), (13,), (3, 5, 2)])
def test_dropout_drops_its_share_by_an_image_s_place(shape):
    import tensorflow as tf

    from mnistcnn.backends.tensorflow_operations import _drop

    seed = tf.constant([1, 2])
    whole = _drop(tf.ones((200, *shape)), 0.3, seed, tf.constant(0)).numpy()
    values = np.unique(whole)
    assert values == pytest.approx([0, 1 / 0.7])
    assert np.mean(whole == 0) == pytest.approx(0.3, abs=0.04)
    # No place of an image is dropped with another, or in all of them.
    flat = (whole == 0).reshape(len(whole), -1)
    assert np.abs(np.corrcoef(flat.T) - np.eye(flat.shape[1])).max() < 0.35
    later = _drop(tf.ones((150, *shape)), 0.3, seed, tf.constant(50)).numpy()
    np.testing.assert_array_equal(later, whole[50:])


def test_bfloat16_is_close_and_keeps_float32_weights():
    x, y = images_and_labels(256)
    losses = {}
    for precision in ("float32", "bfloat16"):
        model = build_model(dropout=0)
        compile_model(model, TrainConfig(), num_images=256)
        plan = make_plan(model, precision=precision)
        trainer = backends.active.Trainer(model, plan, 32)
        sums = []
        for _ in range(3):
            trainer.load(x, to_targets(model, y))
            trainer.step(0, 8, 0)
            sums.append(trainer.finish()[0])
        losses[precision] = np.array(sums)
        assert {str(w.dtype) for w in model.get_weights()} == {"float32"}
    assert np.abs(losses["bfloat16"] - losses["float32"]).max() > 0
    np.testing.assert_allclose(losses["bfloat16"], losses["float32"], rtol=0.05)


# === The plan ===


def test_the_plan_drops_pixels_that_no_output_needs():
    plan = make_plan(build_model(dropout=0.3))
    convolutions = [o for o in plan.operations if isinstance(o, Convolve)]
    assert [c.crop for c in convolutions] == [(26, 26), (12, 12)]
    assert [c.pool for c in convolutions] == [2, 2]
    assert [c.activation for c in convolutions] == ["relu", "relu"]
    assert plan.operations[-2:] == (
        Dropout(0.3, 5 * 5 * 64),
        Dense(4, 5, "softmax"),
    )


def test_a_net_of_the_family_with_other_sizes():
    layers = keras.layers
    model = stack(
        layers.Rescaling(1 / 255),
        layers.Conv2D(4, 5, activation="tanh"),
        layers.MaxPooling2D(3),
        layers.Conv2D(6, 2),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.Dense(10, activation="softmax"),
    )
    plan = make_plan(model)
    # 28 -> 24 -> 8 -> 7: nothing is left over.
    assert [o.crop for o in plan.operations if isinstance(o, Convolve)] == [
        (28, 28),
        (8, 8),
    ]
    x, y = images_and_labels(2 * BATCH)
    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    for each in (model, twin):
        compile_model(each, TrainConfig(), num_images=len(x))
    for ours, theirs in zip(
        engine_steps(model, x, y), keras_steps(twin, x, y), strict=True
    ):
        assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
        for a, b in zip(ours[1], theirs[1], strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5)


def _layers(name):
    layers = keras.layers
    end = [layers.Flatten(), layers.Dense(10, activation="softmax")]
    return {
        "BatchNormalization": [layers.BatchNormalization(), *end],
        "same": [layers.Conv2D(3, 3, padding="same"), *end],
        "strides": [layers.Conv2D(3, 3, strides=2), *end],
        "gelu": [layers.Conv2D(3, 3, activation="gelu"), *end],
        "overlap": [
            layers.Conv2D(3, 3),
            layers.MaxPooling2D(3, strides=2),
            *end,
        ],
        "padded": [
            layers.Conv2D(3, 3),
            layers.MaxPooling2D(2, padding="same"),
            *end,
        ],
        "logits": [layers.Flatten(), layers.Dense(10)],
        "no dense": [layers.Flatten()],
        "shares": [*end, layers.Dense(9, use_bias=False)],
        "shares, biased": [*end, layers.Dense(9)],
        "shares, bent": [*end, layers.Dense(9, "relu", use_bias=False)],
        "two behind": [*end, layers.Dense(9, use_bias=False), layers.Dense(9)],
    }[name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BatchNormalization", "the engine knows no BatchNormalization"),
        ("same", "Conv2D 'conv2d.*' is not a plain one"),
        ("strides", "is not a plain one"),
        ("gelu", "is not a plain one"),
        ("overlap", "has windows that overlap"),
        ("padded", "MaxPooling2D .* is not a plain one"),
        ("logits", "has no bias, or is activated by linear"),
        ("no dense", "the model does not end in a Dense layer"),
        ("shares", "there is a layer after its softmax"),
        ("shares, biased", "more than a plain product after its softmax"),
        ("shares, bent", "more than a plain product after its softmax"),
        ("two behind", "more than a plain product after its softmax"),
    ],
)
def test_what_the_plan_does_not_know_is_said(name, text):
    with pytest.raises(PlanError, match=text):
        make_plan(stack(*_layers(name)))


class Negative(keras.Sequential):
    def call(self, inputs, **options):
        return super().call(255 - inputs, **options)


class Doubled(keras.layers.Dense):
    def call(self, inputs, **options):
        return super().call(2 * inputs, **options)


Doubled.__name__ = "Dense"


def replaced():
    model = stack(*_layers("logits"), keras.layers.Softmax())
    model.layers[1].call = lambda inputs, **options: inputs[:, 300:310]
    return model


def changed(change):
    model = stack(*small())
    change(model)
    return model


def relu(inputs):
    return 2 * inputs


def last(model):
    return model.layers[-1]


OUTSIDE = {
    "LoRA": lambda: changed(lambda model: last(model).enable_lora(2)),
    "int8": lambda: changed(lambda model: last(model).quantize("int8")),
    "float16": lambda: stack(*small(dtype="float16")),
    "float16, no weights": lambda: stack(
        keras.layers.Rescaling(1 / 255, dtype="float16"), *small()
    ),
    "a scale for each channel": lambda: stack(
        keras.layers.Rescaling([1 / 255]), *small()[1:]
    ),
    "an offset for each channel": lambda: stack(
        keras.layers.Rescaling(1 / 255, np.array([0.5])), *small()[1:]
    ),
    "channels first": lambda: stack(
        keras.layers.Rescaling(1 / 255),
        keras.layers.Conv2D(3, 3),
        keras.layers.Flatten(data_format="channels_first"),
        keras.layers.Dense(10, "softmax"),
    ),
    "a function named relu": lambda: stack(
        keras.layers.Conv2D(3, 3, activation=relu), *small()
    ),
    "a layer as activation": lambda: stack(
        keras.layers.Conv2D(3, 3, activation=keras.layers.LeakyReLU()), *small()
    ),
    "a class of models": lambda: Negative(stack(*small()).layers),
    "a class of layers": lambda: stack(
        keras.layers.Flatten(), Doubled(10, "softmax")
    ),
    "a call": replaced,
}


def small(**options):
    return [
        keras.layers.Rescaling(1 / 255),
        keras.layers.Flatten(),
        keras.layers.Dense(10, "softmax", **options),
    ]


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_is_outside_the_plan_is_read_as_keras_does(name):
    model = OUTSIDE[name]()
    assert find_plan(model) is None
    images = images_and_labels(3)[0].astype(np.float32)
    expected = model.predict_on_batch(images)
    predict = backends.active.make_predictor(model)
    for n in (1, 1, 3):
        found = predict(images[:n])
        np.testing.assert_allclose(found, expected[:n], atol=1e-6)


@pytest.mark.parametrize("n", [1, 3])
def test_a_network_with_a_rejection_class_is_read_by_the_plan(n):
    core = build_model(seed=1, num_classes=11)
    share = np.vstack([np.eye(10), np.full(10, 0.1)])
    model = stack(*core.layers, keras.layers.Dense(10, use_bias=False))
    model.layers[-1].set_weights([share])
    plan = find_plan(model)
    assert plan is not None
    assert plan.shares == len(model.weights) - 1
    images = images_and_labels(n)[0].astype(np.float32)
    expected = keras.ops.convert_to_numpy(core(images, training=False)) @ share
    found = backends.active.make_predictor(model)(images)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_fit_takes_over_and_says_so(caplog):
    from mnistcnn.training.epochs import make_epochs
    from mnistcnn.training.fitting import FitEpochs

    model = stack(*_layers("BatchNormalization"))
    compile_model(model, TrainConfig(), num_images=100)
    epochs = make_epochs(model, TrainConfig(), [])
    assert isinstance(epochs, FitEpochs)
    assert (
        "Training by Keras' fit, in float32, since the engine knows no B"
        in caplog.text
    )

    class WantsBatches(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            pass

    model = build_model()
    epochs = make_epochs(model, TrainConfig(), [WantsBatches()])
    assert isinstance(epochs, FitEpochs)
    assert "the callback WantsBatches wants batches" in caplog.text
