"""The devices that train together, in one process or in many; backend-free."""

import dataclasses
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mnistcnn.errors import ConfigError

# How many devices train: so many, or all that there are. `None` is one; and
# all, in a process that a launcher started beside others.
Devices = int | Literal["all"] | None


@dataclasses.dataclass(frozen=True, eq=False)
class Group:
    """The devices that train together, and this process among theirs.

    Args:
        size: how many devices, those of all processes together.
        process: this one's number, from 0; the first writes the run.
        processes: how many.
        handle: what the framework calls it: a mesh, a strategy, a device.
        add: sums an int32 array over the processes; all of them have to
            call it, and wait for each other.
        lost: what the framework raises where another process is gone.
    """

    size: int = 1
    process: int = 0
    processes: int = 1
    handle: Any = None
    add: Callable[[npt.NDArray[np.int32]], npt.NDArray[np.int32]] = (
        lambda array: array
    )
    lost: tuple[type[BaseException], ...] = ()

    def share(self, data: bytes = b"") -> bytes:
        """Hands the first process' bytes to all; waits for all.

        Args:
            data: of the first process; the others' are not looked at.

        Example:
            >>> Group().share(b"seed 0")
            b'seed 0'
        """
        if self.processes == 1:
            return data
        own = np.frombuffer(data if self.process == 0 else b"", np.uint8)
        size = int(self.add(np.array([len(own)], np.int32))[0])
        if not size:  # TensorFlow crashes on sums of nothing.
            return b""
        given = np.zeros(size, np.int32)
        given[: len(own)] = own
        return self.add(given).astype(np.uint8).tobytes()


def find_launch(
    backend: str, environment: Mapping[str, str] = os.environ
) -> tuple[int, int] | None:
    """Finds out whether a launcher started this process beside others.

    PyTorch's `torchrun`; TensorFlow's `TF_CONFIG`; for JAX
    `JAX_COORDINATOR_ADDRESS` with `JAX_NUM_PROCESSES` and `JAX_PROCESS_ID`,
    Slurm's `srun` and Open MPI's `mpirun`.

    Args:
        backend: `"jax"`, `"torch"` or `"tensorflow"`.
        environment: variables.

    Returns:
        This process' number, from 0, and how many there are; `None` where
        it is alone.

    Raises:
        ConfigError: a variable is none that the launcher writes.

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
    """Those who train are the chief, if there is one, and the workers."""
    config = json.loads(text) if text else {}
    cluster = config.get("cluster") or {}
    chiefs, workers = (len(cluster.get(k, ())) for k in ("chief", "worker"))
    if chiefs + workers < 2:
        return 0, 1
    task = config["task"]
    first = {"chief": 0, "worker": chiefs}[task["type"]]
    return first + int(task["index"]), chiefs + workers


def count_devices(
    asked: Devices, found: int, *, processes: int = 1, hint: str = ""
) -> int:
    """Counts the devices that are to train.

    Args:
        asked: what a user says.
        found: how many there are, of all processes.
        processes: how many; together they use all of their devices.
        hint: how there would be more.

    Raises:
        ConfigError: it is no number, or there are fewer.

    Example:
        >>> count_devices("all", 4), count_devices(None, 4)
        (4, 1)
    """
    if asked is None:
        asked = 1 if processes == 1 else "all"
    if asked == "all":
        return found
    whole = isinstance(asked, int) and not isinstance(asked, bool)
    if not whole or asked < 1:
        raise ConfigError(
            f"devices is {asked!r}. Expected all, or a number, 1 or more: "
            "change that option."
        )
    if asked > found or (processes > 1 and asked != found):
        there = f"{found} {'is' if found == 1 else 'are'} here"
        if processes > 1:
            there += f", of {processes} processes"
        expected = "all of them" if processes > 1 else f"at most {found}"
        raise ConfigError(
            f"devices is {asked}, and {there}. Expected {expected}: "
            f"{hint or 'take all'}."
        )
    return asked


def divide(
    array: npt.NDArray[Any], batch_size: int, parts: int
) -> npt.NDArray[Any]:
    """Divides an epoch's array into batches, and each among devices.

    A batch's parts are of one size, and so are batches: they are filled up
    with 0 at the end, images of no class, which count for nothing.

    Args:
        array: `(n, ...)`, in the epoch's order.
        batch_size: images of a batch.
        parts: how many devices.

    Returns:
        `(batches, parts, images, ...)`; the image at `position` of a batch
        is in part `position // images`.

    Example:
        >>> divide(np.arange(1, 6), 3, 2).tolist()
        [[[1, 2], [3, 0]], [[4, 5], [0, 0]]]
    """
    for axis, count, size in (
        (0, -(-len(array) // batch_size), batch_size),
        (1, parts, -(-batch_size // parts)),
    ):
        array = divide_axis(array, axis, count, size)
    return array


def divide_axis(
    array: npt.NDArray[Any], axis: int, parts: int, size: int
) -> npt.NDArray[Any]:
    """Makes one axis two, `(parts, size)`, filled up with 0 at its end."""
    missing = parts * size - array.shape[axis]
    if missing:
        widths = [(0, 0)] * array.ndim
        widths[axis] = (0, missing)
        array = np.pad(array, widths)
    shape = array.shape
    return array.reshape(*shape[:axis], parts, size, *shape[axis + 1 :])


def launch_command(backend: str, devices: Devices) -> list[str] | None:
    """Makes the command that starts this one anew, a process a device.

    Args:
        backend: its name.
        devices: how many are to train; of `"all"` PyTorch counts the GPUs.

    Returns:
        The command, PyTorch's `torchrun`; `None` where one process will do.
    """
    if backend != "torch" or devices in (None, 1):
        return None
    if devices == "all":
        # Only PyTorch knows.
        from mnistcnn.backends.switch import active

        devices = active.describe_device()["count"]
        if devices == 1:
            return None
    run = ["-m", "torch.distributed.run", "--standalone"]
    run += [f"--nproc-per-node={devices}", "-m", "mnistcnn"]
    return [sys.executable, *run, *sys.argv[1:]]
