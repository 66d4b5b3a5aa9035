"""A checked artifact as data, read without Keras."""

import dataclasses
import errno
import hashlib
import os
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn import artifact  # lazy: who downloads loads more
from mnistcnn.artifact import container, hub
from mnistcnn.artifact.card import (
    check_card,
    check_classes,
    check_rotation,
    check_threshold,
    parse_json,
)
from mnistcnn.artifact.config import INPUT_SHAPE, parse_config
from mnistcnn.artifact.layers import LayerSpec
from mnistcnn.artifact.outputs import check_outputs
from mnistcnn.artifact.weights import read_weights
from mnistcnn.calibration import MIN_PROBABILITY
from mnistcnn.errors import ArtifactError, quote
from mnistcnn.files import read_regular

MAX_FILE_BYTES = 21 << 20


@dataclasses.dataclass(frozen=True, eq=False)
class Artifact:
    """The contents of a checked file, as data.

    Args:
        name: the model's name.
        layers: its layers, without the input layer.
        weights: for each layer its arrays, float32.
        card: the contents of `mnistcnn.json`; empty for a file without one.
    """

    name: str
    layers: list[LayerSpec]
    weights: list[list[npt.NDArray[np.float32]]]
    card: dict[str, Any]

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """Returns the images' shape, like a Keras model."""
        return (None, *INPUT_SHAPE)

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """Returns the probabilities' shape, like a Keras model."""
        return (None, *self.layers[-1].output_shape)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names the classes, by index."""
        numbers = [str(i) for i in range(self.layers[-1].output_shape[-1])]
        return tuple(self.card.get("classes", numbers))

    @property
    def weights_sha256(self) -> str:
        """Identifies the weights: the card's digest, or a new one."""
        if "weights_sha256" in self.card:
            return self.card["weights_sha256"]
        digest = hashlib.sha256()
        for array in (each for layer in self.weights for each in layer):
            digest.update(array.tobytes())
        return digest.hexdigest()

    @property
    def threshold(self) -> float:
        """Reads the rejection threshold: a reading below it is "?"."""
        return float(self.card.get("threshold", MIN_PROBABILITY))

    @property
    def rotation(self) -> float:
        """Reads the angle, in degrees, of test-time augmentation.

        Predictions for images as they are, and rotated to either side, are
        averaged; with 0 only images as they are are used.
        """
        return float(self.card.get("rotation", 0))

    @property
    def parameters(self) -> int:
        """Counts the parameters."""
        return sum(layer.parameters for layer in self.layers)


def pretrained_path() -> Path:
    """Finds the artifact that ships with the package."""
    folder = resources.files("mnistcnn") / "pretrained"
    return Path(str(folder)) / "mnistcnn.keras"


def inspect_artifact(path: str | os.PathLike[str] | None = None) -> Artifact:
    """Reads and checks an artifact; imports neither Keras nor a framework.

    Args:
        path: a `.keras` file, `hf://owner/name` for one on the Hugging Face
            Hub, or `None` for the one that ships with the package.

    Returns:
        An `Artifact`.

    Raises:
        ArtifactError: the file is missing, broken, or contains something that
            our artifacts do not have; its `code` says what.

    Example:
        >>> inspect_artifact().parameters
        112741
    """
    path = pretrained_path() if path is None else path
    return check_bytes(read_file(path, MAX_FILE_BYTES))


def check_bytes(data: bytes) -> Artifact:
    """Checks an artifact's bytes; `inspect_artifact` without the file."""
    members = container.unpack(data)
    metadata = parse_json(members[container.METADATA], container.METADATA)
    _check_version(metadata)
    config = parse_json(members[container.CONFIG], container.CONFIG)
    try:
        name, layers = parse_config(config)
    except ArtifactError as error:
        if container.CARD in members:
            raise
        raise ArtifactError(
            error.code,
            "The file has no card: Keras' own save wrote it. Expected one "
            "that save_artifact wrote; if it is your own, --trust or "
            "from_artifact(path, trust=True) opens it.",
        ) from error
    body = members[container.WEIGHTS]
    card: dict[str, Any] = {}
    if container.CARD in members:
        card = parse_json(members[container.CARD], container.CARD)
        check_card(card, body)
    weights = read_weights(body, layers)
    check_outputs(layers, weights)
    check_classes(card, layers[-1].output_shape[-1])
    check_threshold(card)
    check_rotation(card)
    return Artifact(name, layers, weights, card)


def read_file(
    path: str | os.PathLike[str], max_bytes: int = MAX_FILE_BYTES
) -> bytes:
    """Reads a file that a user named, once, if it is a regular file.

    Args:
        path: of a regular file, or `hf://owner/name`, an artifact on the
            Hub, which is downloaded to the cache and checked first.
        max_bytes: a larger file is refused.

    Raises:
        ArtifactError: `missing`, `not-a-file`, `budget` or `unreadable`; or
            as `fetch` raises.
    """
    path = hub.take_path(path)
    if (address := hub.parse_address(path)) is not None:
        path = artifact.fetch(address)
    try:
        return read_regular(path, max_bytes=max_bytes)
    except FileNotFoundError:
        raise ArtifactError(
            "missing",
            f"{path} does not exist. Expected a .keras file: give the path "
            "of one, or none for the network that ships with mnistcnn.",
        ) from None
    except OSError as error:
        text = error.strerror or str(error)
        kind = "not-a-file" if "not a regular file" in text else "unreadable"
        advice = "check the path and its permissions"
        inside = os.path.join(path, "best.keras")  # of a run
        if os.path.isfile(inside):  # not pathlib: its own may raise
            advice = f"name {inside}"
        raise ArtifactError(
            "budget" if error.errno == errno.EFBIG else kind,
            f"{str(path)!r} cannot be read ({text}). "
            f"Expected a .keras file of at most {max_bytes:,} bytes: "
            f"{advice}.",
        ) from None


def _check_version(metadata: dict[str, Any]) -> None:
    version = metadata.get("keras_version")
    if not isinstance(version, str) or not version.startswith("3."):
        raise ArtifactError(
            "version",
            f"The file was written by Keras {quote(version, 20)}. Expected "
            "Keras 3: update mnistcnn, or write it with Keras 3.",
        )
