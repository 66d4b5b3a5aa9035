"""TensorFlow: the devices that train together; `TF_CONFIG` for hosts."""

import functools
from typing import Any

import numpy as np
import tensorflow as tf

from mnistcnn.backends.groups import Devices, Group, count_devices
from mnistcnn.backends.launches import find_launch
from mnistcnn.errors import ConfigError

_HINT = "on a CPU, tf.config.set_logical_device_configuration makes more"


def join(devices: Devices) -> Group:
    """Makes a strategy: mirrored, and of several workers by `TF_CONFIG`."""
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
    # A RuntimeError where something was computed before.
    except (RuntimeError, ValueError, tf.errors.OpError) as error:
        raise ConfigError(
            f"TensorFlow cannot join the {count} workers of TF_CONFIG "
            f"({error}). Expected all of them, started at about the same "
            "time, and nothing computed before: see docs/devices.md."
        ) from error


def _add(strategy: Any, array: np.ndarray) -> np.ndarray:
    # Of a process' replicas, the first alone has something to add.
    given = tf.constant(array)
    none = tf.zeros_like(given)
    values = split(strategy, lambda number: none if number else given)
    return strategy.reduce(tf.distribute.ReduceOp.SUM, values, None).numpy()


def split(strategy: Any, make: Any) -> Any:
    """Makes a value for each of this process' replicas.

    Args:
        strategy: of a group.
        make: gets a replica's number in this process, from 0.
    """
    first = first_replica(strategy)
    return strategy.experimental_distribute_values_from_function(
        lambda context: make(context.replica_id_in_sync_group - first)
    )


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
