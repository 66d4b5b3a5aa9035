"""Reading without a framework: a checked network's layers in NumPy.

No `Backend`, since it trains nothing; what it computes is what Keras does, to
1e-5 in probability.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from mnistcnn.backends.contract import Predictor
from mnistcnn.backends.numpy_operations import LAYERS, Array

# At more, the windows of a convolution no longer fit into a core's cache.
CHUNK = 32


class Layer(Protocol):
    """A layer as data, as a checked artifact has it.

    Args:
        kind: the class's name in `keras.layers`.
        options: its arguments, plain values.
    """

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def options(self) -> dict[str, Any]: ...  # noqa: D102


class Network(Protocol):
    """A network as data, as a checked artifact has it.

    Args:
        layers: in order.
        weights: for each layer its arrays, float32.
    """

    @property
    def layers(self) -> Sequence[Layer]: ...  # noqa: D102
    @property
    def weights(self) -> Sequence[Sequence[Array]]: ...  # noqa: D102


def make_numpy_predictor(network: Network) -> Predictor:
    """Prepares a network for reading.

    Args:
        network: from `(n, 28, 28, 1)` pixels to `(n, classes)` probabilities.

    Returns:
        A `Predictor`, for any number of images, uint8 too.

    Example:
        >>> from mnistcnn import inspect_artifact
        >>> predict = make_numpy_predictor(inspect_artifact())
        >>> predict(np.zeros((2, 28, 28, 1), np.float32)).shape
        (2, 10)
    """
    layers = list(zip(network.layers, network.weights, strict=True))

    def predict(images: np.ndarray) -> Array:
        outputs = []
        # One image, or none, is a chunk too: it has the shape.
        for start in range(0, max(len(images), 1), CHUNK):
            x = np.asarray(images[start : start + CHUNK], np.float32)
            for layer, weights in layers:
                x = LAYERS[layer.kind](x, layer.options, weights)
            outputs.append(x)
        return np.concatenate(outputs)

    return predict


def run_layers(network: Network, images: np.ndarray) -> Iterator[Array]:
    """Computes what comes out of each layer, one after the other.

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
