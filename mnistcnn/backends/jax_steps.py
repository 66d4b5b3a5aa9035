"""JAX: an epoch's steps as one compiled loop."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp

from mnistcnn.backends import plans as engine
from mnistcnn.backends.jax_devices import AXIS, SPLIT, WHOLE, on_each
from mnistcnn.backends.jax_operations import compute_logits, sum_up

CLEARED_EVERY = 8  # trainings
_COMPILED = itertools.count(1)


def compile_steps(plan: engine.Plan, optimizer: Any, trained, size: int, mesh):
    """Compiles a loop over a range of batches.

    Each device computes its part of a batch; sums are exchanged once per step,
    and each device applies the optimizer.

    Args:
        plan: of the model.
        optimizer: Keras', built.
        trained: the indices of the weights that the optimizer was built for.
        size: images of a batch per device.
        mesh: the devices.

    Returns:
        A function of a state (weights, the optimizer's variables, a sum of
        losses, a count of hits), images and targets of `split`, the first
        batch, the end of the range, and a seed. It returns the new state.
    """
    # JAX leaks a part of each program, 17 MiB in twenty trainings, so its
    # caches are cleared; other people's programs are then compiled again.
    if next(_COMPILED) % CLEARED_EVERY == 0:
        jax.clear_caches()

    def sum_losses(parameters, weights, keys, images, targets):
        logits = compute_logits(plan, weights | parameters, images, keys)
        return sum_up(logits, targets)

    def take_step(state, batch, images, targets):
        weights, slots, loss, right = state
        parameters = {index: weights[index] for index in trained}
        # An image's position in the batch, independent of its device, so that
        # its dropout is the same on any number of devices.
        begin = jax.lax.axis_index(AXIS) * size
        positions = begin + jnp.arange(targets[..., 0].size)

        def add_part(sums, part):
            differentiate = jax.value_and_grad(sum_losses, has_aux=True)
            found = differentiate(parameters, weights, *part)
            return jax.tree.map(jnp.add, sums, found), None

        zeros = jax.tree.map(jnp.zeros_like, ((loss, right), parameters))
        fold = jax.vmap(jax.random.fold_in, (None, 0))
        keys = fold(batch, positions).reshape(targets.shape[:2])
        sums, _ = jax.lax.scan(add_part, zeros, (keys, images, targets))
        n = targets.any(axis=-1).sum()
        ((added, hits), gradients), n = jax.lax.psum((sums, n), AXIS)
        means = [gradient / n for gradient in gradients.values()]
        parameters, slots = optimizer.stateless_apply(
            slots, means, list(parameters.values())
        )
        weights = weights | dict(zip(trained, parameters, strict=True))
        return weights, slots, loss + added, right + hits

    def run(state, images, targets, first, last, seed):
        key = jax.random.key(seed)

        def step(i, state):
            batch = jax.random.fold_in(key, i)
            return take_step(state, batch, images[i, 0], targets[i, 0])

        return jax.lax.fori_loop(first, last, step, state)

    where = WHOLE, SPLIT, SPLIT, WHOLE, WHOLE, WHOLE
    return jax.jit(on_each(mesh, where, run), donate_argnums=0)


def compile_score(plan: engine.Plan, mesh):
    """Compiles the sum of losses and the count of hits of one batch.

    Args:
        plan: of the model.
        mesh: the devices.
    """

    def score(weights, images, targets):
        images = images.reshape(-1, *images.shape[4:])
        targets = targets.reshape(-1, targets.shape[-1])
        logits = compute_logits(plan, weights, images, None)
        return jax.lax.psum(sum_up(logits, targets), AXIS)

    return jax.jit(on_each(mesh, (WHOLE, SPLIT, SPLIT), score))
