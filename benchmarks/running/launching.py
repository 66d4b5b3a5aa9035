"""Processes that train together on this machine, each pinned to its cores."""

import functools
import json
import os
import socket
import subprocess
from collections.abc import Sequence

from running.machine import list_cores

HOST = "127.0.0.1"


def run_together(
    command: Sequence[str], backend: str, processes: int, threads: int
) -> None:
    """Runs a command in processes that train together, on the CPU.

    Args:
        command: the same in each.
        backend: its launcher is simulated.
        processes: how many.
        threads: of each process, pinned to as many cores of its own.

    Raises:
        CalledProcessError: one of them fails.
    """
    cores = list_cores()
    launches = make_launch(backend, processes)
    begun = []
    try:
        for number, variables in enumerate(launches):
            own = cores[number * threads : (number + 1) * threads]
            begun.append(
                subprocess.Popen(
                    command,
                    env=os.environ | _hold(threads) | variables,
                    # JAX uses as many threads as cores, whatever is set.
                    preexec_fn=functools.partial(os.sched_setaffinity, 0, own),
                )
            )
        for process in begun:
            if process.wait():
                raise subprocess.CalledProcessError(
                    process.returncode, process.args
                )
    finally:
        for process in begun:
            process.kill()
            process.wait()


def _hold(threads: int) -> dict[str, str]:
    nowhere = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    return {"OMP_NUM_THREADS": str(threads), **nowhere}


def make_launch(backend: str, processes: int) -> list[dict[str, str]]:
    """Makes the variables that a framework's launcher sets in its processes.

    Args:
        backend: `"jax"`, `"torch"` or `"tensorflow"`.
        processes: how many, all on this machine; one needs no variables.

    Returns:
        The variables of each process.
    """
    if processes == 1:
        return [{}]
    ports = _find_ports(processes)
    numbers = range(processes)
    if backend == "torch":
        group = {"WORLD_SIZE": str(processes), "MASTER_ADDR": HOST}
        group["MASTER_PORT"] = str(ports[0])
        return [group | {"RANK": f"{n}", "LOCAL_RANK": f"{n}"} for n in numbers]
    if backend == "jax":
        group = {"JAX_COORDINATOR_ADDRESS": f"{HOST}:{ports[0]}"}
        group["JAX_NUM_PROCESSES"] = str(processes)
        return [group | {"JAX_PROCESS_ID": str(n)} for n in numbers]
    cluster = {"worker": [f"{HOST}:{port}" for port in ports]}
    tasks = [{"type": "worker", "index": number} for number in numbers]
    return [
        {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})}
        for task in tasks
    ]


def _find_ports(count: int) -> list[int]:
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
