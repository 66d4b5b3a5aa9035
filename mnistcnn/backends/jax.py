"""JAX: what the library asks of it beyond Keras."""

import functools
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import platformdirs

from mnistcnn.backends import plans as engine
from mnistcnn.backends.jax_operations import (
    compute_logits,
    cross_entropy,
    find_hits,
)

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

# On a CPU, the batch goes through in parts that stay in the caches: as one
# piece, each step unmaps and maps the memory of its patches again.
_MOST_IMAGES_A_PART = 50


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

    def load(self, images: np.ndarray, targets: np.ndarray) -> None:
        """Takes an epoch's data.

        Args:
            images: `(n, h, w, 1)` uint8.
            targets: `(n, classes)` float32, probabilities.
        """
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

    def evaluate(self, images: np.ndarray, targets) -> tuple[float, int]:
        """The sum of losses and how many are right, in one batch."""
        weights = [v.value for v in self._model.trainable_variables]
        return self._score(weights, images, targets)

    def _divide_batch(self) -> tuple[int, int]:
        """Into how many parts a batch goes, and the images in each."""
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
    """One axis into two, `(parts, size)`, filled up with 0 at its end."""
    missing = parts * size - array.shape[axis]
    widths = [(0, 0)] * array.ndim
    widths[axis] = (0, missing)
    array = np.pad(array, widths)
    shape = array.shape
    return array.reshape(*shape[:axis], parts, size, *shape[axis + 1 :])
