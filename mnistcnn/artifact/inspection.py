"""A checked artifact as data, read without Keras."""

import dataclasses
import hashlib
import os
import stat
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.artifact import container
from mnistcnn.artifact.card import (
    check_card,
    check_classes,
    check_threshold,
    parse_json,
)
from mnistcnn.artifact.config import parse_config
from mnistcnn.artifact.layers import LayerSpec
from mnistcnn.artifact.weights import read_weights
from mnistcnn.calibration import MIN_PROBABILITY
from mnistcnn.errors import ArtifactError, quote

MAX_FILE_BYTES = 17 << 20


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
    weights: list[list[npt.NDArray[np.float32]]]
    card: dict[str, Any]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names the classes, by index."""
        numbers = [str(i) for i in range(self.layers[-1].output_shape[-1])]
        return tuple(self.card.get("classes", numbers))

    @property
    def weights_sha256(self) -> str:
        """Tells its weights from others: the card's digest, or a new one."""
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
    return check_bytes(
        _read_file(pretrained_path() if path is None else Path(path))
    )


def check_bytes(data: bytes) -> Artifact:
    """Checks an artifact's bytes; `inspect_artifact` without the file."""
    members = container.unpack(data)
    metadata = parse_json(members[container.METADATA], container.METADATA)
    _check_version(metadata)
    config = parse_json(members[container.CONFIG], container.CONFIG)
    name, layers = parse_config(config)
    body = members[container.WEIGHTS]
    card: dict[str, Any] = {}
    if container.CARD in members:
        card = parse_json(members[container.CARD], container.CARD)
        check_card(card, body)
    weights = read_weights(body, layers)
    check_classes(card, layers[-1].output_shape[-1])
    check_threshold(card)
    return Artifact(name, layers, weights, card)


def _read_file(path: Path) -> bytes:
    """Reads a whole regular file, once, within the budget."""
    try:
        # Non-blocking, so that a FIFO without a writer cannot hang us.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise ArtifactError(
            "missing",
            f"{path} does not exist. Expected a .keras file: give the path "
            "of one, or none for the network that ships with mnistcnn.",
        ) from None
    # A null character in the path is a ValueError.
    except (OSError, ValueError) as error:
        raise ArtifactError(
            "not-a-file" if os.path.isdir(path) else "unreadable",
            f"{str(path)!r} cannot be opened "
            f"({getattr(error, 'strerror', None) or error}). Expected a "
            "readable .keras file: check the path and its permissions.",
        ) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ArtifactError(
                "not-a-file",
                f"{path} is a folder or a device. Expected a .keras file: "
                "give the path of one.",
            )
        if status.st_size > MAX_FILE_BYTES:
            raise ArtifactError(
                "budget",
                f"{path} has {status.st_size:,} bytes. Expected at most "
                f"{MAX_FILE_BYTES:,}: it is not a network of this kind.",
            )
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read(MAX_FILE_BYTES + 1)
    finally:
        os.close(descriptor)


def _check_version(metadata: dict[str, Any]) -> None:
    version = metadata.get("keras_version")
    if not isinstance(version, str) or not version.startswith("3."):
        raise ArtifactError(
            "version",
            f"The file was written by Keras {quote(version, 20)}. Expected "
            "Keras 3: update mnistcnn, or write it with Keras 3.",
        )
