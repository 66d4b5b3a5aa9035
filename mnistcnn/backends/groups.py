"""The devices that train together, in one process or several; backend-free."""

import dataclasses
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mnistcnn.errors import ConfigError

# How many devices train: a number, or all. `None` is one, but all in a process
# that a launcher started beside others.
Devices = int | Literal["all"] | None


@dataclasses.dataclass(frozen=True, eq=False)
class Group:
    """The devices that train together, and this process among them.

    Args:
        size: the number of devices of all processes together.
        process: this process' number, from 0; the first writes the run.
        processes: how many.
        handle: the framework's object: a mesh, a strategy, a device.
        add: sums an int32 array over the processes (all-reduce); all of them
            have to call it, and wait for each other.
        lost: the framework's exceptions for a lost process.
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
        """Broadcasts the first process' bytes; waits for all.

        Args:
            data: of the first process; the others' are ignored.

        Example:
            >>> Group().share(b"seed 0")
            b'seed 0'
        """
        if self.processes == 1:
            return data
        own = np.frombuffer(data if self.process == 0 else b"", np.uint8)
        size = int(self.add(np.array([len(own)], np.int32))[0])
        if not size:  # TensorFlow crashes on empty sums
            return b""
        given = np.zeros(size, np.int32)
        given[: len(own)] = own
        return self.add(given).astype(np.uint8).tobytes()


def count_devices(
    asked: Devices, found: int, *, processes: int = 1, hint: str = ""
) -> int:
    """Counts the devices that are to train.

    Args:
        asked: the user's choice.
        found: how many there are, of all processes.
        processes: how many; together they use all of their devices.
        hint: how to get more.

    Raises:
        ConfigError: it is not a number, or there are fewer.

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

    All parts and all batches have one size: they are padded with 0 at the end,
    images of no class, which do not count.

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
    """Splits an axis into two, `(parts, size)`, padded with 0 at the end."""
    missing = parts * size - array.shape[axis]
    if missing:
        widths = [(0, 0)] * array.ndim
        widths[axis] = (0, missing)
        array = np.pad(array, widths)
    shape = array.shape
    return array.reshape(*shape[:axis], parts, size, *shape[axis + 1 :])
