"""PyTorch, a `Backend` as `contract.py` has it."""

import contextlib
import functools
from contextlib import AbstractContextManager
from typing import Any, cast

import keras
import numpy as np
import torch
from torch.nn import functional

from mnistcnn.backends import plans as engine
from mnistcnn.backends.contract import Device, Predictor
from mnistcnn.backends.torch_operations import compute_logits, count_right

VERSION: str = str(torch.__version__)

BFLOAT16_PAYS_ON_CPU: bool = True

# On a CPU, a larger batch goes through in parts that stay in the caches.
_MOST_IMAGES_A_PART = 128


def describe_device() -> Device:
    """Describes where Keras puts tensors: CUDA, MPS, XPU or the CPU."""
    kind = _device().type
    if kind == "cuda":
        return {
            "kind": "gpu",
            "name": torch.cuda.get_device_name(),
            "count": torch.cuda.device_count(),
        }
    return {"kind": kind, "name": kind, "count": 1}


def peak_device_bytes() -> int | None:
    """Asks the allocator of CUDA; others do not count."""
    if _device().type != "cuda":
        return None
    return int(torch.cuda.max_memory_allocated())


def own_settings() -> AbstractContextManager[None]:
    """Holds off autocast, `no_grad` and inference mode."""
    stack: Any = contextlib.ExitStack()
    for setting in (
        torch.inference_mode(False),
        torch.enable_grad(),
        torch.autocast(_device().type, enabled=False),
    ):
        stack.enter_context(setting)
    return stack


def own_generators() -> AbstractContextManager[None]:
    """Puts the global generators of the CPU and of CUDA back."""
    count = torch.cuda.device_count() if _device().type == "cuda" else 0
    return torch.random.fork_rng(devices=range(count))


def seed_epoch(seed: int, epoch: int) -> None:
    """Seeds PyTorch's global generator, which unseeded dropout draws from.

    Dropout with a seed of its own would read that seed on the host at every
    call, which is slow; seeding the global generator for each epoch makes
    an epoch a function of `(seed, epoch)` all the same.
    """
    state = np.random.SeedSequence([seed, epoch]).generate_state(1)
    torch.manual_seed(int(state[0]))


def make_predictor(model: keras.Model) -> Predictor:
    """Plans the model for pictures that come one or a few at a time.

    Keras' own call of a layer on PyTorch takes longer than the layer.
    """
    plan = engine.find_plan(model)
    variables = engine.list_weights(model)

    @torch.inference_mode()
    def predict(images: np.ndarray) -> np.ndarray:
        if plan is None:
            return model(images, training=False).cpu().numpy()
        weights = [v.value for v in variables]
        x = torch.tensor(images, device=weights[0].device)
        logits = compute_logits(plan, weights, x, training=False)
        return torch.softmax(logits, dim=1).cpu().numpy()

    return predict


class Trainer:
    """Trains by a plan: channels last from end to end, data resident."""

    def __init__(self, model: keras.Model, plan: engine.Plan, batch_size: int):
        self._model = model
        self._plan = plan
        self._batch_size = batch_size
        self._variables = engine.list_weights(model)
        self._trained = [
            i for i, v in enumerate(self._variables) if v.trainable
        ]

    def load(self, images: np.ndarray, targets: np.ndarray) -> None:
        """Takes an epoch's data to the device and sets the sums to 0."""
        device = _device()
        self._images = torch.tensor(images, device=device)
        self._targets = torch.tensor(targets, device=device)
        self._totals = torch.zeros(2, dtype=torch.float32, device=device)

    def step(self, first: int, last: int, seed: int) -> None:
        """Trains on the batches from `first` to before `last`."""
        torch.manual_seed(seed + first)
        variables = [self._variables[i] for i in self._trained]
        weights = [variable.value for variable in self._variables]
        for i in range(first, last):
            start = i * self._batch_size
            x = self._images[start : start + self._batch_size]
            y = self._targets[start : start + self._batch_size]
            gradients = self._differentiate(weights, x, y)
            with torch.no_grad():
                self._model.optimizer.apply(gradients, variables)

    def _differentiate(self, weights, images, targets) -> list[torch.Tensor]:
        """Computes gradients of a batch's mean loss; adds up loss and hits."""
        size = len(targets)
        trained = [weights[i] for i in self._trained]
        if images.device.type == "cpu":
            size = -(-size // -(-size // _MOST_IMAGES_A_PART))
        gradients = []
        for x, y in zip(images.split(size), targets.split(size), strict=True):
            logits = compute_logits(self._plan, weights, x, training=True)
            loss = functional.cross_entropy(logits, y, reduction="sum")
            part = torch.autograd.grad(loss / len(targets), trained)
            gradients.append(part)
            with torch.no_grad():
                self._totals[0] += loss
                self._totals[1] += count_right(logits, y)
        parts = zip(*gradients, strict=True)
        return [functools.reduce(torch.add, each) for each in parts]

    def loss(self) -> float:
        """Sums the losses since `load`; waits for the steps."""
        return float(self._totals[0])

    def finish(self) -> tuple[float, int]:
        """Sums the losses and counts the hits since `load`."""
        loss, right = self._totals.tolist()
        return loss, int(right)

    @torch.inference_mode()
    def evaluate(
        self, images: np.ndarray, targets: np.ndarray
    ) -> tuple[float, int]:
        """Sums the losses and counts the hits of one batch."""
        weights = [v.value for v in self._variables]
        device = _device()
        x = torch.tensor(images, device=device)
        y = torch.tensor(targets, device=device)
        logits = compute_logits(self._plan.exact, weights, x, training=False)
        loss = functional.cross_entropy(logits, y, reduction="sum")
        return float(loss), int(count_right(logits, y))


def _device() -> torch.device:
    # Keras decides (KERAS_TORCH_DEVICE, then MPS, CUDA, XPU, CPU): ask it.
    return cast(torch.Tensor, keras.ops.zeros(())).device
