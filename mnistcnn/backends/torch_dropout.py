"""PyTorch: dropout by an image's position in the batch."""

from typing import Any

import numpy as np
import torch

from mnistcnn.backends import plans as engine
from mnistcnn.backends.torch_operations import compute_logits

# So many images of a batch have a seed of their own: a device draws for its
# own images, and for at most so many beside them.
_BLOCK = 128


class Masks:
    """Draws what values are multiplied by in dropout, by the device.

    The same for an image wherever the devices' parts of the batch begin.

    Args:
        plan: of a model.
        variables: of its weights.
        shape: of an image.
    """

    def __init__(self, plan: engine.Plan, variables: Any, shape: Any):
        rates = [
            operation.rate
            for operation in plan.operations
            if isinstance(operation, engine.Dropout)
        ]
        self._kinds = list(
            zip(rates, _measure(plan, variables, shape), strict=True)
        )
        device = variables[0].value.device
        self._generator = torch.Generator(device)

    def draw(
        self, seed: int, step: int, begin: int, count: int
    ) -> list[torch.Tensor]:
        """Draws the masks of some images of a batch.

        Args:
            seed: of the epoch.
            step: the batch's number.
            begin: the position of the first image in the batch.
            count: how many images.

        Returns:
            For each dropout of the plan `(count, values)`.
        """
        first, last = begin // _BLOCK, -(-(begin + count) // _BLOCK)
        masks = []
        for number, (rate, width) in enumerate(self._kinds):
            parts = []
            for block in range(first, last):
                numbers = np.random.SeedSequence([seed, step, number, block])
                drawn = numbers.generate_state(1, np.uint64)[0] >> 1
                self._generator.manual_seed(int(drawn))
                part = torch.empty(
                    (_BLOCK, width), device=self._generator.device
                )
                part.bernoulli_(1 - rate, generator=self._generator)
                parts.append(part)
            whole = torch.cat(parts) if len(parts) > 1 else parts[0]
            start = begin - first * _BLOCK
            masks.append(whole[start : start + count] / (1 - rate))
        return masks


class _Measured:
    """Stands for a mask, and notes what it would be multiplied with."""

    def __init__(self, widths: list[int]):
        self._widths = widths

    def view_as(self, x: torch.Tensor) -> float:
        self._widths.append(x[0].numel())
        return 1.0


def _measure(plan: engine.Plan, variables: Any, shape: Any) -> list[int]:
    """How many values of an image each dropout has."""
    widths: list[int] = []
    weights = [v.value for v in variables]
    x = torch.zeros((1, *shape), device=weights[0].device)
    many = [_Measured(widths)] * len(plan.operations)
    with torch.no_grad():
        compute_logits(plan.exact, weights, x, many)
    return widths
