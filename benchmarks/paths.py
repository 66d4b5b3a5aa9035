"""The ways to train an epoch that are measured against each other."""

import importlib
import itertools

import numpy as np

from mnistcnn import backends, build_model
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.network import seed_dropout
from mnistcnn.training import TrainConfig
from mnistcnn.training.epochs import EngineEpochs, make_epochs
from mnistcnn.training.fitting import compile_model

SEED = 0
# More than any process trains: the constant schedule does not look at it.
MAX_EPOCHS = 1000


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
):
    """Prepares one way to train.

    Args:
        path: `"engine"` or `"fit"` (ours and Keras'), `"plain"` or `"best"`
            (the framework's own, see `peers/`).
        data: its training images are used.
        batch_size: images a step.
        model: a Keras model for `engine` and `fit`; the tutorial's network
            where it is `None`, and always for the other two.
        precision: of the engine's convolutions.

    Returns:
        A function that trains on the images in an order, `(n,)` integers,
        and returns the mean loss and the accuracy once the device is done.
    """
    if path in ("plain", "best"):
        peer = load_peer()
        make = peer.make_best if path == "best" else peer.make_plain
        weights = build_model(seed=SEED).get_weights()
        return make(weights, data.x_train, data.y_train, batch_size)
    model = build_model(seed=SEED) if model is None else model
    config = TrainConfig(
        seed=SEED,
        epochs=MAX_EPOCHS,
        batch_size=batch_size,
        engine="fit" if path == "fit" else "auto",
        precision=precision,
    )
    return _make_keras_path(path, data, config, model)


def make_orders(num_images: int, batch_size: int):
    """Endless orders of the first images, of whole batches, from the seed.

    A last batch that is smaller would make some frameworks compile twice,
    and part of an epoch could not be scaled to a whole one.
    """
    size = -(-num_images // batch_size) * batch_size
    for epoch in itertools.count():
        yield np.random.default_rng([SEED, epoch]).permutation(size)


def _make_keras_path(path: str, data: Dataset, config: TrainConfig, model):
    compile_model(model, config, num_images=len(data.x_train))
    epochs = make_epochs(model, config, [])
    if isinstance(epochs, EngineEpochs) != (path == "engine"):
        raise ConfigError(
            f'The path is "{path}" but {type(epochs).__name__} trains. '
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
