"""TensorFlow: the devices that train together; `TF_CONFIG` for hosts."""

import functools
from typing import Any

import numpy as np
import tensorflow as tf

from mnistcnn.backends.groups import Devices, Group, count_devices, divide
from mnistcnn.backends.launches import find_launch
from mnistcnn.errors import ConfigError

_HINT = "on a CPU, tf.config.set_logical_device_configuration makes more"


def join(devices: Devices) -> Group:
    """Makes a strategy: mirrored, or multi-worker by `TF_CONFIG`."""
    if tf.distribute.has_strategy():
        found = type(tf.distribute.get_strategy()).__name__
        raise ConfigError(
            f"Training was called within the scope of a {found}. Expected "
            "none: leave the scope, and name devices (docs/devices.md)."
        )
    launch = find_launch("tensorflow")
    if launch is None:
        names = [
            device.name
            for device in tf.config.list_logical_devices("GPU")
            or tf.config.list_logical_devices("CPU")
        ]
        size = count_devices(devices, len(names), hint=_HINT)
        return Group(size=size, handle=_mirror(tuple(names[:size])))
    strategy = _join_workers(launch[1])
    size = strategy.num_replicas_in_sync
    count_devices(devices, size, processes=launch[1])
    return Group(
        size=size,
        process=launch[0],
        processes=launch[1],
        handle=strategy,
        add=functools.partial(_add, strategy),
        lost=(tf.errors.OpError,),
    )


@functools.cache
def _mirror(names: tuple[str, ...]) -> tf.distribute.Strategy:
    if len(names) == 1:
        return tf.distribute.OneDeviceStrategy(names[0])
    return tf.distribute.MirroredStrategy(list(names))


@functools.cache
def _join_workers(count: int) -> Any:
    try:
        return tf.distribute.MultiWorkerMirroredStrategy()
    # A RuntimeError if something was computed before.
    except (RuntimeError, ValueError, tf.errors.OpError) as error:
        raise ConfigError(
            f"TensorFlow cannot join the {count} workers of TF_CONFIG "
            f"({error}). Expected all of them, started at about the same "
            "time, and nothing computed before: see docs/devices.md."
        ) from error


def _add(strategy: Any, array: np.ndarray) -> np.ndarray:
    # Only the first of a process' replicas has something to add.
    given = tf.constant(array)
    none = tf.zeros_like(given)
    values = split(strategy, lambda number: none if number else given)
    return strategy.reduce(tf.distribute.ReduceOp.SUM, values, None).numpy()


def split(strategy: Any, make: Any) -> Any:
    """Makes a value for each of this process' replicas.

    Args:
        strategy: of a group.
        make: called with a replica's number in this process, from 0.
    """
    first = first_replica(strategy)
    return strategy.experimental_distribute_values_from_function(
        lambda context: make(context.replica_id_in_sync_group - first)
    )


def take(strategy: Any, arrays: Any, batch: Any) -> list[Any]:
    """Takes a batch of each array, a part for each replica of this process.

    Args:
        strategy: of a group.
        arrays: each of `share_out`.
        batch: its number.
    """
    return [
        split(strategy, lambda number, parts=parts: parts[number][batch])
        for parts in arrays
    ]


def add_up(strategy: Any, values: Any) -> list[Any]:
    """Sums values over all replicas.

    Args:
        strategy: of a group.
        values: the result of its `run`.
    """
    total = tf.distribute.ReduceOp.SUM
    return [strategy.reduce(total, value, None) for value in values]


def add_gradients(strategy: Any, gradients: Any, variables: Any) -> Any:
    """Sums gradients over all replicas at once, beside their variables.

    Args:
        strategy: of a group.
        gradients: the result of its `run`.
        variables: Keras'.
    """
    pairs = zip(gradients, (v.value for v in variables), strict=True)
    total = tf.distribute.ReduceOp.SUM
    return strategy.extended.batch_reduce_to(total, list(pairs))


def share_out(
    strategy: Any, array: np.ndarray, batch_size: int
) -> list[tf.Tensor]:
    """Moves batches to the devices of this process, a part each.

    Args:
        strategy: of a group.
        array: `(n, ...)`, of an epoch.
        batch_size: images of a batch, of all devices.

    Returns:
        For each device `(batches, images, ...)`.
    """
    parts = divide(array, batch_size, strategy.num_replicas_in_sync)
    first, tensors = first_replica(strategy), []
    for index, device in enumerate(strategy.extended.worker_devices):
        with tf.device(device):
            tensors.append(tf.constant(parts[:, first + index]))
    return tensors


def find_places(strategy: Any, batch_size: int) -> tuple[int, Any]:
    """Finds how many images of a batch a replica has, and their positions.

    Args:
        strategy: of a group.
        batch_size: images of a batch, of all devices.

    Returns:
        How many, and the position of the first in the batch for each of this
        process' replicas.
    """
    size = -(-batch_size // strategy.num_replicas_in_sync)
    before = first_replica(strategy)
    return size, split(strategy, lambda number: (before + number) * size)


def first_replica(strategy: Any) -> int:
    """Counts the replicas of the processes before this one."""
    resolver = strategy.cluster_resolver
    if not isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
        return 0
    number, _ = find_launch("tensorflow") or (0, 1)
    assert resolver is not None
    return number * count_replicas(strategy)


def count_replicas(strategy: Any) -> int:
    """Counts the replicas of this process."""
    return len(strategy.extended.worker_devices)
