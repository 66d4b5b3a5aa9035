"""JAX: the operations of a plan, with gradients made for a CPU."""

import functools
from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp

from mnistcnn.backends import plans as engine

_ACTIVATIONS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "linear": lambda x: x,
    # Not jnp.maximum: its gradient at 0, where the background is, is 0.5.
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
}


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
                x = _convolve(operation, weights, x.astype(plan.precision))
            case engine.Flatten():
                x = x.reshape(len(x), -1).astype(jnp.float32)
            case engine.Dropout() if keys is not None:
                x = _drop(x, operation.rate, keys, index)
            case engine.Dense():
                x = x @ weights[operation.kernel] + weights[operation.bias]
                if operation.activation in _ACTIVATIONS:
                    x = _ACTIVATIONS[operation.activation](x)
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
    operation: engine.Convolve, weights: Sequence[jax.Array], x: jax.Array
) -> jax.Array:
    """Computes a convolution block, as a matrix product.

    XLA's CPU backend runs the gradients of a convolution inside a loop as
    naive scalar code (jax issue 12868); products are fast everywhere. With
    few channels, a product makes all outputs of a pooling window from the
    patch under the window; with many, that would multiply too many zeros.
    """
    x = x[:, : operation.crop[0], : operation.crop[1]]
    kernel = weights[operation.kernel].astype(x.dtype)
    bias = weights[operation.bias].astype(x.dtype)
    pool, (size, _, channels, filters) = operation.pool, kernel.shape
    if pool == 1:
        product = _patches(x, size, 1) @ kernel.reshape(-1, filters)
        return _ACTIVATIONS[operation.activation](product + bias)
    if channels * size <= 2 * size:
        patches = _patches(x, size + pool - 1, pool)
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
    else:
        patches = _patches(x, size, 1)
        matrix = kernel.reshape(-1, filters)
    return _pool_product(patches, matrix, bias, pool, operation.activation)


def _patches(x, size: int, stride: int):
    """Cuts patches: `(n, rows, columns, size * size * channels)`."""
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


@functools.partial(jax.custom_vjp, nondiff_argnums=(3, 4))
def _pool_product(patches, matrix, bias, pool: int, activation: str):
    """Computes `activation(max over windows of (patches @ matrix) + bias)`.

    The outputs of a window lie side by side in the product's last axis, or
    as `pool` rows and columns. The gradient goes to the first of equals, as
    that of Keras' pooling. It is written out, since it needs a byte for each
    window where autodiff keeps the whole product: 20 % of a step.

    Args:
        patches: `(n, rows, columns, k)`.
        matrix: `(k, filters)`, or `(k, pool * pool * filters)`.
        bias: `(filters,)`.
        pool: the window's side.
        activation: a name in `_ACTIVATIONS`.
    """
    outputs, _ = _pool_forward(patches, matrix, bias, pool, activation)
    return outputs


def _pool_forward(patches, matrix, bias, pool, activation):
    product = patches @ matrix
    if len(bias) < matrix.shape[1]:
        parts = jnp.split(product, pool * pool, axis=3)
    else:
        parts = [
            product[:, i::pool, j::pool]
            for i in range(pool)
            for j in range(pool)
        ]
    best, winner = parts[0], jnp.zeros(parts[0].shape, jnp.uint8)
    for index, part in enumerate(parts[1:], start=1):
        winner = jnp.where(part > best, jnp.uint8(index), winner)
        best = jnp.maximum(part, best)
    best = best + bias
    return _ACTIVATIONS[activation](best), (patches, matrix, best, winner)


def _pool_backward(pool, activation, kept, gradient):
    patches, matrix, best, winner = kept
    _, pull = jax.vjp(_ACTIVATIONS[activation], best)
    (gradient,) = pull(gradient)
    parts = [jnp.where(winner == i, gradient, 0) for i in range(pool * pool)]
    if gradient.shape[3] < matrix.shape[1]:
        spread = jnp.concatenate(parts, axis=3)
    else:
        rows = [
            jnp.stack(parts[i : i + pool], axis=3)
            for i in range(0, pool * pool, pool)
        ]
        spread = jnp.stack(rows, axis=2)
    flat = spread.reshape(-1, matrix.shape[1])
    return (
        (flat @ matrix.T).reshape(patches.shape),
        patches.reshape(len(flat), -1).T @ flat,
        gradient.sum((0, 1, 2)),
    )


_pool_product.defvjp(_pool_forward, _pool_backward)
