"""TensorFlow, a `Backend` as defined in `contract.py`."""

import contextlib
import functools
import itertools
from contextlib import AbstractContextManager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mnistcnn.backends import plans as engine
from mnistcnn.backends.contract import Device, Predictor
from mnistcnn.backends.groups import Devices, Group
from mnistcnn.backends.planning import find_plan
from mnistcnn.backends.tensorflow_devices import join as join_devices
from mnistcnn.backends.tensorflow_devices import share_out
from mnistcnn.backends.tensorflow_exactness import EXACT, hold_off
from mnistcnn.backends.tensorflow_operations import compute_probabilities
from mnistcnn.backends.tensorflow_steps import Steps

VERSION: str = tf.__version__

# TensorFlow looks for GPUs once, and prints messages about drivers: this
# happens here, while such lines are redirected (`switch.py`).
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


def join(devices: Devices) -> Group:
    """Makes a strategy of `tf.distribute`; `TF_CONFIG` names processes."""
    return join_devices(devices)


def own_settings() -> AbstractContextManager[None]:
    """Holds off less than 32 bits, and steps that are no graph."""
    return hold_off()


def own_generators() -> AbstractContextManager[None]:
    """Does nothing: Keras' seed generators hold all of the state."""
    return contextlib.nullcontext()


def seed_epoch(seed: int, epoch: int) -> None:
    """Does nothing: Keras' seed generators hold all of the state."""


def make_predictor(model: keras.Model) -> Predictor:
    """Traces the model for pictures that come one or a few at a time."""
    plan = find_plan(model)
    variables = engine.list_weights(model)

    def forward(images):
        if plan is None:
            return model(images, training=False)
        weights = [v.value for v in variables]
        return compute_probabilities(plan, weights, images)

    shape = model.input_shape[1:]
    # One signature with an open batch axis, so that another n needs no second
    # trace. A single image goes through XLA, which fuses operations; but not
    # the first one, for which XLA would compile for 0.3 s.
    many = _trace(forward, (None, *shape), xla=False)
    singles = itertools.count()

    @functools.cache
    def make_one():
        with own_settings():
            return _trace(forward, (1, *shape), xla=True)

    def predict(images: np.ndarray) -> np.ndarray:
        if plan and len(images) == 1 and next(singles):
            one = make_one()
            # XLA needs none of the other checks, which take longer than this.
            with EXACT:
                return one(tf.constant(images)).numpy()
        with own_settings():
            return many(tf.constant(images)).numpy()

    return predict


def _trace(function, shape: tuple, *, xla: bool):
    signature = [tf.TensorSpec(shape, tf.float32)]
    # A concrete function skips the lookup of the right trace.
    return tf.function(
        function, input_signature=signature, jit_compile=xla, autograph=False
    ).get_concrete_function()


class Trainer:
    """Trains by a plan: many steps in one graph, data resident."""

    def __init__(
        self,
        model: keras.Model,
        plan: engine.Plan,
        batch_size: int,
        group: Group | None = None,
    ):
        self._strategy: Any = (group or join_devices(1)).handle
        self._batch_size = batch_size
        self._steps = Steps(model, plan, batch_size, self._strategy)

    def load(self, images: np.ndarray, targets: np.ndarray) -> None:
        """Takes an epoch's data to the devices and sets the sums to 0."""
        self._data = self._share_out(images, targets, self._batch_size)
        self._count = len(images)
        self._steps.begin()

    def step(self, first: int, last: int, seed: int) -> None:
        """Trains on the batches from `first` to before `last`."""
        with self._strategy.scope():
            self._steps.run(*self._data, self._count, first, last, seed)

    def loss(self) -> float:
        """Sums the losses since `load`; waits for the steps."""
        return float(self._steps.loss.numpy())

    def finish(self) -> tuple[float, int]:
        """Writes the variables back; sums losses and hits since `load`."""
        self._steps.write_back()
        return self.loss(), int(self._steps.right.numpy())

    def evaluate(
        self, images: np.ndarray, targets: np.ndarray
    ) -> tuple[float, int]:
        """Sums the losses and counts the hits of one batch."""
        data = self._share_out(images, targets, len(images))
        self._steps.take_over()
        with self._strategy.scope():
            loss, right = self._steps.score(*data)
        return float(loss), int(right)

    def _share_out(self, images, targets, size: int) -> list[Any]:
        arrays = images, targets
        return [share_out(self._strategy, each, size) for each in arrays]
