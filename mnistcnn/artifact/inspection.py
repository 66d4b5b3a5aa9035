"""An artifact's bytes to what they say, checked; without Keras."""

import dataclasses
import hashlib
import os
from importlib import resources
from pathlib import Path

import numpy as np

from mnistcnn.artifact import container
from mnistcnn.artifact.card import (
    check_card,
    check_classes,
    check_threshold,
)
from mnistcnn.artifact.config import parse_config
from mnistcnn.artifact.layers import LayerSpec
from mnistcnn.artifact.strictjson import parse_json
from mnistcnn.artifact.weights import read_weights
from mnistcnn.calibration import MIN_PROBABILITY
from mnistcnn.errors import ArtifactError, quote


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
    def weights_sha256(self) -> str:
        """What tells its weights from others: the card's, or a new one."""
        if "weights_sha256" in self.card:
            return self.card["weights_sha256"]
        digest = hashlib.sha256()
        for array in (each for layer in self.weights for each in layer):
            digest.update(array.tobytes())
        return digest.hexdigest()

    @property
    def threshold(self) -> float:
        """The probability below which a reading is none."""
        return float(self.card.get("threshold", MIN_PROBABILITY))

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
        108121
    """
    data = container.read_bytes(
        pretrained_path() if path is None else Path(path)
    )
    return check_bytes(data)


def check_bytes(data: bytes) -> Artifact:
    """Checks an artifact's bytes; `inspect_artifact` without the file."""
    members = container.unpack(data)
    metadata = parse_json(members[container.METADATA], container.METADATA)
    _check_version(metadata)
    config = parse_json(members[container.CONFIG], container.CONFIG)
    name, layers = parse_config(config)
    body = members[container.WEIGHTS]
    card = {}
    if container.CARD in members:
        card = parse_json(members[container.CARD], container.CARD)
        check_card(card, body)
    weights = read_weights(body, layers)
    check_classes(card, layers[-1].output_shape[-1])
    check_threshold(card)
    return Artifact(name, layers, weights, card)


def _check_version(metadata: dict) -> None:
    version = metadata.get("keras_version")
    if not isinstance(version, str) or not version.startswith("3."):
        raise ArtifactError(
            "version",
            f"The file was written by Keras {quote(version, 20)}. Expected "
            "Keras 3: update mnistcnn, or write it with Keras 3.",
        )
