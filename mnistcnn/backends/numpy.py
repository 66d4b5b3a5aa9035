"""Inference without a framework: a checked network's layers in NumPy.

It is not a `Backend`, since it cannot train; it computes the same as Keras, to
1e-5 in probability. It crops and pools first, like the engines (`plans`).
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from mnistcnn.backends.contract import Predictor
from mnistcnn.backends.numpy_operations import LAYERS, Array, pool_first
from mnistcnn.backends.plans import MONOTONE

# Layers whose output at each place depends only on the input there.
_POINTWISE = ("Rescaling", "BatchNormalization", "Activation", "Dropout")
# Images at once. With more, the windows of a convolution do not fit into a
# core's cache, and the C library returns and reallocates their memory each
# time.
CHUNK = 16


class Layer(Protocol):
    """A layer as data, as in a checked artifact.

    Args:
        kind: the class's name in `keras.layers`.
        options: its arguments, plain values.
        output_shape: without the batch.
    """

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def options(self) -> dict[str, Any]: ...  # noqa: D102
    @property
    def output_shape(self) -> tuple[int, ...]: ...  # noqa: D102


class Network(Protocol):
    """A network as data, as in a checked artifact.

    Args:
        layers: in order.
        weights: for each layer its arrays, float32.
    """

    @property
    def layers(self) -> Sequence[Layer]: ...  # noqa: D102
    @property
    def weights(self) -> Sequence[Sequence[Array]]: ...  # noqa: D102


def make_numpy_predictor(network: Network) -> Predictor:
    """Prepares a network for inference.

    Args:
        network: from `(n, 28, 28, 1)` pixels to `(n, classes)` probabilities.

    Returns:
        A `Predictor`, for any number of images, also uint8.

    Example:
        >>> from mnistcnn import inspect_artifact
        >>> predict = make_numpy_predictor(inspect_artifact())
        >>> predict(np.zeros((2, 28, 28, 1), np.float32)).shape
        (2, 10)
    """
    steps = _plan(network)

    def predict(images: np.ndarray) -> Array:
        outputs = []
        # An empty array is a chunk too, since it has the shape.
        for start in range(0, max(len(images), 1), CHUNK):
            x = np.asarray(images[start : start + CHUNK], np.float32)
            for compute, needed in steps:
                x = compute(x[needed])
            outputs.append(x)
        return np.concatenate(outputs)

    return predict


def run_layers(network: Network, images: np.ndarray) -> Iterator[Array]:
    """Computes the output of each layer, one after the other.

    Args:
        network: as for `make_numpy_predictor`.
        images: `(n, 28, 28, 1)`, 0..255.

    Yields:
        `(n, ...)` float32, a layer's output.
    """
    x = np.asarray(images, np.float32)
    for layer, weights in zip(network.layers, network.weights, strict=True):
        x = LAYERS[layer.kind](x, layer.options, weights)
        yield x


def _plan(network: Network) -> list[tuple[Callable[..., Array], Any]]:
    """The steps of a network, and the part of its input that each needs."""
    layers = list(zip(network.layers, network.weights, strict=True))
    steps = []
    # From the last layer: each has to compute only what the next one reads.
    wanted: tuple[int, ...] = ()
    while layers:
        layer, weights = layers.pop()
        compute, options = LAYERS[layer.kind], layer.options
        wanted = _find_needed(layer, wanted)
        if layer.kind == "MaxPooling2D" and _may_wait(layers):
            compute = functools.partial(pool_first, pooling=options)
            layer, weights = layers.pop()
            options, wanted = layer.options, _find_needed(layer, wanted)
        compute = functools.partial(compute, options=options, weights=weights)
        steps.append((compute, (slice(None), *map(slice, wanted))))
    return steps[::-1]


def _may_wait(layers: list[tuple[Layer, Any]]) -> bool:
    """Whether the last is a convolution with a monotone activation."""
    if not layers or layers[-1][0].kind != "Conv2D":
        return False
    return layers[-1][0].options["activation"] in MONOTONE


def _find_needed(layer: Layer, wanted: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the needed rows and columns of the input; empty for all."""
    options = layer.options
    size = options.get("kernel_size") or options.get("pool_size")
    if not size or options["padding"] != "valid":
        return wanted if layer.kind in _POINTWISE else ()
    # Nothing is cropped if the shape is not known.
    slides = zip(
        wanted or layer.output_shape[:2], options["strides"], size, strict=False
    )
    return tuple((n - 1) * stride + width for n, stride, width in slides)
