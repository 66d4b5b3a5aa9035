"""PyTorch: dropout by an image's position in the batch."""

from typing import Any

import numpy as np
import torch

from mnistcnn.backends import plans as engine
from mnistcnn.backends.torch_operations import compute_logits

# At most so many images of a batch have a seed of their own: a device draws
# for its own images, and for as many beside them.
_MOST_IMAGES_A_BLOCK = 128
# Seeds are made for so many steps at once.
_STEPS = 1024


class Masks:
    """Draws which values dropout keeps, by the device's generator.

    The same for an image wherever the devices' parts of the batch begin.

    Args:
        plan: of a model.
        variables: of its weights.
        shape: of an image.
        batch_size: images of a batch, of all devices.
    """

    def __init__(
        self, plan: engine.Plan, variables: Any, shape: Any, batch_size: int
    ):
        self._block = min(batch_size, _MOST_IMAGES_A_BLOCK)
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
        self._seeds: dict[tuple[int, ...], np.ndarray] = {}

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
            For each dropout of the plan `(count, values)` booleans, whether
            a value is kept.
        """
        size = self._block
        first, last = begin // size, -(-(begin + count) // size)
        masks = []
        for number, (rate, width) in enumerate(self._kinds):
            whole = torch.empty(
                ((last - first) * size, width),
                dtype=torch.float32,
                device=self._generator.device,
            )
            for block, part in enumerate(whole.split(size), first):
                drawn = self._find_seed(seed, step, number, block)
                self._generator.manual_seed(drawn)
                part.uniform_(generator=self._generator)
            start = begin - first * size
            # Half the time of `bernoulli_`.
            masks.append(whole[start : start + count] >= rate)
        return masks

    def _find_seed(self, seed: int, step: int, number: int, block: int) -> int:
        some, index = divmod(step, _STEPS)
        key = (seed, some, number, block)
        if key not in self._seeds:
            if next(iter(self._seeds), key)[:2] != key[:2]:
                self._seeds.clear()
            numbers = np.random.SeedSequence(key)
            self._seeds[key] = numbers.generate_state(_STEPS, np.uint64) >> 1
        return int(self._seeds[key][index])


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
    shape = (1, *shape)
    x = torch.zeros(shape, dtype=torch.float32, device=weights[0].device)
    many = [_Measured(widths)] * len(plan.operations)
    with torch.no_grad():
        compute_logits(plan.exact, weights, x, many)
    return widths
