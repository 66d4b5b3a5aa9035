"""PyTorch: a step's many small kernels as CUDA graphs."""

import logging
from collections.abc import Callable
from typing import Any

import torch

_LOGGER = logging.getLogger(__name__)
_WARM_UPS = 3  # as in PyTorch's manual, for lazy initialization


def record(
    compute: Callable[..., Any],
    device: torch.device,
    *,
    possible: bool = True,
) -> Callable[..., Any]:
    """Makes a function launch its kernels as one CUDA graph, if possible.

    The first calls run normally, as a warm-up; the next is recorded. If that
    fails, all calls run normally.
    (https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs)

    Args:
        compute: a function of tensors, with the same shapes at every call;
            other memory that it reads and writes must not move. Without host
            syncs.
        device: that it runs on.
        possible: whether all of its work is done on the device.

    Returns:
        The recording function, or `compute` itself if it is not recorded. Its
        results are valid until the next call.
    """
    return _Recorded(compute) if possible and device.type == "cuda" else compute


class _Recorded:
    def __init__(self, compute: Callable[..., Any]):
        self._compute = compute
        self._left = _WARM_UPS
        self._graph: torch.cuda.CUDAGraph | None = None
        self._inputs: list[torch.Tensor] = []
        self._outputs: Any = None

    def __call__(self, *given: torch.Tensor) -> Any:
        if self._left:
            self._left -= 1
            return self._compute_aside(given)
        if self._graph is None and self._inputs:  # it could not be recorded
            return self._compute(*given)
        if self._graph is None and not self._record(given):
            return self._compute(*given)
        for kept, new in zip(self._inputs, given, strict=True):
            kept.copy_(new)
        assert self._graph is not None
        self._graph.replay()
        return self._outputs

    def _compute_aside(self, given: tuple[torch.Tensor, ...]) -> Any:
        here, aside = torch.cuda.current_stream(), torch.cuda.Stream()
        aside.wait_stream(here)
        with torch.cuda.stream(aside):
            outputs = self._compute(*given)
        here.wait_stream(aside)
        return outputs

    def _record(self, given: tuple[torch.Tensor, ...]) -> bool:
        """Records without computing; returns whether it succeeded."""
        self._inputs = [tensor.clone() for tensor in given]
        graph: Any = torch.cuda.CUDAGraph()
        try:
            # Other threads of the process continue, and are not recorded.
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                self._outputs = self._compute(*self._inputs)
        # Anything that a kernel or a driver does not allow in a recording.
        except RuntimeError as error:
            _LOGGER.warning("Without a CUDA graph, which is slower: %s", error)
            return False
        self._graph = graph
        return True
