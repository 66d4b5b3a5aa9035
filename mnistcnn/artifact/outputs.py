"""Checks that a network outputs probabilities for every possible picture.

By a bound instead of a trial (interval bound propagation): a layer's output is
at most the sum of its largest inputs, each times the magnitude of its weight.
If that bound stays inside float32 there is neither infinity nor NaN for any
pixels 0..255, and the final softmax turns finite values into probabilities. A
trial would only cover the few pictures that it tries.
"""

import numpy as np
import numpy.typing as npt

from mnistcnn.artifact.config import INPUT_SHAPE
from mnistcnn.artifact.layers import LayerSpec
from mnistcnn.errors import ArtifactError

Arrays = list[npt.NDArray[np.float32]]
Bound = npt.NDArray[np.float64]
WHITE = 255.0
# Float32 ends at 3e38; a backend may sum in another order, or more terms.
MAX_VALUE = 1e36
# Tolerance of the sum of a class' shares, which are float32.
TOLERANCE = 1e-3


def check_outputs(specs: list[LayerSpec], weights: list[Arrays]) -> None:
    """Raises an `ArtifactError` unless the network outputs probabilities.

    Args:
        specs: the layers.
        weights: the arrays of each layer, finite.
    """
    if not _ends_with_softmax(specs, weights):
        raise _error("The network does not end with a softmax.")
    # The largest magnitude of each channel.
    most = np.full(INPUT_SHAPE[-1], WHITE)
    for spec, arrays in zip(specs, weights, strict=True):
        most = _bound(spec, arrays, most)
        largest = max([most.max(), *(np.abs(a).max() for a in arrays)])
        # Comparisons with NaN are false.
        if not largest <= MAX_VALUE:
            raise _error(
                f"{spec.kind} {spec.name!r} has weights by which numbers "
                "become infinite or NaN."
            )


def _ends_with_softmax(specs: list[LayerSpec], weights: list[Arrays]) -> bool:
    shapes = [INPUT_SHAPE, *(spec.output_shape for spec in specs)]
    layers = list(zip(specs, weights, shapes[:-1], strict=True))
    for spec, arrays, shape in reversed(layers):
        if spec.options.get("activation") == "softmax":
            return True
        if not _keeps(spec, arrays, shape):
            return False
    return False


def _keeps(spec: LayerSpec, arrays: Arrays, shape: tuple[int, ...]) -> bool:
    """Whether a layer maps probabilities to probabilities."""
    if spec.kind == "Flatten":
        # With more than one place it would concatenate several softmaxes.
        return spec.output_shape == shape[-1:]
    if spec.kind == "Dense" and len(arrays) == 1:
        # Each class is spread over others, as a rejection class is.
        shares = arrays[0].sum(axis=1, dtype=np.float64)
        linear = spec.options["activation"] == "linear"
        whole = np.abs(shares - 1).max() <= TOLERANCE
        return linear and bool(whole) and bool(arrays[0].min() >= 0)
    # A mean over places is a mean of probabilities.
    return spec.kind in ("Dropout", "GlobalAveragePooling2D")


def _bound(spec: LayerSpec, arrays: Arrays, most: Bound) -> Bound:
    """Bounds a layer's outputs for inputs bounded by `most`."""
    if spec.kind == "Flatten":
        return np.tile(most, spec.output_shape[0] // len(most))
    if spec.kind == "Rescaling":
        scale, offset = spec.options["scale"], spec.options["offset"]
        return most * abs(scale) + abs(offset)
    if spec.kind == "BatchNormalization":
        return _bound_normalized(spec, arrays, most)
    if arrays:
        kernel, *bias = map(np.abs, arrays)
        # Summed over the window, for each input and output channel.
        window = tuple(range(kernel.ndim - 2))
        most = most @ kernel.sum(axis=window, dtype=np.float64)
        most = most + (bias[0] if bias else 0)
    # All supported activations are bounded by their input, or by 1.
    return np.maximum(most, 1) if "activation" in spec.options else most


def _bound_normalized(spec: LayerSpec, arrays: Arrays, most: Bound) -> Bound:
    *learned, mean, variance = (a.astype(np.float64) for a in arrays)
    gamma = learned.pop(0) if spec.options["scale"] else np.ones(1)
    beta = learned.pop(0) if spec.options["center"] else np.zeros(1)
    squares = variance + spec.options["epsilon"]
    if variance.min() < 0 or squares.min() <= 0:
        return np.full(1, np.nan)
    # The value before the multiplication by gamma is bounded as well.
    most = (most + np.abs(mean)) / np.sqrt(squares)
    return np.maximum(most, most * np.abs(gamma)) + np.abs(beta)


def _error(found: str) -> ArtifactError:
    return ArtifactError(
        "not-probabilities",
        f"{found} Expected probabilities for every picture: end it with a "
        "softmax, and train it anew if it diverged.",
    )
