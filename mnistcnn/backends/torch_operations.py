"""PyTorch: the operations of a plan."""

import contextlib
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch.nn import functional

from mnistcnn.backends import plans as engine

_ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}


def compute_logits(plan: engine.Plan, weights, x, masks):
    """Computes logits from raw pixels, NCHW in name, NHWC in memory.

    Args:
        plan: of a model.
        weights: its variables' values.
        x: `(n, h, w, channels)`, any type.
        masks: for each dropout `(n, -1)`, the values that are kept; `None` for
            no dropout.
    """
    masks = None if masks is None else iter(masks)
    x = x.permute(0, 3, 1, 2)
    half = plan.precision == "bfloat16"
    for operation in plan.operations:
        match operation:
            case engine.Scale():
                x = x.float() * operation.scale + operation.offset
            case engine.Convolve():
                with _casting(x.device.type, half):
                    x = _convolve(operation, weights, x)
            case engine.Flatten():
                # In Keras' order, so that the Dense weights are portable.
                x = x.permute(0, 2, 3, 1).reshape(len(x), -1).float()
            case engine.Dropout() if masks is not None:
                # Not `mask / keep`, which has PyTorch's default type.
                x = x / (1 - operation.rate) * next(masks).view_as(x)
            case engine.Dense():
                kernel = weights[operation.kernel]
                x = torch.addmm(weights[operation.bias], x, kernel)
                if operation.activation in _ACTIVATIONS:
                    x = _ACTIVATIONS[operation.activation](x)
    return x


def _casting(device: str, half: bool) -> AbstractContextManager[Any]:
    """Computes in bfloat16, or as the operands are; ignores autocast."""
    if half or torch.is_autocast_enabled(device):
        return torch.autocast(device, torch.bfloat16, half)
    # A disabled context takes 6 us, compared to 150 for an image.
    return contextlib.nullcontext()


def _convolve(operation: engine.Convolve, weights, x):
    x = x[:, :, : operation.crop[0], : operation.crop[1]]
    # (h, w, in, out) to PyTorch's (out, in, h, w).
    kernel = weights[operation.kernel].permute(3, 2, 0, 1)
    layout = torch.channels_last
    x = functional.conv2d(
        x.contiguous(memory_format=layout),
        kernel.contiguous(memory_format=layout),
    )
    if operation.pool > 1:
        x = functional.max_pool2d(x, operation.pool)
    bias = weights[operation.bias].view(1, -1, 1, 1)
    return _ACTIVATIONS[operation.activation](x + bias)


def compute_probabilities(plan: engine.Plan, weights, x):
    """Computes probabilities, `(n, classes)`, of raw pixels, for inference."""
    rows = torch.softmax(compute_logits(plan, weights, x, None), dim=1)
    return rows if plan.shares is None else rows @ weights[plan.shares]


def sum_up(logits, targets):
    """Sums the losses; counts the correct images, and all.

    Images that pad a batch, of target 0, do not count in any of the three.
    """
    loss = functional.cross_entropy(logits, targets, reduction="sum")
    hits, there = logits.argmax(1) == targets.argmax(1), targets.any(1)
    return loss, (hits & there).sum(), there.sum()
