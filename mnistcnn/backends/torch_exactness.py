"""PyTorch: float32 in full precision, summed in a deterministic order."""

import functools
from typing import Any

import torch

from mnistcnn.backends.shared import SharedSettings


def _swap_exactness(values: list[tuple] | None) -> list[tuple]:
    """Sets how float32 products are computed; returns the old settings.

    By default cuDNN uses 10 bits of a factor's 23 (TensorFloat-32), and
    `set_float32_matmul_precision` may make the CPU use 7.
    (https://docs.pytorch.org/docs/stable/notes/numerical_accuracy.html)
    """
    changed = []
    exact = _list_exact() if values is None else values
    for place, name, *wanted in exact:
        found = getattr(place, name)
        if found not in wanted:
            setattr(place, name, wanted[0])
            changed.append((place, name, found))
    return changed


@functools.cache
def _list_exact() -> list[tuple]:
    """Lists objects, an attribute of each, and its exact values."""
    torchs: Any = torch.backends
    cudnn, mkldnn = torchs.cudnn, torchs.mkldnn
    places = [mkldnn.conv, mkldnn.matmul]
    exact: list[tuple] = []
    if torch.cuda.is_available():
        places += [cudnn.conv, torchs.cuda.matmul]
        exact = [(cudnn, "deterministic", True), (cudnn, "benchmark", False)]
    # "none", if nothing is set, is exact.
    return [*exact, *((p, "fp32_precision", "ieee", "none") for p in places)]


EXACT = SharedSettings(_swap_exactness)
