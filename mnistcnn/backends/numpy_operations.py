"""The layers of an artifact in NumPy.

Each is one matrix product or a few array operations on `(n, rows, columns,
channels)` float32; a convolution is the product of its windows, laid out as
rows, with its kernel (Chellapilla, Puri and Simard, "High performance
convolutional neural networks for document processing", 2006).
"""

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mnistcnn.backends.numpy_activations import ACTIVATIONS, Array


def _rescale(x, options, weights):
    return x * np.float32(options["scale"]) + np.float32(options["offset"])


def _convolve(x, options, weights):
    kernel, *bias = weights
    size, (channels, filters) = kernel.shape[:2], kernel.shape[2:]
    x, strides = _pad(x, size, options, 0), options["strides"]
    if channels == 1:
        # NumPy copies rows of three numbers slowly, but whole planes fast.
        planes = [plane[..., 0] for plane in _shifts(x, size, strides)]
        windows = np.empty((*planes[0].shape, len(planes)), np.float32)
        for place, plane in enumerate(planes):
            windows[..., place] = plane
    else:
        windows = _view_windows(x, size, strides)
    flat = windows.reshape(-1, size[0] * size[1] * channels)
    y = _finish(flat @ kernel.reshape(-1, filters), options, bias)
    return y.reshape(*windows.shape[:3], filters)


def _dense(x, options, weights):
    kernel, *bias = weights
    return _finish(x @ kernel, options, bias)


def _finish(y, options, bias):
    if bias:
        y += bias[0]
    return ACTIVATIONS[options["activation"]](y)


def _pool_maximum(x, options, weights):
    size = options["pool_size"]
    return _reduce(_pad(x, size, options, -np.inf), size, options, np.maximum)


def pool_first(x, options, weights, pooling):
    """Computes a convolution, max-pooled before bias and activation.

    Args:
        x: `(n, rows, columns, channels)`.
        options: the convolution's; its activation is monotone.
        weights: its kernel, and its bias if it has one.
        pooling: the pooling's options.

    Returns:
        The result of the two layers, one after the other.
    """
    kernel, *bias = weights
    plain = options | {"activation": "linear"}
    y = _pool_maximum(_convolve(x, plain, [kernel]), pooling, ())
    return _finish(y, options, bias)


def _pool_average(x, options, weights):
    # Padding does not count.
    inside = np.ones((1, *x.shape[1:3], 1), np.float32)
    size = options["pool_size"]
    sums, counts = (
        _reduce(_pad(each, size, options, 0), size, options, np.add)
        for each in (x, inside)
    )
    return sums / counts


def _reduce(x, size, options, function):
    """Reduces rows first, which are contiguous in memory; then columns."""
    rows, columns = zip(size, options["strides"], strict=True)
    for window in ((rows, (1, 1)), ((1, 1), columns)):
        first, *others = _shifts(x, *zip(*window, strict=True))
        x = first
        for plane in others:
            x = function(x, plane, out=None if x is first else x)
    return x


def _average_all(x, options, weights):
    return x.mean(axis=(1, 2), dtype=np.float32)


def _maximum_of_all(x, options, weights):
    return x.max(axis=(1, 2))


def _surround(x, options, weights):
    return np.pad(x, [(0, 0), *options["padding"], (0, 0)])


def _normalize(x, options, weights):
    *learned, mean, variance = weights
    slope = 1 / np.sqrt(variance + np.float32(options["epsilon"]))
    if options["scale"]:
        slope = slope * learned.pop(0)
    offset = learned.pop(0) if options["center"] else np.float32(0)
    return x * slope + (offset - mean * slope)


def _activate(x, options, weights):
    return ACTIVATIONS[options["activation"]](x.copy())


def _flatten(x, options, weights):
    # Not -1, which NumPy cannot infer for zero images.
    return x.reshape(len(x), math.prod(x.shape[1:]))


def _keep(x, options, weights):
    return x


def _pad(x, size, options, value):
    """Pads as TensorFlow does: the odd row and column at the end."""
    if options["padding"] == "valid":
        return x
    widths = [(0, 0)]
    for side, width, stride in zip(
        x.shape[1:3], size, options["strides"], strict=True
    ):
        more = max((-(-side // stride) - 1) * stride + width - side, 0)
        widths.append((more // 2, more - more // 2))
    return np.pad(x, [*widths, (0, 0)], constant_values=value)


def _shifts(x, size, strides):
    """Returns views of the picture, one for each place in a window."""
    places = _find_places(x.shape[1:3], tuple(size), tuple(strides))
    return [x[place] for place in places]


# Cached: for one image they would take a tenth of the time.
@functools.lru_cache(64)
def _find_places(shape, size, strides):
    rows, columns = (
        (side - width) // stride * stride + 1
        for side, width, stride in zip(shape, size, strides, strict=True)
    )
    return [
        np.s_[:, i : i + rows : strides[0], j : j + columns : strides[1]]
        for i, j in np.ndindex(*size)
    ]


def _view_windows(x, size, strides):
    """Returns a view of all windows: `(n, rows, columns, *size, channels)`."""
    view = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    view = view[:, :: strides[0], :: strides[1]]
    return view.transpose(0, 1, 2, 4, 5, 3)


# By the class's name in `keras.layers`: `(x, options, weights)` to x.
LAYERS: dict[str, Callable[[Array, dict[str, Any], Sequence[Array]], Array]] = {
    "Rescaling": _rescale,
    "Conv2D": _convolve,
    "MaxPooling2D": _pool_maximum,
    "AveragePooling2D": _pool_average,
    "GlobalAveragePooling2D": _average_all,
    "GlobalMaxPooling2D": _maximum_of_all,
    "ZeroPadding2D": _surround,
    "BatchNormalization": _normalize,
    "Activation": _activate,
    "Flatten": _flatten,
    "Dropout": _keep,
    "Dense": _dense,
}
