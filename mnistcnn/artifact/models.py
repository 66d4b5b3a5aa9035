"""A Keras model to an artifact, whole or not at all."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from mnistcnn.artifact import container
from mnistcnn.artifact.card import CARD_FORMAT, encode_card
from mnistcnn.artifact.config import parse_config
from mnistcnn.artifact.inspection import check_bytes
from mnistcnn.artifact.weights import write_weights
from mnistcnn.errors import ArtifactError
from mnistcnn.files import write_atomically


def save_artifact(
    model, path: str | os.PathLike, *, card: dict | None = None
) -> Path:
    """Writes a model as an artifact, whole or not at all.

    The file holds no optimizer and no compile state: those name backends.
    The bytes are checked as `inspect_artifact` would before the old file,
    if there is one, is replaced.

    Args:
        model: a `keras.Sequential` of the layers that
            `mnistcnn.artifact.layers` knows, float32, channels last.
        path: the file to write or replace.
        card: what the card says besides its format, the architecture and
            the digest of the weights: JSON values.

    Returns:
        `path`.

    Raises:
        ArtifactError: the model has a layer or an option that an artifact
            cannot hold, or a weight that is NaN or infinite; or the card is
            no JSON.
        OSError: the disk refuses; the old file is as it was.
    """
    from mnistcnn.backends import keras

    path = Path(path)
    config = _plain_config(model)
    name, layers = parse_config(config)
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
    # When a file was saved is nobody's business and makes bytes differ.
    metadata = {"keras_version": keras.__version__, "date_saved": ""}
    members = {
        container.METADATA: json.dumps(metadata).encode(),
        container.CONFIG: json.dumps(config).encode(),
        container.WEIGHTS: body,
        # What we know ourselves is not for the caller to say.
        container.CARD: encode_card(own | (card or {}) | own),
    }
    data = container.pack(members)
    check_bytes(data)
    write_atomically(path, data)
    return path


def _plain_config(model) -> dict:
    """The model's config without what differs from process to process."""
    from mnistcnn.backends import keras

    drop = {"build_config", "compile_config", "shared_object_id"}

    def strip(node):
        if isinstance(node, dict):
            return {k: strip(v) for k, v in node.items() if k not in drop}
        if isinstance(node, list | tuple):
            return [strip(v) for v in node]
        # An option given as a NumPy number is a number.
        return node.item() if isinstance(node, np.generic) else node

    if not isinstance(model, keras.Sequential):
        raise ArtifactError(
            "config-class",
            f"The model is a {type(model).__name__}. Expected a "
            "keras.Sequential: build it as a stack of layers.",
        )
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": strip(model.get_config()),
        "registered_name": None,
    }
