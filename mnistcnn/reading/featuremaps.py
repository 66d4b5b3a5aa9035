"""Feature maps: what the convolutions of a network answer to one image."""

import dataclasses

import numpy as np
import numpy.typing as npt

from mnistcnn import backends
from mnistcnn.pictures import check_images

STRONGEST = 16
TOP = 255


@dataclasses.dataclass(frozen=True, eq=False)
class LayerMaps:
    """Feature maps of one layer.

    Args:
        layer: the layer's name.
        total: how many maps it has.
        indices: which of them these are.
        maps: `(n, height, width)` uint8; 0 is no answer, 255 the layer's
            strongest to this image.
        kernels: `(n, height, width)` float32, the filters themselves, where
            the layer looks at a single channel, else None.
    """

    layer: str
    total: int
    indices: tuple[int, ...]
    maps: npt.NDArray[np.uint8]
    kernels: npt.NDArray[np.float32] | None


class Activations:
    """The activations of a model's first and last convolution.

    Args:
        model: a built Keras model with one input, `(n, 28, 28, 1)`, 0..255.

    Example:
        >>> from mnistcnn import build_model
        >>> first, last = Activations(build_model()).explain(
        ...     np.zeros((28, 28), np.uint8)
        ... )
        >>> first.maps.shape, last.layer, last.maps.shape
        ((32, 26, 26), 'conv2', (16, 11, 11))
    """

    def __init__(self, model: "backends.keras.Model"):
        # By the package's name: the board's window unpickles `LayerMaps` and
        # is to load no Keras.
        keras = backends.keras
        found = [
            layer
            for layer in model.layers
            if isinstance(layer, keras.layers.Conv2D)
        ]
        self._layers = found[:1] + found[1:][-1:]
        outputs = [layer.output for layer in self._layers]
        with backends.own_settings():
            self._answer = (
                keras.Model(model.inputs[0], outputs) if outputs else None
            )
        self._to_numpy = keras.ops.convert_to_numpy

    def explain(self, image: npt.ArrayLike) -> list[LayerMaps]:
        """Finds the feature maps of an image.

        Args:
            image: `(28, 28)`, 0..255.

        Returns:
            All maps of the first convolution in order, and the
            `STRONGEST` of the last, strongest first; empty where the model
            has no convolution.
        """
        if self._answer is None:
            return []
        pixels = check_images(image, "the image")[:1].astype(np.float32)
        outputs = self._answer(pixels, training=False)
        if not isinstance(outputs, list):
            outputs = [outputs]
        found = []
        for place, layer in enumerate(self._layers):
            maps = np.asarray(self._to_numpy(outputs[place]))[0]
            maps = np.maximum(maps.transpose(2, 0, 1), 0)
            order = np.arange(len(maps))
            if place:
                strength = maps.max(axis=(1, 2))
                order = np.argsort(-strength, kind="stable")[:STRONGEST]
            scale = TOP / max(float(maps.max()), 1e-12)
            shown = np.rint(maps[order] * scale).astype(np.uint8)
            indices = tuple(order.tolist())
            kernels = _find_kernels(layer, order)
            found.append(
                LayerMaps(layer.name, len(maps), indices, shown, kernels)
            )
        return found


def _find_kernels(
    layer: "backends.keras.layers.Layer", order: npt.NDArray[np.intp]
) -> npt.NDArray[np.float32] | None:
    kernel = layer.get_weights()[0]
    if kernel.shape[2] != 1:
        return None
    return kernel[:, :, 0].transpose(2, 0, 1)[order].astype(np.float32)
