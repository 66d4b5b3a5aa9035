"""Keras models to artifacts, and artifacts to Keras models."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnistcnn.artifact import container
from mnistcnn.artifact.card import CARD_FORMAT, encode_card
from mnistcnn.artifact.config import INPUT_NAME, INPUT_SHAPE
from mnistcnn.artifact.description import parse_model
from mnistcnn.artifact.hub import take_path
from mnistcnn.artifact.inspection import (
    Artifact,
    check_bytes,
    inspect_artifact,
)
from mnistcnn.artifact.layers import LayerSpec
from mnistcnn.artifact.weights import write_weights
from mnistcnn.backends import keras, own_generators, own_settings
from mnistcnn.errors import ArtifactError
from mnistcnn.files import write_atomically
from mnistcnn.network import restore_initializers

_WITH_DATA_FORMAT = (
    "Conv2D",
    "MaxPooling2D",
    "AveragePooling2D",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling2D",
    "ZeroPadding2D",
    "Flatten",
)


def save_artifact(
    model: keras.Model,
    path: str | os.PathLike[str],
    *,
    card: dict[str, Any] | None = None,
) -> Path:
    """Writes a model as an artifact, atomically.

    The file holds no optimizer and no compile state, which depend on the
    backend. The bytes are checked as by `inspect_artifact` before an old file
    is replaced.

    Args:
        model: a `keras.Sequential` of the layers that
            `mnistcnn.artifact.layers` knows, float32, channels last.
        path: the file to write or replace.
        card: contents of the card besides its format, the architecture and the
            digest of the weights: JSON values.

    Returns:
        `path`.

    Raises:
        ArtifactError: the model has a layer or an option that an artifact
            cannot hold, is too large, has a weight that is NaN or infinite, or
            does not output probabilities; or the card is not JSON.
        OSError: the disk refuses; the old file is unchanged.
    """
    path = Path(take_path(path))
    if not isinstance(card, Mapping | None):
        raise ArtifactError(
            "config-value",
            f"card is of type {type(card).__name__}. Expected a dict of its "
            'fields: {"notes": "..."}.',
        )
    write_atomically(path, encode_artifact(model, card=card))
    return path


def encode_artifact(
    model: keras.Model, *, card: dict[str, Any] | None = None
) -> bytes:
    """Makes the bytes that `save_artifact` writes; raises as it does."""
    config, name, layers = parse_model(model)
    arrays = [layer.get_weights() for layer in model.layers]
    body = write_weights(layers, arrays, name=name)
    own = {
        "format": CARD_FORMAT,
        "architecture": {
            "name": name,
            "parameters": sum(layer.parameters for layer in layers),
            "layers": [f"{layer.kind} {layer.name}" for layer in layers],
        },
        "weights_sha256": hashlib.sha256(body).hexdigest(),
    }
    # The time of saving is left out: it is private, and makes bytes differ.
    metadata = {"keras_version": keras.__version__, "date_saved": ""}
    members = {
        container.METADATA: json.dumps(metadata).encode(),
        container.CONFIG: json.dumps(config).encode(),
        container.WEIGHTS: body,
        # The caller cannot override these fields.
        container.CARD: encode_card(own | (card or {}) | own),
    }
    data = container.pack(members)
    check_bytes(data)
    return data


def load_artifact(
    path: str | os.PathLike[str] | None = None,
) -> keras.Sequential:
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
        112741
    """
    return rebuild(inspect_artifact(path))


def rebuild(artifact: Artifact) -> keras.Sequential:
    """Builds the Keras model of a checked artifact by our own code."""
    model = build_layers(artifact.name, artifact.layers)
    for layer, arrays in zip(model.layers, artifact.weights, strict=True):
        for variable, array in zip(layer.weights, arrays, strict=True):
            variable.assign(array)
    return model


@own_settings()
@own_generators()
def build_layers(name: str, layers: list[LayerSpec]) -> keras.Sequential:
    """Builds a Keras model of these layers, with weights that are all zero."""
    # Layout and precision are explicit: a user's settings may differ.
    built: list[Any] = [
        keras.Input(INPUT_SHAPE, dtype="float32", name=INPUT_NAME)
    ]
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
