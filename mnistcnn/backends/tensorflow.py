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
from mnistcnn.backends.groups import Devices, Group, divide
from mnistcnn.backends.tensorflow_devices import (
    count_replicas,
    first_replica,
    split,
)
from mnistcnn.backends.tensorflow_devices import join as join_devices
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


def join(devices: Devices) -> Group:
    """Makes a strategy of `tf.distribute`; `TF_CONFIG` names processes."""
    return join_devices(devices)


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


class Trainer:
    """Trains by a plan: many steps in one graph, data resident."""

    def __init__(
        self,
        model: keras.Model,
        plan: engine.Plan,
        batch_size: int,
        group: Group | None = None,
    ):
        group = group or join_devices(1)
        # A graph is a ring of objects, 5 MiB of them, which Python would come
        # to late: after ten trainings.
        gc.collect()
        self._model = model
        self._plan = plan
        self._batch_size = batch_size
        self._strategy = group.handle
        # Copies of the model's, on each device; written back by `finish`.
        with self._strategy.scope():
            self._variables = _copy_variables(model)
            self._trained = [v for v in self._variables if v.trainable]
            own = model.optimizer
            self._optimizer = type(own).from_config(own.get_config())
            self._optimizer.build(self._trained)
            # We sum: TensorFlow keeps the gradient of Keras' sum, and with it
            # the graph of the steps, for ever.
            self._optimizer._all_reduce_sum_gradients = list
            self._loss = tf.Variable(tf.constant(0.0))
            self._right = tf.Variable(tf.constant(0))
        number = tf.TensorSpec((), tf.int32)
        shapes = model.input_shape[1:], model.output_shape[1:]
        kinds = zip(shapes, (tf.uint8, tf.float32), strict=True)
        # Signatures with open sizes: one trace, whatever the data.
        data = [
            [tf.TensorSpec((None, None, *shape), kind)]
            * count_replicas(self._strategy)
            for shape, kind in kinds
        ]
        self._run = tf.function(
            self._run_steps, input_signature=[*data, *([number] * 4)]
        )
        self._score = tf.function(self._score_batch, input_signature=data)

    def load(self, images: np.ndarray, targets: np.ndarray) -> None:
        """Takes an epoch's data to the devices and sets the sums to 0."""
        self._data = [
            self._split(array, self._batch_size) for array in (images, targets)
        ]
        self._count = len(images)
        self._take_over()
        self._loss.assign(0.0)
        self._right.assign(0)

    def step(self, first: int, last: int, seed: int) -> None:
        """Trains on the batches from `first` to before `last`."""
        with self._strategy.scope():
            self._run(*self._data, self._count, first, last, seed)

    def loss(self) -> float:
        """Sums the losses since `load`; waits for the steps."""
        return float(self._loss.numpy())

    def finish(self) -> tuple[float, int]:
        """Writes the variables back; sums losses and hits since `load`."""
        for copy, variable in self._pair():
            variable.assign(copy.numpy())
        return float(self._loss.numpy()), int(self._right.numpy())

    def evaluate(
        self, images: np.ndarray, targets: np.ndarray
    ) -> tuple[float, int]:
        """Sums the losses and counts the hits of one batch."""
        data = [self._split(each, len(images)) for each in (images, targets)]
        self._take_over()
        with self._strategy.scope():
            loss, right = self._score(*data)
        return float(loss), int(right)

    def _split(self, array: np.ndarray, batch_size: int) -> list[tf.Tensor]:
        """Takes batches to the devices, a part each."""
        parts = divide(array, batch_size, self._strategy.num_replicas_in_sync)
        first, tensors = first_replica(self._strategy), []
        for index, device in enumerate(self._strategy.extended.worker_devices):
            with tf.device(device):
                tensors.append(tf.constant(parts[:, first + index]))
        return tensors

    def _pair(self) -> Iterator[tuple[Any, Any]]:
        """Each copy with the variable that it is of."""
        own = engine.list_weights(self._model)
        yield from zip(self._variables, own, strict=True)
        own = self._model.optimizer.variables
        yield from zip(self._optimizer.variables, own, strict=True)

    def _take_over(self) -> None:
        for copy, variable in self._pair():
            copy.assign(variable.value)

    def _run_steps(self, images, targets, count, first, last, seed):
        strategy = self._strategy
        sum_up = tf.distribute.ReduceOp.SUM
        size = -(-self._batch_size // strategy.num_replicas_in_sync)
        before = first_replica(strategy)
        places = split(strategy, lambda number: (before + number) * size)
        for i in tf.range(first, last):
            *gradients, loss, right = strategy.run(
                self._differentiate,
                args=(
                    split(strategy, lambda number, i=i: images[number][i]),
                    split(strategy, lambda number, i=i: targets[number][i]),
                    tf.stack([seed, i]),
                    places,
                ),
            )
            pairs = zip(gradients, self._trained, strict=True)
            gradients = strategy.extended.batch_reduce_to(
                sum_up, [(each, v.value) for each, v in pairs]
            )
            n = tf.minimum(self._batch_size, count - i * self._batch_size)
            strategy.run(self._apply, args=(gradients, n))
            self._loss.assign_add(strategy.reduce(sum_up, loss, None))
            self._right.assign_add(strategy.reduce(sum_up, right, None))

    def _differentiate(self, x, y, seed, position):
        """The gradients of a part's losses; their sum, and the hits."""
        weights = [variable.value for variable in self._variables]
        trained = [v.value for v in self._trained]
        with tf.GradientTape() as tape:
            logits = compute_logits(self._plan, weights, x, (seed, position))
            loss = tf.reduce_sum(cross_entropy(logits, y))
        return *tape.gradient(loss, trained), loss, count_right(logits, y)

    def _apply(self, gradients, n):
        n = tf.cast(n, tf.float32)
        self._optimizer.apply([g / n for g in gradients], self._trained)

    def _score_batch(self, images, targets):
        def score(x, y):
            weights = [variable.value for variable in self._variables]
            logits = compute_logits(self._plan.exact, weights, x, None)
            losses = cross_entropy(logits, y)
            return tf.reduce_sum(losses), count_right(logits, y)

        strategy = self._strategy
        parts = [
            split(strategy, lambda number, each=each: each[number][0])
            for each in (images, targets)
        ]
        return [
            strategy.reduce(tf.distribute.ReduceOp.SUM, value, None)
            for value in strategy.run(score, args=tuple(parts))
        ]


def _copy_variables(model: keras.Model) -> list[Any]:
    """Copies the weights that a plan's indices are of, frozen or not."""
    kind: Any = keras.Variable
    return [
        kind(v.numpy(), trainable=v.trainable, dtype=v.dtype, name=v.name)
        for v in engine.list_weights(model)
    ]
