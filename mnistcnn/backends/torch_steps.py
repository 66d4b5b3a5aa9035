"""PyTorch: a step, as two parts that a CUDA graph can record."""

import functools
from typing import Any

import keras
import torch
from torch import distributed

from mnistcnn.backends import plans as engine
from mnistcnn.backends.torch_graphs import record
from mnistcnn.backends.torch_operations import compute_logits, sum_up
from mnistcnn.backends.torch_optimizers import apply_on_device, is_on_device

# On a CPU, a larger batch is computed in parts that fit into the caches.
_MOST_IMAGES_A_PART = 128


class Steps:
    """A trainer's computation: gradients, and the optimizer's update.

    Args:
        model: compiled, its optimizer built.
        plan: of that model.
        device: what its variables are on.
        processes: the number that train; each has a part of every batch.
    """

    def __init__(
        self,
        model: keras.Model,
        plan: engine.Plan,
        device: torch.device,
        processes: int,
    ):
        self._model: Any = model
        self._plan = plan
        self._device = device
        self._processes = processes
        self._variables = engine.list_weights(model)
        self._trained = [v for v in self._variables if v.trainable]
        # Losses, hits, and images.
        self.totals = torch.zeros(3, dtype=torch.float32, device=device)
        self._places: list[Any] = []

    def begin(self) -> None:
        """Sets the sums to 0."""
        self.totals.zero_()
        # A recording refers to variables by their addresses.
        optimizer = self._model.optimizer
        variables = (*self._variables, *optimizer.variables)
        places = [optimizer, *(v.value.data_ptr() for v in variables)]
        if places != self._places:
            self._places = places
            self._differentiate = record(self._sum_gradients, self._device)
            self._apply = record(
                self._apply_sums,
                self._device,
                possible=is_on_device(optimizer),
            )

    def take(
        self,
        images: torch.Tensor,
        targets: torch.Tensor,
        masks: list[torch.Tensor],
    ) -> None:
        """Takes a step.

        Args:
            images: `(n, h, w, channels)`; this device's part of a batch.
            targets: `(n, classes)`.
            masks: for each dropout `(n, -1)`.
        """
        sums = self._differentiate(images, targets, *masks)
        if self._processes > 1:
            distributed.all_reduce(sums)
        self._apply(sums)

    def _sum_gradients(self, images, targets, *masks) -> torch.Tensor:
        """Concatenates the sums of gradients, losses, hits and images."""
        weights = [variable.value for variable in self._variables]
        trained = [variable.value for variable in self._trained]
        size = len(targets)
        if images.device.type == "cpu":
            size = -(-size // -(-size // _MOST_IMAGES_A_PART))
        found = []
        parts = [each.split(size) for each in (images, targets, *masks)]
        for x, y, *drop in zip(*parts, strict=True):
            logits = compute_logits(self._plan, weights, x, drop)
            loss, *counts = sum_up(logits, y)
            gradients = torch.autograd.grad(loss, trained)
            sums = *gradients, loss.detach(), *counts
            found.append(torch.cat([each.reshape(-1) for each in sums]))
        return functools.reduce(torch.add, found)

    @torch.no_grad()
    def _apply_sums(self, sums: torch.Tensor) -> None:
        values = [variable.value for variable in self._trained]
        *parts, totals = sums.split([*(v.numel() for v in values), 3])
        self.totals += totals
        pairs = zip(parts, values, strict=True)
        gradients = [part.view_as(value) / totals[2] for part, value in pairs]
        apply_on_device(self._model.optimizer, gradients, self._trained)
