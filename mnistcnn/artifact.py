"""The artifact: one `.keras` file that every backend opens, and its card.

The file is stock Keras, so that `keras.saving.load_model(path,
compile=False)` opens it where mnistcnn is not installed. One more member,
`mnistcnn.json`, is its card: what it is, where it comes from, how good it
is. Opening a file here never trusts it: the bytes are read once and checked,
the model is built by our own code from what they say, and the arrays are
assigned. Keras' deserialiser never sees the file.
"""

import dataclasses
import hashlib
import json
import os
import tempfile
from importlib import resources
from pathlib import Path

import numpy as np

from mnistcnn import container
from mnistcnn.errors import ArtifactError
from mnistcnn.files import write_atomically
from mnistcnn.layerconfig import INPUT_NAME, INPUT_SHAPE, parse_config
from mnistcnn.layerspec import LayerSpec
from mnistcnn.weights import read_weights

CARD_FORMAT = 1

_WITH_DATA_FORMAT = (
    "Conv2D",
    "MaxPooling2D",
    "AveragePooling2D",
    "GlobalAveragePooling2D",
    "Flatten",
)


@dataclasses.dataclass(frozen=True, eq=False)
class Artifact:
    """A checked file: what is in it, as data.

    Args:
        name: the model's name.
        layers: its layers, without the input layer.
        weights: for each layer its arrays, float32.
        card: what `mnistcnn.json` holds; empty for a file without one.
    """

    name: str
    layers: list[LayerSpec]
    weights: list[list[np.ndarray]]
    card: dict

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes' names, by index."""
        numbers = [str(i) for i in range(self.layers[-1].output_shape[-1])]
        return tuple(self.card.get("classes", numbers))

    @property
    def parameters(self) -> int:
        """The number of parameters."""
        return sum(layer.parameters for layer in self.layers)


def pretrained_path() -> Path:
    """The artifact that ships with the package."""
    folder = resources.files("mnistcnn") / "pretrained"
    return Path(str(folder)) / "mnistcnn.keras"


def inspect_artifact(path: str | os.PathLike | None = None) -> Artifact:
    """Reads and checks an artifact; imports neither Keras nor a framework.

    Args:
        path: a `.keras` file, or `None` for the one that ships with the
            package.

    Returns:
        An `Artifact`.

    Raises:
        ArtifactError: the file is missing, broken, or asks for something
            that an artifact of ours does not hold; its `code` says which.

    Example:
        >>> inspect_artifact().parameters
        34826
    """
    data = container.read_bytes(
        pretrained_path() if path is None else Path(path)
    )
    return check_bytes(data)


def check_bytes(data: bytes) -> Artifact:
    """Checks an artifact's bytes; `inspect_artifact` without the file."""
    members = container.unpack(data)
    metadata = container.parse_json(
        members[container.METADATA], container.METADATA
    )
    _check_version(metadata)
    config = container.parse_json(members[container.CONFIG], container.CONFIG)
    name, layers = parse_config(config)
    body = members[container.WEIGHTS]
    card = {}
    if container.CARD in members:
        card = container.parse_json(members[container.CARD], container.CARD)
        _check_card(card, body)
    weights = read_weights(body, layers)
    _check_classes(card, layers[-1].output_shape[-1])
    return Artifact(name, layers, weights, card)


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
        34826
    """
    return rebuild(inspect_artifact(path))


def rebuild(artifact: Artifact):
    """Builds the Keras model of a checked artifact, by our own code."""
    model = _build(artifact.name, artifact.layers)
    for layer, arrays in zip(model.layers, artifact.weights, strict=True):
        for variable, array in zip(layer.weights, arrays, strict=True):
            variable.assign(array)
    return model


def save_artifact(
    model, path: str | os.PathLike, *, card: dict | None = None
) -> Path:
    """Writes a model as an artifact, whole or not at all.

    The file holds no optimizer and no compile state: those name backends.
    The bytes are checked as `inspect_artifact` would before the old file,
    if there is one, is replaced.

    Args:
        model: a `keras.Sequential` of the layers in `mnistcnn.layerspec`,
            float32, channels last.
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
    path = Path(path)
    config = _plain_config(model)
    name, layers = parse_config(config)
    # The copy drops the optimizer, which Keras would write as well.
    clone = _build(name, layers)
    for source, target in zip(model.layers, clone.layers, strict=True):
        for old, new in zip(source.weights, target.weights, strict=True):
            new.assign(old)
    with tempfile.TemporaryDirectory() as folder:
        stock = Path(folder) / "model.keras"
        clone.save(stock)
        members = container.unpack(stock.read_bytes())
    body = members[container.WEIGHTS]
    own = {
        "format": CARD_FORMAT,
        "architecture": {
            "name": name,
            "parameters": sum(layer.parameters for layer in layers),
            "layers": [f"{layer.kind} {layer.name}" for layer in layers],
        },
        "weights_sha256": hashlib.sha256(body).hexdigest(),
    }
    metadata = json.loads(members[container.METADATA])
    # When a file was saved is nobody's business and makes bytes differ.
    metadata["date_saved"] = ""
    members[container.METADATA] = json.dumps(metadata).encode()
    members[container.CONFIG] = json.dumps(config).encode()
    # What we know ourselves is not for the caller to say.
    members[container.CARD] = _encode_card(own | (card or {}) | own)
    data = container.pack(members)
    check_bytes(data)
    write_atomically(path, data)
    return path


# === Keras ===


def _build(name: str, layers: list[LayerSpec]):
    # Here, so that inspecting a file loads no framework.
    from mnistcnn.backends import keras

    # Layout and precision are given to each: a user's settings may differ.
    built = [keras.Input(INPUT_SHAPE, dtype="float32", name=INPUT_NAME)]
    for spec in layers:
        options = dict(spec.options)
        if spec.kind in _WITH_DATA_FORMAT:
            options["data_format"] = "channels_last"
        layer = getattr(keras.layers, spec.kind)
        built.append(layer(name=spec.name, dtype="float32", **options))
    return keras.Sequential(built, name=name)


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


# === Checks ===


def _check_version(metadata: dict) -> None:
    version = metadata.get("keras_version")
    if not isinstance(version, str) or not version.startswith("3."):
        raise ArtifactError(
            "version",
            f"The file was written by Keras {str(version)[:20]!r}. Expected "
            "Keras 3: update mnistcnn, or write it with Keras 3.",
        )


def _check_card(card: dict, weights: bytes) -> None:
    number = card.get("format")
    if type(number) is not int or number != CARD_FORMAT:
        raise ArtifactError(
            "version",
            f"The card has format {str(number)[:20]!r}. Expected "
            f"{CARD_FORMAT}: update mnistcnn.",
        )
    found = hashlib.sha256(weights).hexdigest()
    if card.get("weights_sha256") != found:
        raise ArtifactError(
            "digest",
            f"The weights have sha256 {found[:16]}..., the card says "
            f"{str(card.get('weights_sha256'))[:16]!r}. Expected the same: "
            "the file was changed, get it again.",
        )


def _check_classes(card: dict, num_classes: int) -> None:
    classes = card.get("classes", [""] * num_classes)
    if (
        not isinstance(classes, list)
        or len(classes) != num_classes
        or not all(isinstance(c, str) and len(c) <= 40 for c in classes)
        or not all(c.isprintable() for c in classes)
    ):
        raise ArtifactError(
            "config-value",
            f"The card names the classes {str(classes)[:60]!r}. Expected "
            f"{num_classes} short names, one an output: make the file anew.",
        )


def _encode_card(card: dict) -> bytes:
    try:
        return json.dumps(card, indent=1, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise ArtifactError(
            "config-value",
            f"The card cannot be written as JSON ({str(error)[:80]}). "
            "Expected plain values, all finite: convert them first.",
        ) from None
