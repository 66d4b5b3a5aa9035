"""Epochs by Keras' own `fit`: the reference engine."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mnistcnn import backends
from mnistcnn.backends import keras
from mnistcnn.training.averaging import averaged, make_adam
from mnistcnn.training.callbacks import FirstStep, check_loss, choose_bar
from mnistcnn.training.compiling import read_compiled
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.hooks import ForwardBatches

# Divides 18,000 and 10,000: no second compilation for a smaller last batch.
EVALUATION_BATCH = 500
# Steps after which the loss is checked: checking means waiting for the device.
IMAGES_A_CHECK = 4000


def compile_model(
    model: keras.Model, config: TrainConfig, *, num_images: int
) -> None:
    """Gives a model its optimizer, loss and metric.

    Args:
        model: as `build_model` makes it.
        config: learning rate, schedule and average.
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
        optimizer=make_adam(rate, config.ema_momentum),
        loss=keras.losses.CategoricalCrossentropy(),
        metrics=[keras.metrics.CategoricalAccuracy(name="accuracy")],
    )
    model.optimizer.build(model.trainable_variables)
    # As `fit` does, since callbacks ask the metrics which direction is better.
    probabilities = keras.ops.zeros((1, *model.output_shape[1:]))
    model._compile_metrics.build(probabilities, probabilities)


def to_targets(
    model: keras.Model, y: np.ndarray, *, smoothing: float = 0.0
) -> np.ndarray:
    """Makes a model's targets, as probabilities.

    Args:
        model: of k outputs.
        y: `(n,)` integers; `(n, k)` floats are probabilities already.
        smoothing: the share of each that is spread equally (label smoothing).

    Returns:
        `(n, k)` float32.

    Example:
        >>> from mnistcnn import build_model
        >>> to_targets(build_model(num_classes=3), np.array([2])).tolist()
        [[0.0, 0.0, 1.0]]
    """
    k = model.output_shape[-1]
    targets = y if y.ndim == 2 else np.eye(k, dtype=np.float32)[y]
    if smoothing:
        targets = (1 - smoothing) * targets + smoothing / k
    return np.asarray(targets, np.float32)


class FitEpochs:
    """Runs epochs by `fit`, one call per epoch.

    `fit` gets arrays in their final order, and only the callbacks with hooks
    for batches: the caller announces epochs to all of them.

    Args:
        model: compiled.
        config: batch size, seed, number of epochs.
        callbacks: the run's.
        check: called after each step; it may raise to end the run.
        reason: why this engine was chosen, if another was asked for.
    """

    def __init__(
        self,
        model: keras.Model,
        config: TrainConfig,
        callbacks: Sequence[Any],
        check,
        reason: str = "",
    ):
        self._model: Any = model  # Keras types `verbose` as a word
        self.config = config
        self.reason = reason
        self._hooks = ForwardBatches(callbacks)
        self._first_step = FirstStep()
        self._check = check
        self._compiled = read_compiled(model)

    def is_outdated(self) -> bool:
        """Whether a callback changed the optimizer or the loss."""
        return read_compiled(self._model) != self._compiled

    @property
    def first_step(self) -> float | None:
        """The seconds from the first epoch's start to its first step."""
        return self._first_step.seconds

    @first_step.setter
    def first_step(self, seconds: float) -> None:
        self._first_step.seconds = seconds

    def run(
        self,
        x: np.ndarray,
        y: np.ndarray,
        validation: tuple[np.ndarray, np.ndarray] | None,
        *,
        epoch: int,
        verbose: bool,
    ) -> dict[str, Any]:
        """Trains one epoch; as `EngineEpochs.run`."""
        if validation is not None:
            validation = validation[0], to_targets(self._model, validation[1])
        smoothing = self.config.label_smoothing
        targets = to_targets(self._model, y, smoothing=smoothing)
        # Keras would validate the weights instead of their average.
        later = validation if self.config.ema_momentum else None
        one_epoch = _OneEpoch(self._model, self.config, self._check)
        stop_asked = self._model.stop_training  # `fit` forgets it
        history = self._model.fit(
            x,
            targets,
            batch_size=self.config.batch_size,
            epochs=self.config.epochs,
            initial_epoch=epoch,
            shuffle=False,
            validation_data=None if later else validation,
            validation_batch_size=EVALUATION_BATCH,
            callbacks=[self._hooks, self._first_step, one_epoch],
            verbose=choose_bar(verbose),
        )
        self._model.stop_training = stop_asked or one_epoch.stop_asked
        logs = {
            name: float(values[-1]) for name, values in history.history.items()
        }
        return logs if later is None else logs | self._validate(*later)

    def _validate(self, x, labels) -> dict[str, Any]:
        with averaged(self._model):
            scores = self._model.evaluate(
                x,
                labels,
                batch_size=EVALUATION_BATCH,
                return_dict=True,
                callbacks=[self._hooks],
                verbose=0,
            )
        return {f"val_{name}": float(v) for name, v in scores.items()}


class _OneEpoch(keras.callbacks.Callback):
    """Makes `fit` run one given epoch, from its own seed."""

    # It reads the logs of few steps, so Keras need not wait for the others.
    async_safe = True

    def __init__(self, model: keras.Model, config: TrainConfig, check):
        super().__init__()
        self.trained = model
        self.config = config
        self.check = check
        self.stop_asked = False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        # Here instead of before `fit`, whose first call also draws random
        # numbers while it builds: a resumed run would continue with others.
        backends.active.seed_epoch(self.config.seed, epoch)
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.check()
        if batch % max(1, IMAGES_A_CHECK // self.config.batch_size) == 0:
            loss = keras.ops.convert_to_numpy((logs or {}).get("loss", 0.0))
            check_loss(float(np.asarray(loss)), self.epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        # By a callback with hooks for batches.
        self.stop_asked = self.trained.stop_training
        self.trained.stop_training = True
