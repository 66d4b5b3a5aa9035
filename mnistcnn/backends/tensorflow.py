"""TensorFlow, a `Backend` as `contract.py` has it."""

import contextlib
import gc
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mnistcnn.backends import plans as engine
from mnistcnn.backends.contract import Device, Predictor
from mnistcnn.backends.tensorflow_operations import (
    compute_logits,
    count_right,
    cross_entropy,
)

VERSION: str = tf.__version__

# It looks for GPUs once, and says what it thinks of the drivers: at once,
# while those lines are kept off the screen (`switch.py`).
tf.config.list_physical_devices("GPU")

BFLOAT16_PAYS_ON_CPU: bool = True


def describe_device() -> Device:
    """Describes the first GPU that TensorFlow sees, or the CPU."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return {"kind": "cpu", "name": "cpu", "count": 1}
    details = tf.config.experimental.get_device_details(gpus[0])
    return {
        "kind": "gpu",
        "name": details.get("device_name", "gpu"),
        "count": len(gpus),
    }


def peak_device_bytes() -> int | None:
    """Asks the first GPU's allocator; a CPU's does not count."""
    if not tf.config.list_physical_devices("GPU"):
        return None
    return int(tf.config.experimental.get_memory_info("GPU:0")["peak"])


def own_settings() -> AbstractContextManager[None]:
    """Does nothing: what may be set leaves the numbers as they are."""
    return contextlib.nullcontext()


def own_generators() -> AbstractContextManager[None]:
    """Does nothing: Keras' seed generators hold all of the state."""
    return contextlib.nullcontext()


def seed_epoch(seed: int, epoch: int) -> None:
    """Does nothing: Keras' seed generators hold all of the state."""


def make_predictor(model: keras.Model) -> Predictor:
    """Traces the model for pictures that come one or a few at a time."""
    plan = engine.find_plan(model)
    variables = engine.list_weights(model)

    def forward(images):
        if plan is None:
            return model(images, training=False)
        weights = [v.value for v in variables]
        return tf.nn.softmax(compute_logits(plan, weights, images, None))

    shape = model.input_shape[1:]
    # One signature with an open batch: no second trace for another n. A
    # single image goes through XLA, which fuses it into fewer calls.
    many = _trace(forward, (None, *shape), xla=False)
    one = _trace(forward, (1, *shape), xla=plan is not None)

    def predict(images: np.ndarray) -> np.ndarray:
        run = one if len(images) == 1 else many
        return run(tf.constant(images)).numpy()

    return predict


def _trace(function, shape: tuple, *, xla: bool):
    signature = [tf.TensorSpec(shape, tf.float32)]
    # A concrete function skips the look-up of the right trace.
    return tf.function(
        function, input_signature=signature, jit_compile=xla, autograph=False
    ).get_concrete_function()


@contextlib.contextmanager
def _one_device(optimizer: Any) -> Iterator[Any]:
    """Has Keras' optimizer not sum gradients over devices, of which is one.

    TensorFlow registers a gradient of that sum, and with it keeps the graph
    of the steps, for ever.
    """
    optimizer._all_reduce_sum_gradients = list
    try:
        yield optimizer
    finally:
        del optimizer._all_reduce_sum_gradients


class Trainer:
    """Trains by a plan: many steps in one graph, data resident."""

    def __init__(self, model: keras.Model, plan: engine.Plan, batch_size: int):
        # A graph is a ring of objects, 5 MiB of them, which Python would come
        # to late: after ten trainings.
        gc.collect()
        self._model = model
        self._plan = plan
        self._batch_size = batch_size
        self._variables = engine.list_weights(model)
        self._trained = [
            i for i, v in enumerate(self._variables) if v.trainable
        ]
        self._loss = tf.Variable(tf.constant(0.0))
        self._right = tf.Variable(tf.constant(0))
        number = tf.TensorSpec((), tf.int32)
        data = [
            tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8),
            tf.TensorSpec((None, model.output_shape[-1]), tf.float32),
        ]
        # Signatures with open sizes: one trace, whatever the data.
        self._run = tf.function(
            self._run_steps, input_signature=[*data, number, number, number]
        )
        self._score = tf.function(self._score_batch, input_signature=data)

    def load(self, images: np.ndarray, targets: np.ndarray) -> None:
        """Takes an epoch's data to the device and sets the sums to 0."""
        self._images = tf.constant(images)
        self._targets = tf.constant(targets)
        self._loss.assign(0.0)
        self._right.assign(0)

    def step(self, first: int, last: int, seed: int) -> None:
        """Trains on the batches from `first` to before `last`."""
        self._run(self._images, self._targets, first, last, seed)

    def loss(self) -> float:
        """Sums the losses since `load`; waits for the steps."""
        return float(self._loss)

    def finish(self) -> tuple[float, int]:
        """Sums the losses and counts the hits since `load`."""
        return float(self._loss), int(self._right)

    def evaluate(
        self, images: np.ndarray, targets: np.ndarray
    ) -> tuple[float, int]:
        """Sums the losses and counts the hits of one batch."""
        loss, right = self._score(images, targets)
        return float(loss), int(right)

    def _run_steps(self, images, targets, first, last, seed):
        variables = [self._variables[i] for i in self._trained]
        weights = [variable.value for variable in self._variables]
        trained = [weights[i] for i in self._trained]
        for i in tf.range(first, last):
            start = i * self._batch_size
            x = images[start : start + self._batch_size]
            y = targets[start : start + self._batch_size]
            with tf.GradientTape() as tape:
                dropout = tf.stack([seed, i])
                logits = compute_logits(self._plan, weights, x, dropout)
                losses = cross_entropy(logits, y)
                loss = tf.reduce_mean(losses)
            gradients = tape.gradient(loss, trained)
            with _one_device(self._model.optimizer) as optimizer:
                optimizer.apply(gradients, variables)
            self._loss.assign_add(tf.reduce_sum(losses))
            self._right.assign_add(count_right(logits, y))

    def _score_batch(self, images, targets):
        weights = [v.value for v in self._variables]
        logits = compute_logits(self._plan.exact, weights, images, None)
        losses = cross_entropy(logits, targets)
        return tf.reduce_sum(losses), count_right(logits, targets)
