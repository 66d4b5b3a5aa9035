"""PyTorch, a `Backend` as defined in `contract.py`."""

import contextlib
from contextlib import AbstractContextManager
from typing import Any, cast

import keras
import numpy as np
import torch
from torch import distributed

from mnistcnn.backends import plans as engine
from mnistcnn.backends.contract import Device, Predictor
from mnistcnn.backends.groups import Devices, Group, divide
from mnistcnn.backends.planning import find_plan
from mnistcnn.backends.torch_devices import join as join_devices
from mnistcnn.backends.torch_dropout import Masks
from mnistcnn.backends.torch_exactness import EXACT
from mnistcnn.backends.torch_operations import (
    compute_logits,
    compute_probabilities,
    sum_up,
)
from mnistcnn.backends.torch_steps import Steps

VERSION: str = str(torch.__version__)

BFLOAT16_PAYS_ON_CPU: bool = True

# Up to so many images are read by one thread on a CPU: two wait for each other
# by spinning, 55 ms instead of 0.6 (95th percentile) beside another busy
# process.
_SMALL = 16


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


def join(devices: Devices) -> Group:
    """Joins the processes of `torchrun`, a device each."""
    return join_devices(devices)


def own_settings() -> AbstractContextManager[None]:
    """Holds off autocast, `no_grad`, another device, and less than 32 bits.

    On CUDA also nondeterministic kernels, with which a resumed run would
    differ.
    """
    stack: Any = contextlib.ExitStack()
    for setting in (
        EXACT,
        torch.inference_mode(False),
        torch.enable_grad(),
        torch.autocast(_device().type, enabled=False),
    ):
        stack.enter_context(setting)
    cpu = torch.device("cpu")
    if torch.get_default_device() != cpu:
        # `fit` draws there. Only if needed, since it makes operations slower.
        stack.enter_context(cpu)
    return stack


def own_generators() -> AbstractContextManager[None]:
    """Puts the global generators of the CPU and of CUDA back."""
    count = torch.cuda.device_count() if _device().type == "cuda" else 0
    return torch.random.fork_rng(devices=range(count))


def seed_epoch(seed: int, epoch: int) -> None:
    """Seeds PyTorch's global generator, which unseeded dropout draws from.

    Dropout with its own seed would read that seed on the host at every call,
    which is slow; seeding the global generator for each epoch also makes an
    epoch a function of `(seed, epoch)`.
    """
    state = np.random.SeedSequence([seed, epoch]).generate_state(1)
    torch.manual_seed(int(state[0]))


def make_predictor(model: keras.Model) -> Predictor:
    """Plans the model for pictures that come one or a few at a time.

    Keras' own call of a layer on PyTorch takes longer than the layer.
    """
    plan = find_plan(model)
    variables = engine.list_weights(model)
    device = _device().type

    def predict(images: np.ndarray) -> np.ndarray:
        threads = torch.get_num_threads()
        if device == "cpu" and len(images) <= _SMALL:
            torch.set_num_threads(1)
        try:
            with EXACT, torch.inference_mode():
                if not torch.is_autocast_enabled(device):
                    return compute(images)
                # Only if it is on, since even switching it off takes
                # microseconds.
                with torch.autocast(device, enabled=False):
                    return compute(images)
        finally:
            torch.set_num_threads(threads)

    def compute(images: np.ndarray) -> np.ndarray:
        if plan is None:
            # NumPy has no bfloat16, which a layer may answer in.
            return model(images, training=False).float().cpu().numpy()
        weights = [v.value for v in variables]
        x = torch.tensor(images, device=weights[0].device)
        return compute_probabilities(plan, weights, x).cpu().numpy()

    return predict


class Trainer:
    """Trains by a plan: channels last from end to end, data resident."""

    def __init__(
        self,
        model: keras.Model,
        plan: engine.Plan,
        batch_size: int,
        group: Group | None = None,
    ):
        self._plan = plan
        self._batch_size = batch_size
        self._group = group = group or Group()
        self._variables = engine.list_weights(model)
        # The position of this device's first image in a batch, and their
        # number.
        size = -(-batch_size // group.size)
        self._own = group.process * size, size
        self._masks = Masks(plan, batch_size, _device())
        self._steps = Steps(model, plan, _device(), group.processes)

    def load(self, images: np.ndarray, targets: np.ndarray) -> None:
        """Takes an epoch's data to the device and sets the sums to 0."""
        self._images = self._split(images, self._batch_size)
        self._targets = self._split(targets, self._batch_size)
        self._steps.begin()

    def step(self, first: int, last: int, seed: int) -> None:
        """Trains on the batches from `first` to before `last`."""
        for i in range(first, last):
            masks = self._masks.draw(seed, i, *self._own)
            self._steps.take(self._images[i], self._targets[i], masks)

    def loss(self) -> float:
        """Sums the losses since `load`; waits for the steps."""
        return float(self._steps.totals[0])

    def finish(self) -> tuple[float, int]:
        """Sums the losses and counts the hits since `load`."""
        loss, right, _ = self._steps.totals.tolist()
        return loss, int(right)

    @torch.inference_mode()
    def evaluate(
        self, images: np.ndarray, targets: np.ndarray
    ) -> tuple[float, int]:
        """Sums the losses and counts the hits of one batch."""
        weights = [v.value for v in self._variables]
        x, y = (self._split(v, len(images))[0] for v in (images, targets))
        logits = compute_logits(self._plan.exact, weights, x, None)
        totals = torch.stack(sum_up(logits, y)[:2])
        if self._group.processes > 1:
            distributed.all_reduce(totals)
        loss, right = totals.tolist()
        return loss, int(right)

    def _split(self, array: np.ndarray, batch_size: int) -> torch.Tensor:
        """Takes this process' part of each batch to the device."""
        parts = divide(array, batch_size, self._group.size)
        own = parts[:, self._group.process]
        if not own.flags.writeable:
            own = own.copy()  # PyTorch warns of read-only arrays
        # On a CPU it shares the memory, without a copy.
        return torch.from_numpy(own).to(_device())


def _device() -> torch.device:
    # Keras decides (KERAS_TORCH_DEVICE, then MPS, CUDA, XPU, CPU): ask it.
    return cast(torch.Tensor, keras.ops.zeros(())).device
