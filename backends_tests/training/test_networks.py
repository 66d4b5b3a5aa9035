"""Models that users bring: trained, or refused before the first epoch."""

import pytest

from mnistcnn import load_artifact, train
from mnistcnn.backends import keras
from mnistcnn.errors import ConfigError, catching_warnings
from mnistcnn.training import TrainConfig
from mnistcnn.training.networks import check_model

QUICK = TrainConfig(epochs=1, batch_size=40, validation=0.2)
layers = keras.layers


def stack(*own, shape=(28, 28, 1)):
    return keras.Sequential([keras.Input(shape), *own])


def functional():
    pixels = keras.Input((28, 28, 1))
    flat = layers.Flatten()(pixels)
    return keras.Model(pixels, layers.Dense(10, "softmax")(flat))


def frozen():
    model = stack(layers.Flatten(), layers.Dense(10, "softmax"))
    model.trainable = False
    return model


def unbuilt():
    return keras.Sequential([layers.Flatten(), layers.Dense(10, "softmax")])


def half():
    return stack(layers.Flatten(), layers.Dense(10, "softmax", dtype="float16"))


class Negative(keras.Sequential):
    def call(self, inputs, **options):
        return super().call(255 - inputs, **options)


def of_a_class_of_ones_own():
    model = stack(layers.Flatten(), layers.Dense(10, "softmax"))
    return Negative([keras.Input((28, 28, 1)), *model.layers])


def regular():
    kernel = keras.regularizers.L2(0.1)
    dense = layers.Dense(10, "softmax", kernel_regularizer=kernel)
    return stack(layers.Flatten(), dense)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (functional, "train is a Functional. Expected a keras.Sequential"),
        (unbuilt, "keras.Input((28, 28, 1))"),
        (lambda: stack(layers.Flatten(), layers.Dense(10)), "a softmax"),
        (
            lambda: stack(layers.Flatten(), layers.Dense(10), layers.Softmax()),
            "Softmax",
        ),
        (
            lambda: stack(layers.Flatten(), layers.Dense(26, "softmax")),
            "outputs of the shape (26,). Expected (10,)",
        ),
        (
            lambda: stack(
                layers.Flatten(), layers.Dense(10, "softmax"), shape=(8, 8, 1)
            ),
            "Expected [None, 28, 28, 1]",
        ),
        (regular, "'L2'. Expected none of its own: build it otherwise"),
        (half, "dtype"),
        (of_a_class_of_ones_own, "is of the class 'Negative'. Expected keras."),
        (frozen, "no layer that is trainable"),
        (lambda: "model.keras", "is a str"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_an_epoch(
    make, said, digits, tmp_path
):
    begun = []
    spy = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs: begun.append("train")
    )
    with pytest.raises(ConfigError) as error:
        train(
            QUICK,
            digits.limit(100),
            model=make(),
            out=tmp_path / "run",
            verbose=False,
            callbacks=spy,
        )
    assert said in str(error.value) and "odel" in str(error.value)
    assert "\n" not in str(error.value)
    assert begun == []


@pytest.mark.parametrize(
    "make",
    [
        load_artifact,  # the one that ships ends in a fixed, linear layer
        lambda: stack(
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 3, padding="same", activation="gelu"),
            layers.BatchNormalization(),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10, "softmax"),
        ),
    ],
    ids=["shipped", "normalized"],
)
def test_what_can_be_kept_trains(make, digits, tmp_path):
    model = make()
    before = model.get_weights()[0].copy()
    result = train(
        QUICK,
        digits.limit(100),
        model=model,
        out=tmp_path / "run",
        verbose=False,
    )
    assert abs(model.get_weights()[0] - before).max() > 0
    assert load_artifact(result.best).output_shape == (None, 10)


@pytest.mark.parametrize(
    ("optimizer", "loss", "said"),
    [
        ("sgd", "categorical_crossentropy", "with SGD and categorical_cross"),
        ("adam", "sparse_categorical_crossentropy", "with Adam and sparse_cat"),
        ("adam", "categorical_crossentropy", None),
    ],
)
def test_a_model_that_is_compiled_otherwise_is_said(
    optimizer, loss, said, digits
):
    model = stack(layers.Flatten(), layers.Dense(10, "softmax"))
    model.compile(optimizer, loss)
    with catching_warnings() as caught:
        assert check_model(model, QUICK, digits) is model
    assert [said in text for text, _ in caught] == [True] * (said is not None)
