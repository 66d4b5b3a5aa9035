"""Threads: one for little work; parallel parts of a batch on TensorFlow.

Two threads of TensorFlow that share each operation wait for each other: on two
cores an epoch at batch 128 takes 0.77 of the time if each core computes half a
batch of its own (`benchmarks/RECORDS.md`; the suite `attempts` measures it).
"""

import contextlib
import functools
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from mnistcnn.backends.shared import SharedSettings

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
OF_AN_OPERATION, BETWEEN = "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"
# With more cores a part of a batch would have few images; not measured.
_MOST_CORES = 4
_FEWEST_IMAGES_A_PART = 16
# Pixels: larger pictures are first shrunk to 1600 a side, by all threads.
_LITTLE = 1600 * 1600


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Makes libraries that are loaded within it use one thread.

    Unless the user has set it otherwise. A few images are too little work for
    two threads, which would wait for each other by spinning. Libraries read the
    setting when they are first imported, also in a child process.
    """
    added = [name for name in THREADS if name not in os.environ]
    os.environ.update(dict.fromkeys(added, "1"))
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


def small_work(pixels: int = 0) -> contextlib.AbstractContextManager[None]:
    """Makes NumPy's products and OpenCV use one thread within it.

    A picture is too little work for two, which would wait for each other by
    spinning. Threads that are in it at once share it: the last to leave
    restores the old setting.

    Args:
        pixels: of a picture; with more than 1600 x 1600 nothing changes.

    Example:
        >>> import cv2
        >>> before = cv2.getNumThreads()
        >>> with small_work():
        ...     cv2.getNumThreads()
        1
        >>> cv2.getNumThreads() == before
        True
    """
    return _ONE if pixels <= _LITTLE else contextlib.nullcontext()


def _swap_threads(found: Any) -> Any:
    """Sets one thread, or restores; see `SharedSettings`."""
    import cv2

    if found is None:
        count = cv2.getNumThreads()
        cv2.setNumThreads(1)
        return count, _find_libraries().limit(limits=1, user_api="blas")
    count, limits = found
    cv2.setNumThreads(count)
    return limits.restore_original_limits()


@functools.cache
def _find_libraries() -> "ThreadpoolController":
    # Only once, since it searches all loaded libraries of the process.
    import threadpoolctl

    return threadpoolctl.ThreadpoolController()


_ONE = SharedSettings(_swap_threads)


def claim_threads() -> None:
    """Makes each core compute a part of a batch, in a training process.

    Then all of TensorFlow in this process has one thread per operation, so it
    is only for commands, not for a user's process. Nothing changes if
    TensorFlow has been imported already, if one of its variables is set, or if
    there are more than four cores.
    """
    cores = count_cores()
    named = {OF_AN_OPERATION, BETWEEN, "tensorflow"}
    if 1 < cores <= _MOST_CORES and not named & {*os.environ, *sys.modules}:
        os.environ |= {OF_AN_OPERATION: "1", BETWEEN: str(cores)}


def count_parts(images: int) -> int:
    """Counts the parts of a batch that are computed in parallel.

    Args:
        images: of a step, on this device.

    Returns:
        As many as operations run at once if each has one thread, with at least
        16 images each; else 1.

    Example:
        >>> os.environ |= {OF_AN_OPERATION: "1", BETWEEN: "2"}
        >>> count_parts(128), count_parts(24)
        (2, 1)
    """
    threads = os.environ.get(BETWEEN, "")
    if os.environ.get(OF_AN_OPERATION) != "1" or not threads.isdecimal():
        return 1
    return max(1, min(int(threads), images // _FEWEST_IMAGES_A_PART))


def count_cores() -> int:
    """Counts the cores that this process may use, not the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
