"""The network and its loop, written like JAX's own examples."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.example_libraries import optimizers

from peers.jax_convolutions import DROPOUT

RATE = 1e-3

_LAYOUT = ("NHWC", "HWIO", "NHWC")
start, update, get_weights = optimizers.adam(RATE, eps=1e-7)


def make_plain_loop(call, weights, others, images, labels, batch_size: int):
    """Makes a loop of one step per batch.

    `call` returns the logits and the updated `others`.
    """
    images = jnp.asarray(images[..., None])
    labels = jnp.asarray(labels, jnp.int32)

    @jax.jit
    def step(number, state, others, totals, chosen):
        def mean_loss(weights):
            x = images[chosen].astype(jnp.float32)
            logits, later = call(weights, others, x)
            loss, sums = summarize_losses(logits, labels[chosen])
            return loss, (sums, later)

        weights = get_weights(state)
        (_, (sums, later)), gradients = jax.value_and_grad(
            mean_loss, has_aux=True
        )(weights)
        return update(number, gradients, state), later, totals + sums

    state, number = start([jnp.asarray(w) for w in weights]), 0

    def run(order):
        nonlocal state, others, number
        totals = jnp.zeros(2)
        for chosen in np.asarray(order, np.int32).reshape(-1, batch_size):
            state, others, totals = step(number, state, others, totals, chosen)
            number += 1
        return to_means(totals, len(order))

    return run


def plain_logits(weights, x, key):
    """Turns `(n, 28, 28, 1)` float32, 0..1, to `(n, 10)` logits."""
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


def summarize_losses(logits, labels):
    """Returns the mean loss; the sum of losses and the number correct."""
    losses = -jnp.take_along_axis(
        jax.nn.log_softmax(logits), labels[:, None], axis=1
    )
    hits = (logits.argmax(axis=1) == labels).sum()
    return losses.mean(), jnp.stack([losses.sum(), hits.astype(jnp.float32)])


def to_means(totals, n: int) -> tuple[float, float]:
    """Waits for the sums of n images; returns mean loss and accuracy."""
    loss, right = np.asarray(totals) / n
    return float(loss), float(right)
