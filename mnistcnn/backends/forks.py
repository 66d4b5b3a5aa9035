"""Forked processes: they lack the threads that a framework has started.

Whoever waits for such a thread waits for ever. JAX and TensorFlow start theirs
at the first computation, and cannot do without; PyTorch can, if it is told to.
"""

import os

from mnistcnn.backends import switch
from mnistcnn.backends.contract import TITLES
from mnistcnn.errors import BackendError

_NEEDING_THREADS = ("jax", "tensorflow")
# The processes that computed: this one, or those that it was forked from.
_computed: set[int] = set()


def check_process() -> None:
    """Checks, before anything is computed, that this process can compute.

    On PyTorch a forked process uses one thread from then on.

    Raises:
        BackendError: it was forked from one in which the framework computed.
    """
    process = os.getpid()
    if process in _computed:
        return
    if _computed and switch.name in _NEEDING_THREADS:
        raise BackendError(
            f"This process was forked after {TITLES[switch.name]} had "
            "computed, whose threads it lacks: it would wait for ever. "
            "Expected a process of its own: start it by "
            'multiprocessing.get_context("spawn").'
        )
    if _computed and switch.name == "torch":
        import torch

        torch.set_num_threads(1)
    _computed.add(process)
