"""A checked artifact to a Keras model, built by our own code."""

import os

from mnistcnn.artifact.config import INPUT_NAME, INPUT_SHAPE
from mnistcnn.artifact.inspection import Artifact, inspect_artifact
from mnistcnn.artifact.layers import LayerSpec

_WITH_DATA_FORMAT = (
    "Conv2D",
    "MaxPooling2D",
    "AveragePooling2D",
    "GlobalAveragePooling2D",
    "Flatten",
)


def load_artifact(path: str | os.PathLike | None = None):
    """Opens an artifact as a Keras model on the current backend.

    Args:
        path: a `.keras` file, or `None` for the one that ships with the
            package.

    Returns:
        An uncompiled `keras.Sequential` from raw pixels `(n, 28, 28, 1)`,
        0..255, to probabilities `(n, classes)`.

    Raises:
        ArtifactError: as `inspect_artifact`.

    Example:
        >>> load_artifact().count_params()
        108121
    """
    return rebuild(inspect_artifact(path))


def rebuild(artifact: Artifact):
    """Builds the Keras model of a checked artifact, by our own code."""
    model = build_layers(artifact.name, artifact.layers)
    for layer, arrays in zip(model.layers, artifact.weights, strict=True):
        for variable, array in zip(layer.weights, arrays, strict=True):
            variable.assign(array)
    return model


def build_layers(name: str, layers: list[LayerSpec]):
    """A Keras model of these layers; its weights are all zero."""
    # Here, so that inspecting a file loads no framework.
    from mnistcnn.backends import keras
    from mnistcnn.network import restore_initializers

    # Layout and precision are given to each: a user's settings may differ.
    built = [keras.Input(INPUT_SHAPE, dtype="float32", name=INPUT_NAME)]
    for spec in layers:
        options = dict(spec.options)
        if spec.kind in _WITH_DATA_FORMAT:
            options["data_format"] = "channels_last"
        layer = getattr(keras.layers, spec.kind)
        if spec.kind in ("Conv2D", "Dense"):
            options["kernel_initializer"] = "zeros"
        built.append(layer(name=spec.name, dtype="float32", **options))
    model = keras.Sequential(built, name=name)
    restore_initializers(model)
    return model
