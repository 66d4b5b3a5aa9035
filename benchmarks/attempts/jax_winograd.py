"""JAX: a 3x3 convolution with 2x2 pooling by Winograd's F(2x2, 3x3).

(Lavin and Gray, "Fast algorithms for convolutional neural networks", 2016.) A
tile's four outputs are a pooling window: sixteen multiplications per tile
replace 36, and the maximum is taken where the outputs are computed.
"""

import functools
import operator

import jax
import jax.numpy as jnp
import numpy as np

_INPUT = np.array(
    [[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], np.float32
)
_KERNEL = np.array(
    [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], np.float32
)
_OUTPUT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], np.float32)
_ROWS = ((0,), (0,)), ((), ())
_COLUMNS = ((1,), (1,)), ((), ())


@jax.custom_vjp
def pool_product(x, kernel, bias):
    """Computes `relu(max over windows of (x * kernel) + bias)`.

    Args:
        x: `(n, h, w, channels)`, h and w even.
        kernel: `(3, 3, channels, filters)`.
        bias: `(filters,)`.
    """
    return _forward(x, kernel, bias)[0]


def _forward(x, kernel, bias):
    tiles = _map(lambda tile: tile.reshape(-1, x.shape[3]), _cut_tiles(x))
    kernels = jnp.einsum("ua,abio,vb->uvio", _KERNEL, kernel, _KERNEL)
    products = [
        [tile @ kernels[u, v] for v, tile in enumerate(row)]
        for u, row in enumerate(tiles)
    ]
    parts = functools.reduce(operator.iadd, _transform(_OUTPUT, products), [])
    best, winner = parts[0], jnp.zeros(parts[0].shape, jnp.uint8)
    for index, part in enumerate(parts[1:], start=1):
        winner = jnp.where(part > best, jnp.uint8(index), winner)
        best = jnp.maximum(part, best)
    best = jax.nn.relu(best + bias)
    n, rows, columns, _ = x.shape
    shape = n, (rows - 2) // 2, (columns - 2) // 2, len(bias)
    return best.reshape(shape), (tiles, kernels, best, winner, x.shape)


def _backward(kept, gradient):
    tiles, kernels, best, winner, shape = kept
    gradient = jnp.where(best > 0, gradient.reshape(best.shape), 0)
    parts = [
        [jnp.where(winner == 2 * i + j, gradient, 0) for j in (0, 1)]
        for i in (0, 1)
    ]
    products = _transform(_OUTPUT.T, parts)
    places = [(u, v) for u in range(4) for v in range(4)]
    found = [
        jax.lax.dot_general(tiles[u][v], products[u][v], _ROWS)
        for u, v in places
    ]
    found = jnp.stack(found).reshape(kernels.shape)
    n, rows, columns, _ = shape
    back = [
        jax.lax.dot_general(products[u][v], kernels[u, v], _COLUMNS).reshape(
            n, (rows - 2) // 2, (columns - 2) // 2, -1
        )
        for u, v in places
    ]
    back = [back[i : i + 4] for i in range(0, 16, 4)]
    put_back = jax.linear_transpose(
        _cut_tiles, jax.ShapeDtypeStruct(shape, jnp.float32)
    )
    kernel = jnp.einsum("ua,uvio,vb->abio", _KERNEL, found, _KERNEL)
    return *put_back(back), kernel, gradient.sum(0)


pool_product.defvjp(_forward, _backward)


def _cut_tiles(x):
    """Cuts 4x4 tiles, two apart, and transforms them: 4 by 4 arrays."""
    rows, columns = ((size - 2) // 2 for size in x.shape[1:3])
    tiles = [
        [
            x[:, i : i + 2 * rows - 1 : 2, j : j + 2 * columns - 1 : 2]
            for j in range(4)
        ]
        for i in range(4)
    ]
    return _transform(_INPUT, tiles)


def _transform(matrix, grid):
    """Computes `matrix @ grid @ matrix.T` of a grid of arrays."""
    half = [_combine(matrix, column) for column in zip(*grid, strict=True)]
    return [_combine(matrix, row) for row in zip(*half, strict=True)]


def _combine(matrix, arrays):
    """Computes weighted sums of arrays; most weights are 0, 1 or -1."""
    sums = []
    for row in matrix:
        terms = [
            array if weight == 1 else -array if weight == -1 else weight * array
            for weight, array in zip(row, arrays, strict=True)
            if weight
        ]
        sums.append(sum(terms[1:], terms[0]))
    return sums


def _map(function, grid):
    return [[function(one) for one in row] for row in grid]
