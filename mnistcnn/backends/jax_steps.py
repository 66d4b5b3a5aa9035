"""JAX: an epoch's steps as one compiled loop."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from mnistcnn.backends import plans as engine
from mnistcnn.backends.jax_operations import (
    compute_logits,
    cross_entropy,
    find_hits,
)


def compile_steps(
    plan: engine.Plan, optimizer: Any, trained: Sequence[int]
) -> Callable[..., Any]:
    """Compiles the steps from one batch to before another.

    Args:
        plan: of the model.
        optimizer: Keras', built.
        trained: the indices of the weights that it was built for.
    """

    @functools.partial(jax.jit, donate_argnums=0)
    def run(state, images, targets, first, last, seed):
        key = jax.random.key(seed)

        def step(i, state):
            weights, slots, loss, right = state
            batch = jax.random.fold_in(key, i)

            def add_part(sums, part):
                index, x, y = part

                def sum_losses(parameters):
                    dropout = jax.random.fold_in(batch, index)
                    every = _put(weights, trained, parameters)
                    logits = compute_logits(plan, every, x, dropout)
                    hits = find_hits(logits, y)
                    return cross_entropy(logits, y).sum(), hits.sum()

                (loss, hits), gradients = jax.value_and_grad(
                    sum_losses, has_aux=True
                )(parameters)
                part = (gradients, loss, hits)
                return jax.tree.map(jnp.add, sums, part), None

            parameters = [weights[i] for i in trained]
            zeros = jax.tree.map(jnp.zeros_like, (parameters, loss, right))
            parts = jnp.arange(images.shape[1]), images[i], targets[i]
            (gradients, added, hits), _ = jax.lax.scan(add_part, zeros, parts)
            n = targets[i].any(axis=-1).sum()
            parameters, slots = optimizer.stateless_apply(
                slots, [gradient / n for gradient in gradients], parameters
            )
            weights = _put(weights, trained, parameters)
            return weights, slots, loss + added, right + hits

        return jax.lax.fori_loop(first, last, step, state)

    return run


def compile_score(plan: engine.Plan) -> Callable[..., Any]:
    """Compiles the sum of losses and the count of hits of one batch."""

    @jax.jit
    def score(weights, images, targets):
        logits = compute_logits(plan, weights, images, None)
        hits = find_hits(logits, targets)
        return cross_entropy(logits, targets).sum(), hits.sum()

    return score


def _put(values, indices: Sequence[int], new) -> list[Any]:
    """A list with other values at these indices."""
    values = list(values)
    for index, value in zip(indices, new, strict=True):
        values[index] = value
    return values
