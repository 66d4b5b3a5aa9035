"""The network in plain JAX: no Keras, none of the library's code.

`plain` is what JAX's own examples write: a convolution, a reduce_window, one
jitted step a batch. `best` is the fastest that we can write by hand for a
CPU: both convolutions as matrix products with gradients of our own.
"""

import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.example_libraries import optimizers

from peers.jax_convolutions import DROPOUT, apply_network, to_squares

RATE = 1e-3
STEPS_A_CALL = 20
MAX_CHUNK = 50

_LAYOUT = ("NHWC", "HWIO", "NHWC")
_start, _update, _get_weights = optimizers.adam(RATE, eps=1e-7)


def make_plain(weights, images, labels, batch_size: int):
    """Makes a loop as the examples have it, with the data on the device."""
    images = jnp.asarray(images[..., None])
    labels = jnp.asarray(labels, jnp.int32)

    @jax.jit
    def step(number, state, totals, key, chosen):
        def mean_loss(weights):
            x = images[chosen].astype(jnp.float32) / 255
            logits = _plain_logits(weights, x, jax.random.fold_in(key, number))
            return _score(logits, labels[chosen])

        weights = _get_weights(state)
        (_, sums), gradients = jax.value_and_grad(mean_loss, has_aux=True)(
            weights
        )
        return _update(number, gradients, state), totals + sums

    state, number = _start([jnp.asarray(w) for w in weights]), 0
    key = jax.random.key(0)

    def run(order):
        nonlocal state, number
        totals = jnp.zeros(2)
        for chosen in np.asarray(order, np.int32).reshape(-1, batch_size):
            state, totals = step(number, state, totals, key, chosen)
            number += 1
        return _means(totals, len(order))

    return run


def make_best(weights, images, labels, batch_size: int):
    """Makes a loop with every lever that we know.

    Many steps a call; the batch in parts that stay in the caches, their
    gradients averaged; pixels that no output needs dropped and the others
    stored in squares of four, so that the first convolution and its pooling
    are one small product.
    """
    labels = jnp.asarray(labels, jnp.int32)
    step = _make_best_step(to_squares(images), labels, batch_size)

    @jax.jit
    def steps(state, totals, order, key, first, last):
        return lax.fori_loop(
            first,
            last,
            lambda number, carry: step(number, carry, order, first, key),
            (state, totals),
        )

    state, number = _start([jnp.asarray(w) for w in weights]), 0
    key = jax.random.key(0)

    def run(order):
        nonlocal state, number
        totals = jnp.zeros(2)
        size = STEPS_A_CALL * batch_size
        for begin in range(0, len(order), size):
            part = np.asarray(order[begin : begin + size], np.int32)
            count = len(part) // batch_size
            part = np.pad(part, (0, size - len(part)))
            state, totals = steps(
                state, totals, part, key, number, number + count
            )
            number += count
        return _means(totals, len(order))

    return run


def _make_best_step(squares, labels, batch_size: int):
    """Makes a batch's update, its gradients summed over cached parts."""
    parts = next(
        n
        for n in range(1, batch_size + 1)
        if batch_size % n == 0 and batch_size // n <= MAX_CHUNK
    )

    def step(number, carry, order, first, key):
        state, totals = carry
        weights = _get_weights(state)
        offset = (number - first) * batch_size
        chosen = lax.dynamic_slice(order, (offset,), (batch_size,))
        key = jax.random.fold_in(key, number)

        def add_part(sums, part):
            indices, index = part

            def mean_loss(weights):
                x = squares[indices].astype(jnp.float32) / 255
                logits = apply_network(
                    weights, x, jax.random.fold_in(key, index)
                )
                return _score(logits, labels[indices])

            (_, right), gradients = jax.value_and_grad(mean_loss, has_aux=True)(
                weights
            )
            added = jax.tree.map(jnp.add, sums, (gradients, right))
            return added, None

        zeros = (jax.tree.map(jnp.zeros_like, weights), jnp.zeros(2))
        divided = chosen.reshape(parts, -1), jnp.arange(parts)
        if parts == 1:
            sums, _ = add_part(zeros, (chosen, 0))
        else:
            sums, _ = lax.scan(add_part, zeros, divided)
        gradients = jax.tree.map(lambda g: g / parts, sums[0])
        return _update(number, gradients, state), totals + sums[1]

    return step


def make_forward(weights):
    """Makes the way from `(n, 28, 28)` uint8 to `(n, 10)` probabilities."""
    weights = [jnp.asarray(w) for w in weights]

    @jax.jit
    def forward(images):
        x = images[..., None].astype(jnp.float32) / 255
        return jax.nn.softmax(_plain_logits(weights, x, None))

    return lambda images: np.asarray(forward(images))


def multiply_matrices(size: int, seconds: float) -> float:
    """Measures GFLOP/s of float32 products of matrices, the best of many."""
    a = jnp.ones((size, size), jnp.float32) / size
    product = jax.jit(lambda a: jnp.matmul(a, a, precision="highest"))
    product(a).block_until_ready()
    best, end = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        product(a).block_until_ready()
        best = min(best, time.perf_counter() - begin)
    return 2 * size**3 / best / 1e9


# === The network as it reads ===


def _plain_logits(weights, x, key):
    for kernel, bias in (weights[0:2], weights[2:4]):
        x = lax.conv_general_dilated(
            x, kernel, (1, 1), "VALID", dimension_numbers=_LAYOUT
        )
        x = jax.nn.relu(x + bias)
        window = (1, 2, 2, 1)
        x = lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")
    x = x.reshape(len(x), -1)
    if key is not None:
        kept = jax.random.bernoulli(key, 1 - DROPOUT, x.shape)
        x = jnp.where(kept, x / (1 - DROPOUT), 0)
    return x @ weights[4] + weights[5]


def _score(logits, labels):
    """Returns the mean loss; the sum of losses and how many are right."""
    losses = -jnp.take_along_axis(
        jax.nn.log_softmax(logits), labels[:, None], axis=1
    )
    hits = (logits.argmax(axis=1) == labels).sum()
    return losses.mean(), jnp.stack([losses.sum(), hits.astype(jnp.float32)])


def _means(totals, n: int) -> tuple[float, float]:
    loss, right = np.asarray(totals) / n
    return float(loss), float(right)
