"""JAX: what the library asks of it beyond Keras."""

import functools
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import platformdirs

from mnistcnn import engine

VERSION = jax.__version__

# A new process would compile the same step again: 2 of the 4 s until the
# first steps are through. JAX_COMPILATION_CACHE_DIR names another folder,
# JAX_ENABLE_COMPILATION_CACHE=0 turns it off.
if jax.config.jax_compilation_cache_dir is None:
    _CACHE = Path(platformdirs.user_cache_dir("mnistcnn")) / "jax"
    jax.config.update("jax_compilation_cache_dir", str(_CACHE))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)

# XLA's CPU backend converts at each step: a threefold loss.
BFLOAT16_PAYS_ON_CPU = False

_ACTIVATIONS = {
    "linear": lambda x: x,
    # Not jnp.maximum: its gradient at 0, where the background is, is 0.5.
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
}


def describe_device() -> dict:
    """The device that Keras runs on: `kind`, `name` and `count`."""
    device = jax.devices()[0]
    return {
        "kind": device.platform,
        "name": device.device_kind,
        "count": jax.device_count(),
    }


def peak_device_bytes() -> int | None:
    """The most memory used on the device so far, or `None` on a CPU."""
    stats = jax.devices()[0].memory_stats() or {}
    return stats.get("peak_bytes_in_use")


def seed_epoch(seed: int, epoch: int) -> None:
    """Nothing to do: Keras' seed generators hold all of JAX's state."""


def make_predictor(model):
    """Compiles the model for pictures that come one or a few at a time.

    Args:
        model: a Keras model, `(n, 28, 28, 1)` to `(n, classes)`.

    Returns:
        A function from `(n, 28, 28, 1)` float32 to `(n, classes)` float32
        NumPy probabilities. It sees later changes of the weights.
    """

    @jax.jit
    def forward(trainable, other, images):
        outputs, _ = model.stateless_call(
            trainable, other, images, training=False
        )
        return outputs

    def predict(images: np.ndarray) -> np.ndarray:
        trainable = [v.value for v in model.trainable_variables]
        other = [v.value for v in model.non_trainable_variables]
        return np.asarray(forward(trainable, other, images))

    return predict


class Trainer:
    """Trains by a plan: many steps in one compiled call, data resident.

    Args:
        model: compiled, its optimizer built.
        plan: of that model.
        batch_size: images a step.
    """

    def __init__(self, model, plan: engine.Plan, batch_size: int):
        self._model = model
        self._plan = plan
        self._batch_size = batch_size

    def load(self, images: np.ndarray, labels: np.ndarray) -> None:
        """Takes an epoch's data: `(n, h, w, 1)` uint8 and `(n,)` integers."""
        # Compiled code has one batch size: the last batch is filled up with
        # images of the class -1, which count for nothing.
        batches = -(-len(images) // self._batch_size)
        shape = (batches, self._batch_size)
        missing = batches * self._batch_size - len(images)
        images = np.pad(images, [(0, missing), (0, 0), (0, 0), (0, 0)])
        labels = np.pad(labels.astype(np.int32), (0, missing))
        labels[len(labels) - missing :] = -1
        self._images = jnp.asarray(images.reshape(*shape, *images.shape[1:]))
        self._labels = jnp.asarray(labels.reshape(shape))
        self._state = (
            [v.value for v in self._model.trainable_variables],
            [v.value for v in self._model.optimizer.variables],
            jnp.zeros(()),
            jnp.zeros((), jnp.int32),
        )

    def step(self, first: int, last: int, seed: int) -> None:
        """Trains on the batches from `first` to before `last`."""
        self._state = self._run(
            self._state, self._images, self._labels, first, last, seed
        )

    def loss(self) -> float:
        """The sum of losses since `load`; waits for the steps to be done."""
        return float(self._state[2])

    def finish(self) -> tuple[float, int]:
        """Writes the variables back; the sum of losses, how many right."""
        weights, slots, loss, right = self._state
        del self._state
        model = self._model
        for variable, value in zip(
            [*model.trainable_variables, *model.optimizer.variables],
            [*weights, *slots],
            strict=True,
        ):
            variable.assign(value)
        return float(loss), int(right)

    def evaluate(self, images: np.ndarray, labels) -> tuple[float, int]:
        """The sum of losses and how many are right, in one batch."""
        weights = [v.value for v in self._model.trainable_variables]
        return self._score(weights, images, jnp.asarray(labels, jnp.int32))

    @functools.partial(jax.jit, static_argnums=0, donate_argnums=1)
    def _run(self, state, images, labels, first, last, seed):
        optimizer = self._model.optimizer
        key = jax.random.key(seed)

        def step(i, state):
            weights, slots, loss, right = state
            x, y = images[i], labels[i]
            known = y >= 0

            def mean_loss(weights):
                dropout = jax.random.fold_in(key, i)
                logits = _forward(self._plan, weights, x, dropout)
                losses = _cross_entropy(logits, y) * known
                return losses.sum() / known.sum(), (losses.sum(), logits)

            (_, (summed, logits)), gradients = jax.value_and_grad(
                mean_loss, has_aux=True
            )(weights)
            weights, slots = optimizer.stateless_apply(
                slots, gradients, weights
            )
            hits = (logits.argmax(axis=1) == y) & known
            return weights, slots, loss + summed, right + hits.sum()

        return jax.lax.fori_loop(first, last, step, state)

    @functools.partial(jax.jit, static_argnums=0)
    def _score(self, weights, images, labels):
        logits = _forward(self._plan.exact, weights, images, None)
        hits = (logits.argmax(axis=1) == labels).sum()
        return _cross_entropy(logits, labels).sum(), hits


# === Operations ===


def _forward(plan: engine.Plan, weights, x, key):
    """Raw pixels to logits; with a key, dropout is on."""
    for index, operation in enumerate(plan.operations):
        match operation:
            case engine.Scale():
                x = x.astype(jnp.float32) * operation.scale + operation.offset
            case engine.Convolve():
                x = _convolve(operation, weights, x.astype(plan.precision))
            case engine.Flatten():
                x = x.reshape(len(x), -1).astype(jnp.float32)
            case engine.Dropout() if key is not None:
                x = _drop(x, operation.rate, jax.random.fold_in(key, index))
            case engine.Dense():
                x = x @ weights[operation.kernel] + weights[operation.bias]
                if operation.activation in _ACTIVATIONS:
                    x = _ACTIVATIONS[operation.activation](x)
    return x


def _cross_entropy(logits, labels):
    chosen = jnp.take_along_axis(logits, labels[:, None], axis=1)[:, 0]
    return jax.nn.logsumexp(logits, axis=1) - chosen


def _drop(x, rate: float, key):
    # 16 random bits a value: half the work of 32, and exact to 1e-5.
    kept = jax.random.bits(key, x.shape, jnp.uint16) >= round(rate * 65536)
    return jnp.where(kept, x / (1 - rate), 0)


def _convolve(operation: engine.Convolve, weights, x):
    """A convolution block, as matrix products.

    XLA's CPU backend runs the gradients of a convolution inside a loop as
    naive scalar code (jax issue 12868); products are fast everywhere. With
    few channels, a product makes all outputs of a pooling window from the
    patch under the window; with many, that would multiply too many zeros.
    """
    x = x[:, : operation.crop[0], : operation.crop[1]]
    kernel, pool = weights[operation.kernel].astype(x.dtype), operation.pool
    size, _, channels, filters = kernel.shape
    if channels * size <= 2 * size:
        # Each of the window's outputs sees a shifted kernel.
        kernels = [
            jnp.pad(
                kernel,
                ((i, pool - 1 - i), (j, pool - 1 - j), (0, 0), (0, 0)),
            )
            for i in range(pool)
            for j in range(pool)
        ]
        patches = _patches(x, size + pool - 1, pool)
        matrix = jnp.concatenate(kernels, axis=3)
        product = patches @ matrix.reshape(-1, matrix.shape[3])
        outputs = jnp.split(product, pool * pool, axis=3)
    else:
        product = _patches(x, size, 1) @ kernel.reshape(-1, filters)
        outputs = [
            product[:, i::pool, j::pool]
            for i in range(pool)
            for j in range(pool)
        ]
    pooled = _maximum(tuple(outputs))
    bias = weights[operation.bias].astype(x.dtype)
    return _ACTIVATIONS[operation.activation](pooled + bias)


@jax.custom_vjp
def _maximum(arrays):
    """The maximum of arrays of one shape, place by place.

    Its gradient goes to the first of equals, as that of Keras' pooling, and
    keeps a byte a place instead of all the arrays.
    """
    return _find_maximum(arrays)[0]


def _find_maximum(arrays):
    best, winner = arrays[0], jnp.zeros(arrays[0].shape, jnp.uint8)
    for index, array in enumerate(arrays[1:], start=1):
        winner = jnp.where(array > best, jnp.uint8(index), winner)
        best = jnp.maximum(array, best)
    # Nones, so that the number is known when the gradient is traced.
    return best, (winner, (None,) * len(arrays))


def _spread_gradient(kept, gradient):
    winner, places = kept
    parts = (jnp.where(winner == i, gradient, 0) for i in range(len(places)))
    return (tuple(parts),)


_maximum.defvjp(_find_maximum, _spread_gradient)


def _patches(x, size: int, stride: int):
    """`(n, rows, columns, size * size * channels)`, one patch a place."""
    rows, columns = ((n - size) // stride + 1 for n in x.shape[1:3])
    parts = [
        x[
            :,
            i : i + stride * (rows - 1) + 1 : stride,
            j : j + stride * (columns - 1) + 1 : stride,
        ]
        for i in range(size)
        for j in range(size)
    ]
    return jnp.concatenate(parts, axis=3)
