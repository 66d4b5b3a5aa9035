"""Launchers: detecting one, and starting further processes."""

import json
import os
from collections.abc import Mapping

from mnistcnn.backends.groups import Devices
from mnistcnn.errors import ConfigError


def find_launch(
    backend: str, environment: Mapping[str, str] = os.environ
) -> tuple[int, int] | None:
    """Detects whether a launcher started this process beside others.

    PyTorch's `torchrun`; TensorFlow's `TF_CONFIG`; for JAX
    `JAX_COORDINATOR_ADDRESS` with `JAX_NUM_PROCESSES` and `JAX_PROCESS_ID`,
    Slurm's `srun` and Open MPI's `mpirun`.

    Args:
        backend: `"jax"`, `"torch"` or `"tensorflow"`.
        environment: variables.

    Returns:
        This process' number, from 0, and how many there are; `None` if it is
        alone.

    Raises:
        ConfigError: a variable does not have a launcher's form.

    Example:
        >>> find_launch("torch", {"RANK": "1", "WORLD_SIZE": "2"})
        (1, 2)
    """
    try:
        if backend == "tensorflow":
            number, count = _read_tf_config(environment.get("TF_CONFIG") or "")
        else:
            number, count = _read_numbers(backend, environment)
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        raise ConfigError(
            f"The variables of {backend}'s launcher cannot be read "
            f"({type(error).__name__}: {error}). Expected what it writes: "
            "unset them to train alone."
        ) from error
    return (number, count) if count > 1 else None


# The number of the process, and how many there are.
_VARIABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "torch": (("RANK", "WORLD_SIZE"),),
    "jax": (
        ("JAX_PROCESS_ID", "JAX_NUM_PROCESSES"),
        ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ),
}


def _read_numbers(backend: str, found: Mapping[str, str]) -> tuple[int, int]:
    for number, count in _VARIABLES.get(backend, ()):
        if count in found:
            return int(found[number]), int(found[count])
    return 0, 1


def _read_tf_config(text: str) -> tuple[int, int]:
    """Reads TF_CONFIG: the chief, if there is one, and the workers train."""
    config = json.loads(text) if text else {}
    cluster = config.get("cluster") or {}
    chiefs, workers = (len(cluster.get(k, ())) for k in ("chief", "worker"))
    if chiefs + workers < 2:
        return 0, 1
    task = config["task"]
    first = {"chief": 0, "worker": chiefs}[task["type"]]
    return first + int(task["index"]), chiefs + workers


def launch(backend: str, devices: Devices) -> int | None:
    """Restarts this command with a process per device, if the backend needs it.

    Args:
        backend: its name.
        devices: how many are to train; for `"all"` PyTorch counts the GPUs.

    Returns:
        The exit code of all; `None` if one process is enough, and none was
        started.

    Raises:
        PeerError: a process was killed, and no other could report it.
    """
    if backend != "torch" or devices in (None, 1):
        return None
    # Only PyTorch knows.
    from mnistcnn.backends.switch import active
    from mnistcnn.backends.torch_devices import start_processes

    count = active.describe_device()["count"] if devices == "all" else devices
    return None if count == 1 else start_processes(count)
