"""What the layers of a net answer to one image, as pictures."""

import numpy as np

from mnistcnn.backends import keras
from mnistcnn.reading.featuremaps import LayerMaps

STRONGEST = 16
TOP = 255


class Activations:
    """Asks a model's first and last convolution what they answer.

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

    def __init__(self, model: "keras.Model"):
        found = [
            layer
            for layer in model.layers
            if isinstance(layer, keras.layers.Conv2D)
        ]
        self._layers = found[:1] + found[1:][-1:]
        outputs = [layer.output for layer in self._layers]
        self._answer = (
            keras.Model(model.inputs[0], outputs) if outputs else None
        )

    def explain(self, image: np.ndarray) -> list[LayerMaps]:
        """Find the feature maps of an image.

        Args:
            image: `(28, 28)`, 0..255.

        Returns:
            All maps of the first convolution in order, and the
            `STRONGEST` of the last, strongest first; empty where the model
            has no convolution.
        """
        if self._answer is None:
            return []
        pixels = np.asarray(image, np.float32)[None, ..., None]
        outputs = self._answer(pixels, training=False)
        if len(self._layers) == 1 and not isinstance(outputs, list):
            outputs = [outputs]
        found = []
        for place, layer in enumerate(self._layers):
            maps = keras.ops.convert_to_numpy(outputs[place])[0]
            maps = np.maximum(maps.transpose(2, 0, 1), 0)
            order = np.arange(len(maps))
            if place:
                strength = maps.max(axis=(1, 2))
                order = np.argsort(-strength, kind="stable")[:STRONGEST]
            scale = TOP / max(float(maps.max()), 1e-12)
            shown = np.rint(maps[order] * scale).astype(np.uint8)
            found.append(
                LayerMaps(
                    layer.name,
                    len(maps),
                    tuple(order.tolist()),
                    shown,
                    _find_kernels(layer, order),
                )
            )
        return found


def _find_kernels(layer, order):
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    if kernel.shape[2] != 1:
        return None
    return kernel[:, :, 0].transpose(2, 0, 1)[order].astype(np.float32)
