"""PyTorch: other convolutions, layouts and threads, and its compiler."""

import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from torch.nn import functional

from mnistcnn.backends import torch_operations, torch_steps

_LAYOUT: Any = torch.channels_last


def one_product() -> None:
    """Computes the first block's windows by one product each."""
    ours = torch_operations._convolve

    def convolve(operation, weights, x):
        kernel = weights[operation.kernel].permute(3, 2, 0, 1)
        if x.shape[1] > 1 or operation.pool != 2:
            return ours(operation, weights, x)
        x = x[:, :, : operation.crop[0], : operation.crop[1]]
        shifted = [
            functional.pad(kernel, (j, 1 - j, i, 1 - i))
            for i in (0, 1)
            for j in (0, 1)
        ]
        x = functional.conv2d(
            x.contiguous(memory_format=_LAYOUT),
            torch.cat(shifted).contiguous(memory_format=_LAYOUT),
            stride=2,
        )
        x = x.unflatten(1, (4, -1)).amax(1)
        bias = weights[operation.bias].view(1, -1, 1, 1)
        x = x.contiguous(memory_format=_LAYOUT)
        return torch_operations._ACTIVATIONS[operation.activation](x + bias)

    torch_operations._convolve = convolve


def padded_channels() -> None:
    """Pads the first block's one channel to the vector's 16."""
    ours = functional.conv2d

    def conv2d(x, kernel):
        if x.shape[1] > 1:
            return ours(x, kernel)
        more = (0, 0, 0, 0, 0, 15)
        x, kernel = functional.pad(x, more), functional.pad(kernel, more)
        given = (x, kernel)
        return ours(*(g.contiguous(memory_format=_LAYOUT) for g in given))

    functional.conv2d = conv2d


def kernel_layout() -> None:
    """Reorders the kernels once more: what kept layouts would save."""
    ours = functional.conv2d
    reorder = torch.ops.mkldnn._reorder_convolution_weight

    def conv2d(x, kernel):
        with torch.no_grad():
            reorder(kernel, [0, 0], [1, 1], [1, 1], 1, list(x.shape))
        return ours(x, kernel)

    functional.conv2d = conv2d


def small_parts() -> None:
    """Has the batch in parts of 64 images, for 128."""
    torch_steps._MOST_IMAGES_A_PART = 64


def compiled() -> None:
    """Compiles the forward and the backward pass by inductor."""
    _compile()


def max_autotune() -> None:
    """Compiles them with `max-autotune` (freezing is for inference alone)."""
    _compile(mode="max-autotune-no-cudagraphs")


def flushed() -> None:
    """Takes denormal numbers for zero."""
    torch.set_flush_denormal(True)


def side_by_side() -> None:
    """Gives half of the batch to each of two threads of Python."""
    ours: Any = torch_steps.Steps._sum_gradients
    pool = ThreadPoolExecutor(2, initializer=lambda: torch.set_num_threads(1))

    def sum_gradients(self, *batch):
        size = -(-len(batch[0]) // 2)
        parts = zip(*(each.split(size) for each in batch), strict=True)
        halves = pool.map(lambda part: ours(self, *part), parts)
        return functools.reduce(torch.add, halves)

    torch_steps.Steps._sum_gradients = sum_gradients


def _compile(**how: Any) -> None:
    ours = torch_steps.compute_logits
    compiled: Any = torch.compile(ours, dynamic=False, **how)
    torch_steps.compute_logits = compiled
