"""The network in plain PyTorch: no Keras, none of the library's code.

`plain` is written like PyTorch's own examples: an `nn.Module` in the default
layout and `optim.Adam`. `best` is the fastest that we can write by hand:
channels last, no unused outputs computed, fused Adam, and on a CPU a large
batch in parts that fit into its caches.
"""

import functools
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

RATE, DROPOUT = 1e-3, 0.25
MOST_IMAGES_A_PART = 128

_DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class Network(nn.Module):
    """The network as PyTorch's MNIST example would have it."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.dropout = nn.Dropout(DROPOUT)
        self.dense = nn.Linear(1600, 10)

    def forward(self, x):
        """Turns `(n, 1, 28, 28)` float32, 0..1, to `(n, 10)` logits."""
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        return self.dense(self.dropout(torch.flatten(x, 1)))


class FastNetwork(Network):
    """The same outputs from less work; pooling commutes with relu."""

    def forward(self, x):
        """Takes `(n, 1, 26, 26)`: the last two rows and columns are unused."""
        x = functional.max_pool2d(self.conv1(x), 2).relu_()
        x = functional.max_pool2d(self.conv2(x), 2).relu_()
        return self.dense(self.dropout(torch.flatten(x, 1)))


def make_plain(weights, images, labels, batch_size: int):
    """Makes a loop as in the examples, with the data on the device."""
    network = _fill(Network(), weights)
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE, eps=1e-7)
    pixels = _to_device(images)[:, None].float() / 255
    return _make_run(network, optimizer, pixels, labels, batch_size, 1)


def make_best(weights, images, labels, batch_size: int):
    """Makes a loop with every optimization that we know."""
    network = _fill(FastNetwork(), weights).to(
        memory_format=torch.channels_last
    )
    optimizer = torch.optim.Adam(
        network.parameters(), lr=RATE, eps=1e-7, fused=True
    )
    pixels = _to_device(images[:, :26, :26])[:, None].float() / 255
    pixels = pixels.contiguous(memory_format=torch.channels_last)
    parts = -(-batch_size // MOST_IMAGES_A_PART)
    if _DEVICE.type != "cpu":
        parts = 1
    return _make_run(network, optimizer, pixels, labels, batch_size, parts)


def make_keras(model, images, labels, batch_size: int):
    """Makes the plain loop of a Keras model, which is an `nn.Module`."""
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, eps=1e-7)
    pixels = _to_device(images)[..., None]
    call = functools.partial(model, training=True)
    return _make_run(call, optimizer, pixels, labels, batch_size, 1)


def make_pipeline(images, labels, batch_size: int):
    """Makes the pipeline of batches that `fit` takes instead of arrays."""
    tensors = torch.from_numpy(images), torch.from_numpy(labels)
    pairs = torch.utils.data.TensorDataset(*tensors)
    return torch.utils.data.DataLoader(pairs, batch_size=batch_size)


def make_forward(weights):
    """Makes a function from `(n, 28, 28)` uint8 to `(n, 10)` probabilities."""
    network = _fill(Network(), weights).eval()

    @torch.inference_mode()
    def forward(images):
        x = _to_device(images)[:, None].float() / 255
        return network(x).softmax(1).cpu().numpy()

    return forward


def multiply_matrices(size: int, seconds: float) -> float:
    """Measures GFLOP/s of float32 matrix products, the best of many."""
    a = torch.ones((size, size), device=_DEVICE) / size
    best, end = np.inf, time.perf_counter() + seconds
    _wait(a @ a)
    while time.perf_counter() < end:
        begin = time.perf_counter()
        _wait(a @ a)
        best = min(best, time.perf_counter() - begin)
    return 2 * size**3 / best / 1e9


def _make_run(network, optimizer, pixels, labels, batch_size: int, parts: int):
    labels = _to_device(labels).long()
    torch.manual_seed(0)

    def run(order):
        order = _to_device(np.asarray(order, np.int64))
        loss_sum = torch.zeros((), device=_DEVICE)
        right = torch.zeros((), dtype=torch.int64, device=_DEVICE)
        for chosen in order.split(batch_size):
            optimizer.zero_grad(set_to_none=True)
            for part in chosen.chunk(parts):
                x, y = pixels[part], labels[part]
                logits = network(x)
                # The parts are of equal size, also for 250 images.
                loss = functional.cross_entropy(logits, y) / parts
                loss.backward()
                loss_sum += loss.detach()
                right += (logits.detach().argmax(1) == y).sum()
            optimizer.step()
        steps = len(order) // batch_size
        return loss_sum.item() / steps, right.item() / len(order)

    return run


def _fill(network, weights):
    """Copies Keras' kernels, `(h, w, in, out)`, in PyTorch's layout."""
    conv1, bias1, conv2, bias2, dense, bias3 = map(torch.tensor, weights)
    # Keras flattens rows, columns, channels; PyTorch channels first.
    dense = dense.reshape(5, 5, 64, 10).permute(3, 2, 0, 1).reshape(10, -1)
    values = {
        "conv1.weight": conv1.permute(3, 2, 0, 1),
        "conv1.bias": bias1,
        "conv2.weight": conv2.permute(3, 2, 0, 1),
        "conv2.bias": bias2,
        "dense.weight": dense,
        "dense.bias": bias3,
    }
    network.load_state_dict(values)
    return network.to(_DEVICE)


def _to_device(array) -> torch.Tensor:
    return torch.tensor(array, device=_DEVICE)


def _wait(_) -> None:
    if _DEVICE.type == "cuda":
        torch.cuda.synchronize()
