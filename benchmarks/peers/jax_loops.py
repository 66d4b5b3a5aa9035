"""The network in plain JAX: no Keras, none of the library's code.

`plain` is written like JAX's own examples: a convolution, a reduce_window, one
jitted step per batch. `best` is the fastest that we can write by hand for a
CPU: both convolutions as matrix products with custom gradients.
"""

import time

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from peers.jax_convolutions import apply_network, to_squares
from peers.jax_plain import (
    get_weights,
    make_plain_loop,
    plain_logits,
    start,
    summarize_losses,
    to_means,
    update,
)

STEPS_A_CALL = 20
MAX_CHUNK = 50


def make_plain(weights, images, labels, batch_size: int):
    """Makes a loop as in the examples, with the data on the device."""
    key = jax.random.key(0)

    def logits(weights, number, x):
        key_of_step = jax.random.fold_in(key, number)
        return plain_logits(weights, x / 255, key_of_step), number + 1

    return make_plain_loop(logits, weights, 0, images, labels, batch_size)


def make_keras(model, images, labels, batch_size: int):
    """Makes the plain loop of a Keras model, by its stateless call."""

    def logits(weights, others, x):
        return model.stateless_call(weights, others, x, training=True)

    weights = [variable.value for variable in model.trainable_variables]
    others = [variable.value for variable in model.non_trainable_variables]
    return make_plain_loop(logits, weights, others, images, labels, batch_size)


def make_best(weights, images, labels, batch_size: int):
    """Makes a loop with every optimization that we know.

    Many steps per call; the batch in parts that fit into the caches, their
    gradients averaged; unused pixels dropped and the others stored in squares
    of four, so that the first convolution and its pooling are one small matrix
    product.
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

    state, number = start([jnp.asarray(w) for w in weights]), 0
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
        return to_means(totals, len(order))

    return run


def _make_best_step(squares, labels, batch_size: int):
    """Makes a batch's update, with gradients summed over its parts."""
    parts = next(
        n
        for n in range(1, batch_size + 1)
        if batch_size % n == 0 and batch_size // n <= MAX_CHUNK
    )

    def step(number, carry, order, first, key):
        state, totals = carry
        weights = get_weights(state)
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
                return summarize_losses(logits, labels[indices])

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
        return update(number, gradients, state), totals + sums[1]

    return step


def make_forward(weights):
    """Makes a function from `(n, 28, 28)` uint8 to `(n, 10)` probabilities."""
    weights = [jnp.asarray(w) for w in weights]

    @jax.jit
    def forward(images):
        x = images[..., None].astype(jnp.float32) / 255
        return jax.nn.softmax(plain_logits(weights, x, None))

    return lambda images: np.asarray(forward(images))


def multiply_matrices(size: int, seconds: float) -> float:
    """Measures GFLOP/s of float32 matrix products, the best of many."""
    a = jnp.ones((size, size), jnp.float32) / size
    product = jax.jit(lambda a: jnp.matmul(a, a, precision="highest"))
    product(a).block_until_ready()
    best, end = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        product(a).block_until_ready()
        best = min(best, time.perf_counter() - begin)
    return 2 * size**3 / best / 1e9
