"""JAX: the operations of a plan."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from mnistcnn.backends import plans as engine
from mnistcnn.backends.jax_products import (
    ACTIVATIONS,
    multiply,
    pool_product,
)


def compute_logits(
    plan: engine.Plan,
    weights: Sequence[jax.Array],
    x: jax.Array,
    keys: jax.Array | None,
) -> jax.Array:
    """Computes logits from raw pixels.

    Args:
        plan: of a model.
        weights: the model's trainable variables.
        x: `(n, h, w, channels)`, any type.
        keys: of each image's dropout, `(n,)`; `None` for no dropout.

    Returns:
        `(n, classes)` float32.
    """
    for index, operation in enumerate(plan.operations):
        match operation:
            case engine.Scale():
                x = x.astype(jnp.float32) * operation.scale + operation.offset
            case engine.Convolve():
                x = _convolve(operation, weights, x, plan.precision)
            case engine.Flatten():
                x = x.reshape(len(x), -1)
            case engine.Dropout() if keys is not None:
                x = _drop(x, operation.rate, keys, index)
            case engine.Dense():
                x = x @ weights[operation.kernel] + weights[operation.bias]
                if operation.activation in ACTIVATIONS:
                    x = ACTIVATIONS[operation.activation](x)
    return x


def cross_entropy(logits: jax.Array, targets: jax.Array) -> jax.Array:
    """Computes the losses, `(n,)`, of logits and targets `(n, classes)`."""
    return -(targets * jax.nn.log_softmax(logits)).sum(axis=1)


def find_hits(logits: jax.Array, targets: jax.Array) -> jax.Array:
    """Finds which are right, `(n,)`; where the target is all 0, none is."""
    same = logits.argmax(axis=1) == targets.argmax(axis=1)
    return same & targets.any(axis=1)


def _drop(x, rate: float, keys, index: int):
    # 16 random bits a value: half the work of 32, and exact to 1e-5.
    def draw(key):
        key = jax.random.fold_in(key, index)
        return jax.random.bits(key, x.shape[1:], jnp.uint16)

    kept = jax.vmap(draw)(keys) >= round(rate * 65536)
    return jnp.where(kept, x / (1 - rate), 0)


def _convolve(
    operation: engine.Convolve,
    weights: Sequence[jax.Array],
    x: jax.Array,
    precision: str,
) -> jax.Array:
    """Computes a convolution block, as a matrix product.

    XLA's CPU backend runs the gradients of a convolution inside a loop as
    naive scalar code (jax issue 12868); products are fast everywhere. With
    few channels, a product makes all outputs of a pooling window from the
    patch under the window; with many, that would multiply too many zeros.
    """
    x = x[:, : operation.crop[0], : operation.crop[1]]
    kernel, bias = weights[operation.kernel], weights[operation.bias]
    pool, (size, _, channels, filters) = operation.pool, kernel.shape
    cut = size, 1
    matrix = kernel.reshape(-1, filters)
    if pool == 1:
        product: Any = multiply(x, matrix, cut, precision)
        return ACTIVATIONS[operation.activation](product + bias)
    if channels * size <= 2 * size:
        cut = size + pool - 1, pool
        # Each of the window's outputs sees a shifted kernel.
        kernels = [
            jnp.pad(
                kernel,
                ((i, pool - 1 - i), (j, pool - 1 - j), (0, 0), (0, 0)),
            )
            for i in range(pool)
            for j in range(pool)
        ]
        matrix = jnp.concatenate(kernels, axis=3).reshape(
            -1, pool * pool * filters
        )
    how = pool, operation.activation, precision
    return pool_product(x, matrix, bias, cut, *how)
