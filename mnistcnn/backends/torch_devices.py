"""PyTorch: the processes that train together, a device each."""

import atexit
import datetime
import logging
import os
import signal
import sys
from typing import Any

import numpy as np
import torch
from torch import distributed

from mnistcnn.backends.groups import Devices, Group, count_devices
from mnistcnn.backends.launches import find_launch
from mnistcnn.errors import ConfigError, PeerError

_HINT = (
    "PyTorch uses one device per process; torchrun --nproc-per-node=N "
    "-m mnistcnn train starts N processes"
)
# The time-out for a hanging process; one that ended is noticed at once.
_PATIENCE = datetime.timedelta(minutes=10)


def join(devices: Devices) -> Group:
    """Joins the processes that `torchrun` started, by gloo or NCCL."""
    launch = find_launch("torch")
    if launch is None:
        return Group(size=count_devices(devices, 1, hint=_HINT))
    number, count = launch
    count_devices(devices, count, processes=count)
    if not distributed.is_initialized():
        _initialize(count)
    return Group(
        size=count,
        process=number,
        processes=count,
        add=_add,
        # gloo raises the first, NCCL the second.
        lost=(RuntimeError, distributed.DistError),
    )


def _initialize(count: int) -> None:
    gpu = torch.cuda.is_available() and "cuda" in os.environ.get(
        "KERAS_TORCH_DEVICE", "cuda"
    )
    if gpu:
        # Keras takes the current one.
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    try:
        distributed.init_process_group(
            "nccl" if gpu else "gloo", timeout=_PATIENCE
        )
    except (RuntimeError, ValueError, distributed.DistError) as error:
        raise ConfigError(
            f"PyTorch cannot join the {count} processes ({error}). Expected "
            "all of them, started by torchrun: see docs/devices.md."
        ) from error
    atexit.register(_leave)


def _leave() -> None:
    if distributed.is_initialized():
        distributed.destroy_process_group()


def _add(array: np.ndarray) -> np.ndarray:
    nccl = distributed.get_backend() == "nccl"
    given = torch.tensor(array, device="cuda" if nccl else "cpu")
    distributed.all_reduce(given)
    return given.cpu().numpy()


def start_processes(count: Any) -> int:
    """Starts this command in several processes, as `torchrun` does.

    Returns and Raises: as `launch`.
    """
    # Imported here, since it takes half a second.
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import (
        ChildFailedError,
    )
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    count_devices(count, count if isinstance(count, int) else 1)
    # The failing process reports the reason; this one has nothing to add.
    logging.disable(logging.CRITICAL)
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=count,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        run_id=str(os.getpid()),
        max_restarts=0,
    )
    run = elastic_launch(config, sys.executable)
    try:
        run("-u", "-m", "mnistcnn", *sys.argv[1:])
    except SignalException as stop:
        return 128 + stop.sigval
    except ChildFailedError as error:
        codes = [failure.exitcode for failure in error.failures.values()]
        # A process that ended by itself has reported the reason.
        spoken = [code for code in codes if code > 0]
        if spoken:
            return min(spoken)
        number, failure = error.get_first_failure()
        raise PeerError(
            f"Process {number} of {count} was ended by "
            f"{signal.Signals(-failure.exitcode).name}. Expected all to live: "
            "go on with --resume, on any number of devices."
        ) from None
    return 0
