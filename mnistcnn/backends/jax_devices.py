"""JAX: the devices that train together; `jax.distributed` for hosts."""

import os
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from mnistcnn.backends.groups import (
    Devices,
    Group,
    count_devices,
    divide,
    divide_axis,
)
from mnistcnn.backends.launches import find_launch
from mnistcnn.errors import ConfigError

AXIS = "devices"
WHOLE, SPLIT = PartitionSpec(), PartitionSpec(None, AXIS)
# A single part as large as a batch would be mapped into memory anew at each
# step.
MOST_IMAGES_A_PART = 50
_HINT = (
    "on a CPU, XLA_FLAGS=--xla_force_host_platform_device_count=N makes more"
)


def join(devices: Devices) -> Group:
    """Makes a mesh of JAX' devices, of all processes if there are several."""
    launch = find_launch("jax")
    if launch is not None and not jax.distributed.is_initialized():
        _initialize(*launch)
    processes = jax.process_count()
    every = jax.devices()
    size = count_devices(devices, len(every), processes=processes, hint=_HINT)
    mesh = Mesh(np.array(every[:size]), (AXIS,))
    if processes == 1:
        return Group(size=size, handle=mesh)
    return Group(
        size=size,
        process=jax.process_index(),
        processes=processes,
        handle=mesh,
        add=_add,
        lost=(jax.errors.JaxRuntimeError,),
    )


def _initialize(number: int, count: int) -> None:
    options: dict[str, Any] = {}
    if "JAX_NUM_PROCESSES" in os.environ:
        options = {"process_id": number, "num_processes": count}
    try:
        jax.distributed.initialize(**options)
    except (RuntimeError, ValueError) as error:
        raise ConfigError(
            f"JAX cannot join the {count} processes ({error}). Expected the "
            "same JAX_COORDINATOR_ADDRESS in each, and nothing computed "
            "before: see docs/devices.md."
        ) from error


def _add(array: np.ndarray) -> np.ndarray:
    every = multihost_utils.process_allgather(array)
    return np.asarray(every).sum(axis=0, dtype=np.int32)


def spread(array: Any, mesh: Mesh, spec: PartitionSpec = WHOLE) -> jax.Array:
    """Puts an array on the devices of a mesh, replicated or split.

    Args:
        array: the same in each process.
        mesh: of a group.
        spec: `WHOLE`, or `SPLIT` by its second axis.
    """
    array, sharding = np.asarray(array), NamedSharding(mesh, spec)
    return jax.make_array_from_callback(
        array.shape, sharding, lambda index: array[index]
    )


def split(array: np.ndarray, batch_size: int, mesh: Mesh) -> jax.Array:
    """Moves batches to the devices, a part each.

    Args:
        array: `(n, ...)`, of an epoch.
        batch_size: images of a batch, of all devices.
        mesh: of a group.

    Returns:
        `(batches, devices, parts, images, ...)`; batches have one size, and
        parts fit into the caches of a CPU.
    """
    array = divide(array, batch_size, mesh.size)
    parts = 1
    if jax.default_backend() == "cpu":
        parts = -(-array.shape[2] // MOST_IMAGES_A_PART)
    size = -(-array.shape[2] // parts)
    return spread(divide_axis(array, 2, parts, size), mesh, SPLIT)


def on_each(
    mesh: Mesh, specs: tuple[Any, ...], compute: Callable[..., Any]
) -> Callable[..., Any]:
    """Runs a function on each device of a mesh, with its part of the data.

    Args:
        mesh: of a group.
        specs: for each of its arguments, `WHOLE` or `SPLIT`.
        compute: the function, whose result is the same on each device.
    """
    # Values that differ between devices are summed explicitly, by `psum`.
    return jax.shard_map(
        compute, mesh=mesh, in_specs=specs, out_specs=WHOLE, check_vma=False
    )


def gather(array: jax.Array) -> jax.Array:
    """Takes a replicated array from the first device of this process."""
    return array.addressable_data(0)
