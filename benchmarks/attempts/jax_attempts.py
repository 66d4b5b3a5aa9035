"""JAX: other ways through the products and the parts of a batch."""

import functools
from typing import Any

import jax
import jax.numpy as jnp

from attempts import jax_winograd
from mnistcnn.backends import (
    jax_devices,
    jax_operations,
    jax_products,
    jax_steps,
)


def small_parts() -> None:
    """Has the batch in parts of 25 images, for 50."""
    jax_devices.MOST_IMAGES_A_PART = 25


def whole_batch() -> None:
    """Has the batch in one part."""
    jax_devices.MOST_IMAGES_A_PART = 1 << 20


def winograd() -> None:
    """Computes the second convolution by Winograd's F(2x2, 3x3)."""
    _replace_second(jax_winograd.pool_product)


def fft() -> None:
    """Computes the second convolution by FFT."""
    _replace_second(_pool_fft)


def one_pass() -> None:
    """Makes both gradients of a product from a tenth of its rows at a time."""
    jax_products._multiply_backward = _backward_by_rows


def padded_classes() -> None:
    """Pads the ten classes of the last product to the vector's 16."""
    compute = jax_operations.compute_logits

    def padded(plan, weights, x, keys):
        last = plan.operations[-1]
        weights = dict(weights)
        for index, more in (
            (last.kernel, ((0, 0), (0, 6))),
            (last.bias, (0, 6)),
        ):
            weights[index] = jnp.pad(weights[index], more)
        return compute(plan, weights, x, keys)[:, :10]

    jax_steps.compute_logits = padded


def side_by_side() -> None:
    """Has the batch's parts beside each other, not one after the other."""

    class Lax:
        def __getattr__(self, name: str) -> Any:
            return getattr(jax.lax, name)

        def scan(self, function, start, parts):
            count = jax.tree.leaves(parts)[0].shape[0]
            each = [
                jax.tree.map(lambda x, i=i: x[i], parts) for i in range(count)
            ]
            sums = [function(start, part)[0] for part in each]
            return functools.reduce(_add, sums), None

    class Jax:
        lax = Lax()

        def __getattr__(self, name: str) -> Any:
            return getattr(jax, name)

    jax_steps.jax = Jax()


def _take(parts, number: int):
    return jax.tree.map(lambda x: x[number], parts)


def _add(one, other):
    return jax.tree.map(jnp.add, one, other)


def _replace_second(pool_product: Any) -> None:
    """Replaces the pooled product of the block with many channels."""
    ours = jax_products.pool_product

    def choose(x, matrix, bias, cut, pool, activation, precision):
        how = cut, pool, activation, precision
        if (cut, pool, activation) != ((3, 1), 2, "relu"):
            return ours(x, matrix, bias, *how)
        kernel = matrix.reshape(3, 3, x.shape[3], -1)
        return pool_product(x, kernel, bias)

    jax_operations.pool_product = choose


def _pool_fft(x, kernel, bias):
    size = x.shape[1:3]
    frequencies = jnp.einsum(
        "nhwc,hwcf->nhwf",
        jnp.fft.rfft2(x, axes=(1, 2)),
        jnp.fft.rfft2(kernel, s=size, axes=(0, 1)).conj(),
    )
    product = jnp.fft.irfft2(frequencies, s=size, axes=(1, 2))
    product = product[:, : size[0] - 2, : size[1] - 2]
    parts = [product[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]
    return jax.nn.relu(functools.reduce(jnp.maximum, parts) + bias)


def _backward_by_rows(cut, precision, kept, gradient):
    patches, matrix, shape = kept
    flat = gradient.reshape(-1, matrix.shape[1]).astype(precision)
    rows = patches.reshape(len(flat), -1)
    product = functools.partial(
        jax.lax.dot_general, preferred_element_type=jnp.float32
    )
    parts = 10 if len(flat) % 10 == 0 else 1
    back, weights = [], jnp.zeros(matrix.shape, jnp.float32)
    for some, given in zip(
        jnp.split(flat, parts), jnp.split(rows, parts), strict=True
    ):
        back.append(product(some, matrix, (((1,), (1,)), ((), ()))))
        weights += product(given, some, (((0,), (0,)), ((), ())))
    put_back = jax.linear_transpose(
        lambda x: jax_products._patches(x, *cut),
        jax.ShapeDtypeStruct(shape, jnp.float32),
    )
    return *put_back(jnp.concatenate(back).reshape(patches.shape)), weights
