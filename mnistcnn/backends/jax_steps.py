"""JAX: an epoch's steps as one compiled loop."""

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import Mesh

from mnistcnn.backends import plans as engine
from mnistcnn.backends.jax_devices import AXIS, SPLIT, WHOLE
from mnistcnn.backends.jax_operations import (
    compute_logits,
    cross_entropy,
    find_hits,
)

CLEARED_EVERY = 8  # trainings
_COMPILED = itertools.count(1)


def compile_steps(
    plan: engine.Plan,
    optimizer: Any,
    trained: Sequence[int],
    batch_size: int,
    mesh: Mesh,
) -> Callable[..., Any]:
    """Compiles the steps from one batch to before another.

    Each device computes its part of a batch; sums go round once a step, and
    each applies the optimizer.

    Args:
        plan: of the model.
        optimizer: Keras', built.
        trained: the indices of the weights that it was built for.
        batch_size: images a step.
        mesh: the devices.
    """
    # JAX keeps something of each program when that is gone, 17 MiB of twenty
    # trainings; what others compiled is compiled again.
    if next(_COMPILED) % CLEARED_EVERY == 0:
        jax.clear_caches()

    @functools.partial(jax.jit, donate_argnums=0)
    @_on_each(mesh, (WHOLE, SPLIT, SPLIT, WHOLE, WHOLE, WHOLE))
    def run(state, images, targets, first, last, seed):
        key = jax.random.key(seed)
        _, _, parts, size = images.shape[:4]
        # Where an image stands in the batch, whatever device has it: so its
        # dropout is the same on any number.
        begin = jax.lax.axis_index(AXIS) * -(-batch_size // mesh.size)
        positions = begin + jnp.arange(parts * size).reshape(parts, size)

        def step(i, state):
            weights, slots, loss, right = state
            batch = jax.random.fold_in(key, i)
            parameters = [weights[i] for i in trained]

            def add_part(sums, part):
                positions, x, y = part

                def sum_losses(parameters):
                    keys = jax.vmap(jax.random.fold_in, (None, 0))
                    every = _put(weights, trained, parameters)
                    logits = compute_logits(
                        plan, every, x, keys(batch, positions)
                    )
                    hits = find_hits(logits, y)
                    return cross_entropy(logits, y).sum(), hits.sum()

                (loss, hits), gradients = jax.value_and_grad(
                    sum_losses, has_aux=True
                )(parameters)
                part = (gradients, loss, hits)
                return jax.tree.map(jnp.add, sums, part), None

            zeros = jax.tree.map(jnp.zeros_like, (parameters, loss, right))
            every = positions, images[i, 0], targets[i, 0]
            sums, _ = jax.lax.scan(add_part, zeros, every)
            n = targets[i, 0].any(axis=-1).sum()
            (gradients, added, hits), n = jax.lax.psum((sums, n), AXIS)
            parameters, slots = optimizer.stateless_apply(
                slots, [gradient / n for gradient in gradients], parameters
            )
            weights = _put(weights, trained, parameters)
            return weights, slots, loss + added, right + hits

        return jax.lax.fori_loop(first, last, step, state)

    return run


def compile_score(plan: engine.Plan, mesh: Mesh) -> Callable[..., Any]:
    """Compiles the sum of losses and the count of hits of one batch."""

    @jax.jit
    @_on_each(mesh, (WHOLE, SPLIT, SPLIT))
    def score(weights, images, targets):
        images = images.reshape(-1, *images.shape[4:])
        targets = targets.reshape(-1, targets.shape[-1])
        logits = compute_logits(plan, weights, images, None)
        hits = find_hits(logits, targets)
        sums = cross_entropy(logits, targets).sum(), hits.sum()
        return jax.lax.psum(sums, AXIS)

    return score


def _on_each(mesh: Mesh, specs: tuple[Any, ...]) -> Callable[..., Any]:
    """Runs a function on each device of a mesh, with its part of the data."""
    # Which values differ between devices is written out here, by `psum`.
    return functools.partial(
        jax.shard_map,
        mesh=mesh,
        in_specs=specs,
        out_specs=WHOLE,
        check_vma=False,
    )


def _put(values, indices: Sequence[int], new) -> list[Any]:
    """A list with other values at these indices."""
    values = list(values)
    for index, value in zip(indices, new, strict=True):
        values[index] = value
    return values
