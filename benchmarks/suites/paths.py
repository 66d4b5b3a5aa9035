"""The ways to train an epoch that are measured against each other."""

import importlib
import itertools
from typing import Any

import numpy as np

from mnistcnn import backends, build_model
from mnistcnn.backends import keras
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.network import seed_dropout
from mnistcnn.training import TrainConfig
from mnistcnn.training.epochs import EngineEpochs, make_epochs
from mnistcnn.training.fitting import compile_model

SEED = 0
# More than any process trains: the constant schedule ignores it.
MAX_EPOCHS = 1000
# The default settings of `fit`.
DEFAULTS = {
    "steps_per_execution": 1,
    "jit_compile": "auto",
    "input": "arrays",
    "data_format": "channels_last",
}


def load_peer():
    """Imports the native loops of the framework in use."""
    return importlib.import_module(f"peers.{backends.name}_loops")


def make_path(
    path: str,
    data: Dataset,
    batch_size: int,
    *,
    model=None,
    precision: str = "float32",
    settings: dict[str, Any] | None = None,
):
    """Prepares one way to train.

    Args:
        path: `"engine"` or `"fit"` (ours and Keras'), `"plain"` or `"best"`
            (the framework's own, see `peers/`), or `"keras"` (the Keras model
            in the framework's own loop).
        data: its training images are used.
        batch_size: images per step.
        model: a Keras model for `engine` and `fit`; the tutorial's network
            if it is `None`, and always for the others.
        precision: of the engine's convolutions.
        settings: of `fit`, where they differ from `DEFAULTS`.

    Returns:
        A function that trains on the images in an order, `(n,)` integers,
        and returns the mean loss and the accuracy once the device is done.
    """
    if path in ("plain", "best", "keras"):
        make = getattr(load_peer(), f"make_{path}")
        start: Any = build_model(seed=SEED)
        if path == "keras":
            # The model returns logits, as in the native loops.
            start.layers[-1].activation = keras.activations.linear
        else:
            start = start.get_weights()
        return make(start, data.x_train, data.y_train, batch_size)
    if path == "fit":
        return _make_fit(data, batch_size, model, DEFAULTS | (settings or {}))
    model = build_model(seed=SEED) if model is None else model
    config = TrainConfig(
        seed=SEED,
        epochs=MAX_EPOCHS,
        batch_size=batch_size,
        precision=precision,
    )
    return _make_engine(data, config, model)


def make_orders(num_images: int, batch_size: int):
    """Yields random orders of the first images, in whole batches, endlessly.

    A smaller last batch would make some frameworks compile twice, and part of
    an epoch could not be scaled to a whole one.
    """
    size = -(-num_images // batch_size) * batch_size
    for epoch in itertools.count():
        yield np.random.default_rng([SEED, epoch]).permutation(size)


def build_wide(width: int, data_format: str = "channels_last"):
    """Builds the tutorial's network as a user of Keras would.

    Args:
        width: the factor by which the filters are multiplied.
        data_format: as Keras names it. The weights have the same layout.
    """
    layers = keras.layers
    keras.utils.set_random_seed(SEED)
    spatial: dict = {"data_format": data_format, "dtype": "float32"}
    first = data_format == "channels_first"
    return keras.Sequential(
        [
            keras.Input((1, 28, 28) if first else (28, 28, 1), dtype="float32"),
            layers.Rescaling(1 / 255, dtype="float32"),
            layers.Conv2D(32 * width, 3, activation="relu", **spatial),
            layers.MaxPooling2D(2, **spatial),
            layers.Conv2D(64 * width, 3, activation="relu", **spatial),
            layers.MaxPooling2D(2, **spatial),
            layers.Flatten(**spatial),
            layers.Dropout(0.25, dtype="float32"),
            layers.Dense(10, activation="softmax", dtype="float32"),
        ]
    )


def _make_engine(data: Dataset, config: TrainConfig, model):
    compile_model(model, config, num_images=len(data.x_train))
    epochs = make_epochs(model, config, [])
    if not isinstance(epochs, EngineEpochs):
        raise ConfigError(
            f'The path is "engine" but {type(epochs).__name__} trains. '
            "Expected the engine to know every layer: see the log above."
        )
    numbers = itertools.count()

    def run(order):
        # As `mnistcnn.training.run` does it: the order is part of the epoch.
        epoch = next(numbers)
        images = data.x_train[order][..., None]
        seed_dropout(model, SEED, epoch)
        logs = epochs.run(
            images, data.y_train[order], None, epoch=epoch, verbose=False
        )
        return logs["loss"], logs["accuracy"]

    return run


def _make_fit(data: Dataset, batch_size: int, model, settings: dict[str, Any]):
    """Keras' `fit` without our code, called as in its own guides."""
    data_format = settings["data_format"]
    if model is None:
        model = build_wide(1, data_format)
        model.set_weights(build_model(seed=SEED).get_weights())
    steps = settings["steps_per_execution"]

    def run(order):
        if not model.compiled:
            model.compile(
                optimizer=keras.optimizers.Adam(),
                loss="sparse_categorical_crossentropy",
                metrics=["accuracy"],
                jit_compile=settings["jit_compile"],
                steps_per_execution=(
                    len(order) // batch_size if steps == "epoch" else steps
                ),
            )
        axis = 1 if data_format == "channels_first" else -1
        images = np.expand_dims(data.x_train[order], axis)
        given: dict[str, Any] = {"x": images, "batch_size": batch_size}
        given["y"] = labels = data.y_train[order].astype(np.int32)
        if settings["input"] == "pipeline":
            batches = load_peer().make_pipeline(images, labels, batch_size)
            given = {"x": batches}
        logs = model.fit(**given, shuffle=False, verbose=0).history
        return logs["loss"][0], logs["accuracy"][0]

    return run
