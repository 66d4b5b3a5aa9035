"""The network's convolutions in plain JAX, as matrix products.

Autodiff of a convolution is slow on a CPU, where XLA runs it inside a loop
as naive code (jax issue 12868), and so is that of max pooling: these blocks
have custom gradients, which use the index of each window's maximum.
"""

import jax
import jax.numpy as jnp
import numpy as np

DROPOUT = 0.25


def to_squares(images):
    """Turns `(n, 28, 28)` to `(n, 13, 13, 4)`, without unused pixels."""
    squares = images[:, :26, :26].reshape(-1, 13, 2, 13, 2)
    squares = squares.transpose(0, 1, 3, 2, 4).reshape(-1, 13, 13, 4)
    return jnp.asarray(np.ascontiguousarray(squares))


def apply_network(weights, x, key):
    """Turns squares to `(n, 10)` logits, with dropout from a key."""
    x = first_block(x, *weights[0:2])
    x = second_block(x, *weights[2:4])
    x = x.reshape(len(x), -1)
    # 16 random bits per value are half the work of 32.
    bits = jax.random.bits(key, x.shape, jnp.uint16)
    x = jnp.where(bits >= round(DROPOUT * 65536), x / (1 - DROPOUT), 0)
    return x @ weights[4] + weights[5]


@jax.custom_vjp
def first_block(x, kernel, bias):
    """Turns `(n, 13, 13, 4)` squares to `(n, 12, 12, 32)`, activated."""
    return _first_forward(x, kernel, bias)[0]


def _first_forward(x, kernel, bias):
    # A pooling window sees 4x4 pixels; its four outputs apply the kernel at
    # four positions in them: one matrix product computes all four.
    patches = jnp.concatenate(
        [x[:, i : i + 12, j : j + 12] for i in (0, 1) for j in (0, 1)], axis=3
    )
    matrix = _squares_of_kernel(kernel)
    outputs = jnp.split(patches @ matrix, 4, axis=3)
    outputs, winners = _pool(outputs, bias)
    return outputs, (patches, outputs, winners, kernel)


def _first_backward(kept, gradient):
    patches, outputs, winners, kernel = kept
    gradient = jnp.where(outputs > 0, gradient, 0)
    spread = jnp.concatenate(
        [jnp.where(winners == i, gradient, 0) for i in range(4)], axis=3
    )
    matrix = patches.reshape(-1, 16).T @ spread.reshape(-1, spread.shape[3])
    # The images need no gradient; the kernel's is linear in the matrix's.
    _, back = jax.vjp(_squares_of_kernel, kernel)
    return None, back(matrix)[0], gradient.sum((0, 1, 2))


first_block.defvjp(_first_forward, _first_backward)


def _squares_of_kernel(kernel):
    """Turns `(3, 3, 1, f)` to `(16, 4f)`: rows in the order of the patches."""
    shifted = [
        jnp.pad(kernel[:, :, 0], ((i, 1 - i), (j, 1 - j), (0, 0)))
        for i in (0, 1)
        for j in (0, 1)
    ]
    matrix = jnp.concatenate(shifted, axis=2)
    matrix = matrix.reshape(2, 2, 2, 2, -1).transpose(0, 2, 1, 3, 4)
    return matrix.reshape(16, -1)


@jax.custom_vjp
def second_block(x, kernel, bias):
    """Turns `(n, 12, 12, 32)` to `(n, 5, 5, 64)`, pooled and activated."""
    return _second_forward(x, kernel, bias)[0]


def _second_forward(x, kernel, bias):
    rows, columns = x.shape[1] - 2, x.shape[2] - 2
    patches = jnp.concatenate(
        [
            x[:, i : i + rows, j : j + columns]
            for i in range(3)
            for j in range(3)
        ],
        axis=3,
    )
    matrix = kernel.reshape(-1, kernel.shape[3])
    product = patches @ matrix
    outputs = [product[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]
    outputs, winners = _pool(outputs, bias)
    return outputs, (patches, outputs, winners, kernel)


def _second_backward(kept, gradient):
    patches, outputs, winners, kernel = kept
    gradient = jnp.where(outputs > 0, gradient, 0)
    a, b, c, d = (jnp.where(winners == i, gradient, 0) for i in range(4))
    spread = jnp.stack([jnp.stack([a, b], 3), jnp.stack([c, d], 3)], 2)
    n, rows, _, columns, _, filters = spread.shape
    flat = spread.reshape(-1, filters)
    weights = patches.reshape(-1, patches.shape[3]).T @ flat
    back = (flat @ kernel.reshape(-1, filters).T).reshape(
        n, 2 * rows, 2 * columns, 9, -1
    )
    places = [(i, j) for i in range(3) for j in range(3)]
    x = sum(
        jnp.pad(back[:, :, :, k], ((0, 0), (i, 2 - i), (j, 2 - j), (0, 0)))
        for k, (i, j) in enumerate(places)
    )
    return x, weights.reshape(kernel.shape), gradient.sum((0, 1, 2))


second_block.defvjp(_second_forward, _second_backward)


def _pool(outputs, bias):
    """Returns the activated maximum of four, and which one it was."""
    a, b, c, d = outputs
    top, bottom = jnp.maximum(a, b), jnp.maximum(c, d)
    winners = jnp.where(
        top >= bottom,
        jnp.where(a >= b, 0, 1),
        jnp.where(c >= d, 2, 3),
    ).astype(jnp.uint8)
    return jax.nn.relu(jnp.maximum(top, bottom) + bias), winners
