"""PyTorch: dropout by an image's position in the batch."""

import numpy as np
import torch

from mnistcnn.backends import plans as engine

# At most so many images of a batch share a seed: a device may draw for that
# many images besides its own.
_MOST_IMAGES_A_BLOCK = 128
# Number of steps for which seeds are made at once.
_STEPS = 1024


class Masks:
    """Draws dropout masks by the device's generator.

    An image's mask is the same wherever the devices' parts of the batch begin.

    Args:
        plan: of a model.
        batch_size: images of a batch, of all devices.
        device: that draws.
    """

    def __init__(
        self, plan: engine.Plan, batch_size: int, device: torch.device
    ):
        self._block = min(batch_size, _MOST_IMAGES_A_BLOCK)
        drops = [o for o in plan.operations if isinstance(o, engine.Dropout)]
        self._drops = list(enumerate(drops))
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
        start, device = begin - first * size, self._generator.device
        masks = []
        for number, drop in self._drops:
            shape = (last - first) * size, drop.values
            whole = torch.empty(shape, dtype=torch.float32, device=device)
            for block, part in enumerate(whole.split(size), first):
                drawn = self._find_seed(seed, step, number, block)
                part.uniform_(generator=self._generator.manual_seed(drawn))
            # Half the time of `bernoulli_`.
            masks.append(whole[start : start + count] >= drop.rate)
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
