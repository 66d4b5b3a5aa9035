"""JAX: the operations of a plan."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from mnistcnn.backends import plans as engine
from mnistcnn.backends.jax_products import ACTIVATIONS, pool_product


def compute_logits(plan: engine.Plan, weights, x, keys):
    """Computes logits from raw pixels.

    Args:
        plan: of a model.
        weights: its variables' values, by their index.
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


def sum_up(logits, targets):
    """Sums the losses and counts the hits; padding, of target 0, is neither."""
    losses = -(targets * jax.nn.log_softmax(logits)).sum(axis=1)
    same = logits.argmax(axis=1) == targets.argmax(axis=1)
    return losses.sum(), (same & targets.any(axis=1)).sum()


def _drop(x, rate: float, keys, index: int):
    # 16 random bits per value: half the work of 32, and exact to 1e-5.
    def draw(key):
        key = jax.random.fold_in(key, index)
        return jax.random.bits(key, x.shape[1:], jnp.uint16)

    kept = jax.vmap(draw)(keys) >= round(rate * 65536)
    return jnp.where(kept, x / (1 - rate), 0)


def _convolve(operation: engine.Convolve, weights, x, precision: str):
    """Computes a convolution block, as a matrix product.

    XLA's CPU backend runs the gradients of a convolution inside a loop as naive
    scalar code (jax issue 12868); matrix products are fast everywhere. With few
    channels, one product computes all outputs of a pooling window from the
    patch under the window; with many, that would multiply too many zeros.
    """
    x = x[:, : operation.crop[0], : operation.crop[1]]
    kernel, bias = weights[operation.kernel], weights[operation.bias]
    pool, (size, _, channels, _) = operation.pool, kernel.shape
    cut, matrix = (size, 1), kernel
    if pool > 1 and channels <= 2:
        more = pool - 1
        cut, none = (size + more, pool), (0, 0)
        # Each of the window's outputs sees a shifted kernel.
        kernels = [
            jnp.pad(kernel, ((i, more - i), (j, more - j), none, none))
            for i, j in np.ndindex(pool, pool)
        ]
        matrix = jnp.concatenate(kernels, axis=3)
    matrix = matrix.reshape(-1, matrix.shape[3])
    how = pool, operation.activation, precision
    found: Any = pool_product(x, matrix, bias, cut, *how)
    return found
