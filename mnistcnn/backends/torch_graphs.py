"""PyTorch: a step's many small kernels as one CUDA graph."""

import logging
from collections.abc import Callable
from typing import Any

import torch

_LOGGER = logging.getLogger(__name__)
_WARM_UPS = 3  # as PyTorch's manual has it, for lazy set-ups


def record(
    compute: Callable[..., list[torch.Tensor]], device: torch.device
) -> Callable[..., list[torch.Tensor]]:
    """Has a function's kernels launched all at once, where there is CUDA.

    (https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs)

    Args:
        compute: of weights, which stay where they are, images, targets and
            masks, all of one shape at every call; without host syncs.
        device: what it runs on.

    Returns:
        The function itself on another device.
    """
    return _Recorded(compute) if device.type == "cuda" else compute


class _Recorded:
    def __init__(self, compute: Callable[..., list[torch.Tensor]]):
        self._compute = compute
        self._graph: Any = None
        self._inputs: list[torch.Tensor] = []
        self._outputs: list[torch.Tensor] = []
        self._eager = False

    def __call__(self, weights, images, targets, masks) -> list[torch.Tensor]:
        given = [images, targets, *masks]
        if self._graph is None and not self._eager:
            self._record(weights, given)
        if self._eager:
            return self._compute(weights, images, targets, masks)
        for kept, new in zip(self._inputs, given, strict=True):
            kept.copy_(new)
        self._graph.replay()
        return self._outputs

    def _record(self, weights, given: list[torch.Tensor]) -> None:
        inputs = [tensor.clone() for tensor in given]

        def run() -> list[torch.Tensor]:
            images, targets, *masks = inputs
            return self._compute(weights, images, targets, masks)

        graph: Any = torch.cuda.CUDAGraph()
        try:
            aside = torch.cuda.Stream()
            aside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(aside):
                for _ in range(_WARM_UPS):
                    run()
            torch.cuda.current_stream().wait_stream(aside)
            with torch.cuda.graph(graph):
                outputs = run()
        # Whatever a kernel or a driver does not allow while it is recorded.
        except RuntimeError as error:
            _LOGGER.warning("Without a CUDA graph, which is slower: %s", error)
            self._eager = True
            return
        self._graph, self._inputs, self._outputs = graph, inputs, outputs
