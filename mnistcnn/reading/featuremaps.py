"""Feature maps: the activations of a network's convolutions for an image."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mnistcnn import backends
from mnistcnn.errors import ConfigError

if TYPE_CHECKING:
    from mnistcnn.reading.readers import Answer

STRONGEST = 16
TOP = 255


@dataclasses.dataclass(frozen=True, eq=False)
class LayerMaps:
    """Feature maps of one layer.

    Args:
        layer: the layer's name.
        total: how many maps it has.
        indices: which of them these are.
        maps: `(n, height, width)` uint8; 0 is no activation, 255 the layer's
            strongest for this image.
        kernels: `(n, height, width)` float32, the filters themselves, if the
            layer's input has a single channel, else `None`.
    """

    layer: str
    total: int
    indices: tuple[int, ...]
    maps: npt.NDArray[np.uint8]
    kernels: npt.NDArray[np.float32] | None


def show_maps(answers: "Sequence[Answer]") -> list[LayerMaps]:
    """Makes pictures of convolutions' activations.

    Args:
        answers: of a first and a last convolution, or fewer.

    Returns:
        All maps of the first in order, and the `STRONGEST` of the last,
        strongest first; negative activations are shown as 0.
    """
    found = []
    for place, answer in enumerate(answers):
        maps = np.maximum(answer.output.transpose(2, 0, 1), 0)
        order = np.arange(len(maps))
        if place:
            strength = maps.max(axis=(1, 2))
            order = np.argsort(-strength, kind="stable")[:STRONGEST]
        scale = TOP / max(float(maps.max()), 1e-12)
        shown = np.rint(maps[order] * scale).astype(np.uint8)
        kernels = None
        if answer.kernel.shape[2] == 1:
            kernels = answer.kernel[:, :, 0].transpose(2, 0, 1)[order]
            kernels = kernels.astype(np.float32)
        indices = tuple(order.tolist())
        found.append(
            LayerMaps(answer.layer, len(maps), indices, shown, kernels)
        )
    return found


def make_mapper(
    model: "backends.keras.Model", layers: "Sequence[backends.keras.Layer]"
) -> "backends.keras.Model":
    """Makes the model from images to the outputs of some layers.

    Args:
        model: of Keras.
        layers: some of its own.

    Raises:
        ConfigError: the model has a `call` of its own.
    """
    if backends.has_own_call(model):
        raise ConfigError(
            f"The model is of the class {type(model).__name__}, with a call "
            "of its own. Expected Keras' own, by which its layers can be "
            "explained: build it as a stack of layers."
        )
    found, tensor = {}, model.inputs[0]
    # A layer of a stack may be another model's as well, and its `output` that
    # one's.
    stacked = isinstance(model, backends.keras.Sequential)
    for layer in model.layers:
        tensor = layer(tensor) if stacked else layer.output
        found[layer.name] = tensor
    outputs = [found[layer.name] for layer in layers]
    return backends.keras.Model(model.inputs[0], outputs)
