"""One epoch by Keras' own `fit`: the reference engine."""

import sys

import numpy as np

from mnistcnn import backends
from mnistcnn.augmentation import warp
from mnistcnn.backends import keras
from mnistcnn.callbacks import ForwardBatches, has_batch_hooks
from mnistcnn.recipes import TrainConfig

# Divides 18,000 and 10,000: no second compilation for a smaller last batch.
EVALUATION_BATCH = 500


def compile_model(model, config: TrainConfig, *, num_images: int) -> None:
    """Gives a model its optimizer, loss and metric.

    Args:
        model: as `build_model` makes it.
        config: learning rate and schedule.
        num_images: the length of an epoch, in images.
    """
    rate = config.learning_rate
    if config.schedule == "cosine":
        steps = -(-num_images // config.batch_size) * config.epochs
        warmup = max(1, steps // 10)
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=config.learning_rate / 10,
            decay_steps=max(1, steps - warmup),
            warmup_target=config.learning_rate,
            warmup_steps=warmup,
        )
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )
    model.optimizer.build(model.trainable_variables)


def arrange(x, y, config: TrainConfig, epoch: int):
    """The images and labels of an epoch, in its order, warped."""
    order = np.random.default_rng([config.seed, epoch]).permutation(len(x))
    images = x[order]
    if config.augment:
        # Another stream than the order's, so that either can change alone.
        rng = np.random.default_rng([config.seed, epoch, 1])
        images = warp(images, rng, strength=config.augment)
    return images[..., None], y[order]


class _OneEpoch(keras.callbacks.Callback):
    """Makes `fit` run the one epoch that it was asked for, from its seed."""

    def __init__(self, seed: int):
        super().__init__()
        self.seed = seed
        self.stop_asked = False

    def on_epoch_begin(self, epoch, logs=None):
        # Here and not before `fit`, whose first call draws numbers as well
        # while it builds: a resumed run would go on with others.
        backends.active.seed_epoch(self.seed, epoch)

    def on_epoch_end(self, epoch, logs=None):
        # By a callback that wants batches.
        self.stop_asked = self.model.stop_training
        self.model.stop_training = True


def fit_epoch(
    model, x, y, config, *, epoch, validation, callbacks, verbose
) -> dict:
    """Runs one epoch by Keras' own `fit`: the reference engine.

    `fit` sees arrays in their final order and no callback but those that
    want batches; epochs are announced by the caller.
    """
    one_epoch = _OneEpoch(config.seed)
    batchwise = [c for c in callbacks if has_batch_hooks(c)]
    history = model.fit(
        x,
        y,
        batch_size=config.batch_size,
        epochs=config.epochs,
        initial_epoch=epoch,
        shuffle=False,
        validation_data=validation,
        validation_batch_size=EVALUATION_BATCH,
        callbacks=[ForwardBatches(batchwise), one_epoch],
        verbose=_verbosity(verbose),
    )
    model.stop_training = one_epoch.stop_asked
    return {name: float(values[-1]) for name, values in history.history.items()}


def _verbosity(verbose: bool) -> int:
    if not verbose:
        return 0
    # A bar on a terminal, one line an epoch in a log file.
    return 1 if sys.stdout.isatty() else 2
