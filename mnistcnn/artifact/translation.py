"""Translates stock Keras layers to those that an artifact may have."""

from typing import Any

import numpy as np

from mnistcnn.artifact.config import INPUT_SHAPE
from mnistcnn.artifact.layers import LAYERS
from mnistcnn.backends import keras
from mnistcnn.errors import ArtifactError

# Layers that only act in training, or only change the shape.
_IDLE = (
    "ActivityRegularization",
    "AlphaDropout",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "InputLayer",
    "SpatialDropout2D",
)
_ACTIVATIONS = {"ReLU": "relu", "Softmax": "softmax", "ELU": "elu"}


def is_kept(layer: Any) -> bool:
    """Whether a layer has an effect at inference."""
    kind = type(layer).__name__
    return kind not in _IDLE and not (kind == "Reshape" and _is_image(layer))


def _is_image(layer: Any) -> bool:
    return tuple(layer.target_shape) in (INPUT_SHAPE, INPUT_SHAPE[:2])


def translate(layer: Any, name: str) -> list[Any]:
    """Makes the equivalent layer of an artifact; none for one without effect.

    Args:
        layer: of any Keras model.
        name: the new layer's.

    Returns:
        At most one layer, whose weights are not yet set.

    Raises:
        ArtifactError: `config-class`.
    """
    kind = type(layer).__name__
    config = layer.get_config()
    stock: Any = getattr(keras.layers, kind, None)
    if type(layer) is not stock:
        raise _class_error(kind)
    if not is_kept(layer):
        return []
    options: dict[str, Any] = {"name": name, "dtype": "float32"}
    layers = keras.layers
    if kind == "Reshape" and len(layer.target_shape) == 1:
        return [layers.Flatten(**options)]
    if kind == "Normalization":
        return [_normalize(layer, options)]
    if kind in _ACTIVATIONS and _is_plain(kind, config):
        return [layers.Activation(_ACTIVATIONS[kind], **options)]
    if kind not in LAYERS:
        raise _class_error(kind)
    checked = {key: config[key] for key in LAYERS[kind].checks}
    # Options that an artifact fixes are copied, so that other values are
    # refused.
    for key in ("data_format", "dilation_rate", "groups"):
        if key in config:
            checked[key] = config[key]
    return [stock(**checked, **options)]


def _normalize(layer: Any, options: dict[str, Any]) -> Any:
    """Converts a single mean and variance to a scale and an offset."""
    mean, variance = (
        np.unique(np.asarray(keras.ops.convert_to_numpy(value)))
        for value in (layer.mean, layer.variance)
    )
    if len(mean) != 1 or len(variance) != 1:
        raise _class_error("Normalization of each pixel")
    # Keras divides by at least this.
    scale = 1 / max(float(variance[0]) ** 0.5, 1e-7)
    offset = -float(mean[0]) * scale
    return keras.layers.Rescaling(scale, offset, **options)


def _is_plain(kind: str, config: dict[str, Any]) -> bool:
    """Whether an activation layer has its default parameters."""
    plain = {
        "ReLU": {"max_value": None, "negative_slope": 0, "threshold": 0},
        "Softmax": {"axis": -1},
        "ELU": {"alpha": 1},
    }[kind]
    return all(config.get(key) == value for key, value in plain.items())


def _class_error(kind: str) -> ArtifactError:
    return ArtifactError(
        "config-class",
        f"The network has a layer of the class {kind[:60]!r}. Expected some of "
        f"{', '.join(LAYERS)}: an artifact holds no other.",
    )
