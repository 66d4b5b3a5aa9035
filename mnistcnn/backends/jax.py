"""JAX, a `Backend` as `contract.py` has it."""

import functools

import jax
import jax.numpy as jnp
import keras
import numpy as np

from mnistcnn.backends import plans as engine
from mnistcnn.backends.contract import Device, Predictor
from mnistcnn.backends.jax_operations import (
    compute_logits,
    cross_entropy,
    find_hits,
)
from mnistcnn.backends.places import cache_folder

VERSION: str = jax.__version__

# A new process would compile the same step again: 2 of the 4 s until the
# first steps are through. JAX_COMPILATION_CACHE_DIR names another folder,
# JAX_ENABLE_COMPILATION_CACHE=0 turns it off.
# Not in /tmp, where others could put programs of theirs.
_CACHE = cache_folder()
if jax.config.values["jax_compilation_cache_dir"] is None and _CACHE:
    jax.config.update("jax_compilation_cache_dir", str(_CACHE / "jax"))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)

# XLA's CPU backend converts at each step: a threefold loss.
BFLOAT16_PAYS_ON_CPU: bool = False

# On a CPU, the batch goes through in parts that stay in the caches: as one
# piece, each step unmaps and maps the memory of its patches again.
_MOST_IMAGES_A_PART = 50


def describe_device() -> Device:
    """Describes JAX' first device: a CPU, a GPU or a TPU."""
    device = jax.devices()[0]
    return {
        "kind": device.platform,
        "name": device.device_kind,
        "count": jax.device_count(),
    }


def peak_device_bytes() -> int | None:
    """Asks the device's allocator; a CPU's does not count."""
    stats = jax.devices()[0].memory_stats() or {}
    return stats.get("peak_bytes_in_use")


def seed_epoch(seed: int, epoch: int) -> None:
    """Does nothing: Keras' seed generators hold all of the state."""


def make_predictor(model: keras.Model) -> Predictor:
    """Compiles the model for pictures that come one or a few at a time."""

    @jax.jit
    def forward(trainable, other, images):
        return model.stateless_call(trainable, other, images, training=False)[0]

    def predict(images: np.ndarray) -> np.ndarray:
        trainable = [v.value for v in model.trainable_variables]
        other = [v.value for v in model.non_trainable_variables]
        return np.asarray(forward(trainable, other, images))

    return predict


class Trainer:
    """Trains by a plan: many steps in one compiled call, data resident."""

    def __init__(self, model: keras.Model, plan: engine.Plan, batch_size: int):
        self._model = model
        self._plan = plan
        self._batch_size = batch_size

    def load(self, images: np.ndarray, targets: np.ndarray) -> None:
        """Takes an epoch's data to the device and sets the sums to 0."""
        # Compiled code has one batch size: the last batch is filled up with
        # images of no class, which count for nothing; and so is the last
        # part of each batch.
        batches = -(-len(images) // self._batch_size)
        for axis, parts, size in (
            (0, batches, self._batch_size),
            (1, *self._divide_batch()),
        ):
            images = _divide(images, axis, parts, size)
            targets = _divide(targets, axis, parts, size)
        self._images = jnp.asarray(images)
        self._targets = jnp.asarray(targets)
        self._state = (
            [v.value for v in self._model.trainable_variables],
            [v.value for v in self._model.optimizer.variables],
            jnp.zeros(()),
            jnp.zeros((), jnp.int32),
        )

    def step(self, first: int, last: int, seed: int) -> None:
        """Trains on the batches from `first` to before `last`."""
        self._state = self._run(
            self._state, self._images, self._targets, first, last, seed
        )

    def loss(self) -> float:
        """Sums the losses since `load`; waits for the steps."""
        return float(self._state[2])

    def finish(self) -> tuple[float, int]:
        """Writes the variables back; sums losses and hits since `load`."""
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

    def evaluate(
        self, images: np.ndarray, targets: np.ndarray
    ) -> tuple[float, int]:
        """Sums the losses and counts the hits of one batch."""
        weights = [v.value for v in self._model.trainable_variables]
        loss, right = self._score(weights, images, targets)
        return float(loss), int(right)

    def _divide_batch(self) -> tuple[int, int]:
        """Counts the parts that a batch goes into, and the images of each."""
        if jax.default_backend() != "cpu":
            return 1, self._batch_size
        parts = -(-self._batch_size // _MOST_IMAGES_A_PART)
        return parts, -(-self._batch_size // parts)

    @functools.partial(jax.jit, static_argnums=0, donate_argnums=1)
    def _run(self, state, images, targets, first, last, seed):
        optimizer = self._model.optimizer
        key = jax.random.key(seed)

        def step(i, state):
            weights, slots, loss, right = state
            batch = jax.random.fold_in(key, i)

            def add_part(sums, part):
                index, x, y = part

                def sum_losses(weights):
                    dropout = jax.random.fold_in(batch, index)
                    logits = compute_logits(self._plan, weights, x, dropout)
                    hits = find_hits(logits, y)
                    return cross_entropy(logits, y).sum(), hits.sum()

                (loss, hits), gradients = jax.value_and_grad(
                    sum_losses, has_aux=True
                )(weights)
                part = (gradients, loss, hits)
                return jax.tree.map(jnp.add, sums, part), None

            zeros = jax.tree.map(jnp.zeros_like, (weights, loss, right))
            parts = jnp.arange(images.shape[1]), images[i], targets[i]
            (gradients, added, hits), _ = jax.lax.scan(add_part, zeros, parts)
            n = targets[i].any(axis=-1).sum()
            weights, slots = optimizer.stateless_apply(
                slots, [gradient / n for gradient in gradients], weights
            )
            return weights, slots, loss + added, right + hits

        return jax.lax.fori_loop(first, last, step, state)

    @functools.partial(jax.jit, static_argnums=0)
    def _score(self, weights, images, targets):
        logits = compute_logits(self._plan.exact, weights, images, None)
        hits = find_hits(logits, targets)
        return cross_entropy(logits, targets).sum(), hits.sum()


def _divide(array: np.ndarray, axis: int, parts: int, size: int):
    """Makes one axis two, `(parts, size)`, filled up with 0 at its end."""
    missing = parts * size - array.shape[axis]
    widths = [(0, 0)] * array.ndim
    widths[axis] = (0, missing)
    array = np.pad(array, widths)
    shape = array.shape
    return array.reshape(*shape[:axis], parts, size, *shape[axis + 1 :])
