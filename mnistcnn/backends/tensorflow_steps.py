"""TensorFlow: an epoch's steps as one graph, on one device or several."""

import gc
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import keras
import tensorflow as tf

from mnistcnn.backends import plans as engine
from mnistcnn.backends import tensorflow_devices as devices
from mnistcnn.backends.tensorflow_operations import compute_logits, sum_up
from mnistcnn.backends.threads import count_parts


class Steps:
    """A trainer's computation, with copies of the variables on each device.

    Args:
        model: compiled, its optimizer built.
        plan: of that model.
        batch_size: images per step, of all devices.
        strategy: of a group.
    """

    def __init__(
        self, model: keras.Model, plan: engine.Plan, batch_size: int, strategy
    ):
        # A graph has reference cycles, 5 MiB, which Python would collect late,
        # after ten trainings.
        gc.collect()
        self._model = model
        self._plan = plan
        self._batch_size = batch_size
        self._strategy = strategy
        replicas = devices.count_replicas(strategy)
        on_gpu = "GPU" in strategy.extended.worker_devices[0]
        images = 0 if on_gpu else batch_size // replicas
        self._parts = max(1, count_parts(images) // replicas)
        kinds = ("uint8", model.input_shape), ("float32", model.output_shape)
        # Signatures with open sizes, so that one trace serves all data.
        data = [
            [tf.TensorSpec((None, None, *shape[1:]), kind)] * replicas
            for kind, shape in kinds
        ]
        numbers = [tf.TensorSpec((), tf.int32)] * 4
        with strategy.scope():
            self._variables = _copy_variables(model)
            self._trained = [v for v in self._variables if v.trainable]
            self._own = own = model.optimizer
            self._optimizer = type(own).from_config(own.get_config())
            self._optimizer.build(self._trained)
            # We sum ourselves: TensorFlow would keep the gradient of Keras'
            # sum, and the graph of the steps, forever.
            self._optimizer._all_reduce_sum_gradients = list
            self.loss = tf.Variable(tf.constant(0.0))
            self.right = tf.Variable(tf.constant(0))
        self.run = _trace(self._run_steps, *data, *numbers)
        self.score = _trace(self._score_batch, *data)

    def begin(self) -> None:
        """Copies the model's variables and sets the sums to 0."""
        self.take_over()
        self.loss.assign(0.0)
        self.right.assign(0)

    def take_over(self) -> None:
        """Copies the model's values to the copies."""
        for copy, variable in self._pair():
            copy.assign(variable.value)

    def write_back(self) -> None:
        """Writes the copies' values to the model."""
        for copy, variable in self._pair():
            variable.assign(copy.numpy())

    def _pair(self) -> Iterator[tuple[Any, Any]]:
        """Yields each copy with its original variable."""
        own = engine.list_weights(self._model)
        yield from zip(self._variables, own, strict=True)
        own = self._own.variables
        yield from zip(self._optimizer.variables, own, strict=True)

    def _run_steps(self, images, targets, count, first, last, seed):
        strategy = self._strategy
        size, places = devices.find_places(strategy, self._batch_size)
        step = partial(self._differentiate, size)
        for i in tf.range(first, last):
            n = tf.minimum(self._batch_size, count - i * self._batch_size)
            parts = devices.take(strategy, (images, targets), i)
            draw = tf.stack([seed, i]), places, tf.cast(n, tf.float32)
            *gradients, loss, right = strategy.run(step, args=(*parts, *draw))
            sums = devices.add_gradients(strategy, gradients, self._trained)
            strategy.run(self._optimizer.apply, args=(sums, self._trained))
            loss, right = devices.add_up(strategy, (loss, right))
            self.loss.assign_add(loss)
            self.right.assign_add(right)

    def _differentiate(self, size: int, x, y, seed, position, n):
        """Computes the replica's share of the gradients, losses and hits."""
        weights = [variable.value for variable in self._variables]
        trained = [v.value for v in self._trained]

        def differentiate(x, y, begin):
            draw = seed, position + begin
            with tf.GradientTape() as tape:
                logits = compute_logits(self._plan, weights, x, draw)
                loss, right = sum_up(logits, y)
                mean = loss / n
            return *tape.gradient(mean, trained), loss, right

        # With sizes known in tracing, since open ones make a step slower.
        return self._sum_parts(differentiate, x, y, size)

    def _sum_parts(self, compute: Callable[..., Any], x, y, images: Any):
        """Sums the results for parts of the images, computed in parallel."""
        size = -(-images // self._parts)
        found = []
        for begin in (number * size for number in range(self._parts)):
            part = slice(begin, begin + size)
            found.append(compute(x[part], y[part], begin))
        return [tf.add_n(each) for each in zip(*found, strict=True)]

    def _score_batch(self, *arrays):
        weights = [variable.value for variable in self._variables]

        def score_part(x, y, begin):
            logits = compute_logits(self._plan.exact, weights, x, None)
            return sum_up(logits, y)

        def score(x, y):
            return self._sum_parts(score_part, x, y, tf.shape(x)[0])

        parts = devices.take(self._strategy, arrays, 0)
        sums = self._strategy.run(score, args=tuple(parts))
        return devices.add_up(self._strategy, sums)


def _trace(compute: Callable[..., Any], *signature: Any) -> Any:
    # A concrete function: TensorFlow warns of any other that is traced for the
    # fifth time, though each training has its own graph. At its first call,
    # since the first step's time is reported with its tracing.
    trace = cache(tf.function(compute, signature).get_concrete_function)
    return lambda *data: trace()(*data)


def _copy_variables(model: keras.Model) -> list[Any]:
    """Copies the weights that a plan's indices refer to, frozen or not."""
    kind: Any = keras.Variable
    return [
        kind(v.numpy(), trainable=v.trainable, dtype=v.dtype, name=v.name)
        for v in engine.list_weights(model)
    ]
