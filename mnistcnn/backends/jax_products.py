"""JAX: a plan's matrix products, with gradients optimized for a CPU."""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

ACTIVATIONS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "linear": lambda x: x,
    # Not jnp.maximum: its gradient at 0, where the background is, is 0.5.
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
}


def _patches(x, size, stride):
    """Cuts patches: `(n, rows, columns, size * size * channels)`."""
    last = [(n - size) // stride * stride for n in x.shape[1:3]]
    parts = [
        x[:, i : i + last[0] + 1 : stride, j : j + last[1] + 1 : stride]
        for i, j in np.ndindex(size, size)
    ]
    return jnp.concatenate(parts, axis=3)


def _multiply(x, matrix, cut, precision):
    """Computes `patches of x @ matrix`, and the residuals for its gradients.

    With bfloat16 inputs the sums are float32, as in a CPU's instructions (AMX:
    three times the rate of float32), which XLA uses only if the result is
    float32. Everything except the products is computed in float32.
    """
    patches = _patches(x.astype(precision), *cut)
    matrix = matrix.astype(precision)
    product = jnp.matmul(patches, matrix, preferred_element_type=jnp.float32)
    return product, (patches, matrix, x.shape)


def _multiply_backward(cut, precision, kept, gradient):
    patches, matrix, shape = kept
    flat = gradient.reshape(-1, matrix.shape[1]).astype(precision)
    rows = patches.reshape(len(flat), -1)
    product = functools.partial(jnp.einsum, preferred_element_type=jnp.float32)
    # A transposed operand would be copied, number by number.
    back = product("rf,kf->rk", flat, matrix).reshape(patches.shape)
    # The gradients of overlapping patches are added up, in float32.
    given = jax.ShapeDtypeStruct(shape, jnp.float32)
    put_back = jax.linear_transpose(lambda x: _patches(x, *cut), given)
    if matrix.shape[0] < matrix.shape[1]:
        return *put_back(back), product("rk,rf->kf", rows, flat)
    # XLA transposes the first operand, so it is the smaller one; the second
    # transposition is hidden from XLA.
    weights = product("rf,rk->fk", flat, rows)
    return *put_back(back), jax.lax.optimization_barrier(weights).T


@functools.partial(jax.custom_vjp, nondiff_argnums=(3, 4, 5, 6))
def pool_product(x, matrix, bias, cut, pool, activation, precision):
    """Computes `activation(max over windows of (patches @ matrix) + bias)`.

    The outputs of a window lie side by side in the product's last axis, or as
    `pool` rows and columns. On ties the gradient goes to the first maximum, as
    in Keras' pooling. The gradient is written out, since it needs only a byte
    for each window, while autodiff keeps the whole product: 20 % of a step.

    Args:
        x: `(n, h, w, channels)` float32.
        matrix: `(k, filters)`, or `(k, pool * pool * filters)`, float32.
        bias: `(filters,)` float32.
        cut: the patches' size and stride.
        pool: the window's side; 1 for none.
        activation: a name in `ACTIVATIONS`.
        precision: of the products' inputs, also for the gradients.
    """
    how = cut, pool, activation, precision
    return _pool_forward(x, matrix, bias, *how)[0]


def _pool_forward(x, matrix, bias, cut, pool, activation, precision):
    product, kept = _multiply(x, matrix, cut, precision)
    if len(bias) < matrix.shape[1]:
        parts = jnp.split(product, pool * pool, axis=3)
    else:
        windows = np.ndindex(pool, pool)
        parts = [product[:, i::pool, j::pool] for i, j in windows]
    best, winner = parts[0], jnp.zeros(parts[0].shape, jnp.uint8)
    for index, part in enumerate(parts[1:], start=1):
        winner = jnp.where(part > best, jnp.uint8(index), winner)
        best = jnp.maximum(part, best)
    best = best + bias
    return ACTIVATIONS[activation](best), (kept, best, winner)


def _pool_backward(cut, pool, activation, precision, kept, gradient):
    kept, best, winner = kept
    _, pull = jax.vjp(ACTIVATIONS[activation], best)
    (gradient,) = pull(gradient)
    low = gradient.astype(precision)
    parts = [jnp.where(winner == i, low, 0) for i in range(pool * pool)]
    if gradient.shape[3] < kept[1].shape[1]:
        spread = jnp.concatenate(parts, axis=3)
    else:
        rows = [parts[i : i + pool] for i in range(0, len(parts), pool)]
        spread = jnp.stack([jnp.stack(row, axis=3) for row in rows], axis=2)
    products = _multiply_backward(cut, precision, kept, spread)
    return *products, gradient.sum((0, 1, 2))


pool_product.defvjp(_pool_forward, _pool_backward)
