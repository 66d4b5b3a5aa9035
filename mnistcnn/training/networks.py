"""The network that a training begins with: new, or an artifact's."""

import dataclasses
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn import backends
from mnistcnn.artifact import (
    Artifact,
    build_layers,
    check_savable,
    rebuild,
)
from mnistcnn.backends import keras
from mnistcnn.data import Dataset
from mnistcnn.network import build_model, initialize
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.heads import add_class, drop_sharing, find_head

_NEW_BIAS = -2.0  # a class that was never seen is not likely
_BATCH_SIZE = 500


def build_network(
    config: TrainConfig, data: Dataset, start: Artifact | None = None
) -> "keras.Sequential":
    """Builds the network of a training.

    Args:
        config: of the training; where it has generated non-digits, the
            network has a rejection class, its last.
        data: of the run.
        start: what to train on from. Its classification head is kept where
            it is for the data's classes, else made anew.

    Returns:
        A Keras model. Layers are frozen as the config says.

    Raises:
        ArtifactError: the network is larger than an artifact may be.
        ConfigError: the start has no dense layer.
    """
    num_outputs = len(data.classes) + bool(config.generated_nondigits)
    if start is None:
        model = build_model(
            config.model,
            seed=config.seed,
            dropout=config.dropout,
            num_classes=num_outputs,
            filters=config.filters,
        )
    elif start.classes != data.classes:
        core = drop_sharing(start)
        model = build_with_new_head(core, num_outputs, seed=config.seed)
    elif config.generated_nondigits:
        model = rebuild(add_class(drop_sharing(start), num_outputs))
    else:
        model = rebuild(start)
    if start is not None:
        _set_dropout(model, config.dropout)
    # Before hours of training, whose end could not be saved.
    check_savable(model)
    if config.freeze:
        core = model if start is None else drop_sharing(start)
        for layer in model.layers[: find_head(core.layers)]:
            layer.trainable = False
    return model


def _set_dropout(model: "keras.Sequential", rate: float) -> None:
    """Gives the last dropout another rate."""
    found = [v for v in model.layers if isinstance(v, keras.layers.Dropout)]
    for layer in found[-1:]:
        layer.rate = rate


def build_anew(
    artifact: Artifact, num_outputs: int, *, seed: int
) -> "keras.Sequential":
    """The artifact's architecture with new weights.

    Args:
        artifact: checked, without a sharing layer.
        num_outputs: of the head.
        seed: of the weights.
    """
    layers, head = list(artifact.layers), find_head(artifact.layers)
    options = {**layers[head].options, "units": num_outputs}
    layers[head] = dataclasses.replace(layers[head], options=options)
    model = build_layers(artifact.name, layers)
    initialize(model, seed)
    return model


def build_with_new_head(
    artifact: Artifact, num_outputs: int, *, seed: int
) -> "keras.Sequential":
    """The artifact's layers up to its head, and a new head.

    Args and Returns: as `build_anew`.
    """
    model = build_anew(artifact, num_outputs, seed=seed)
    head = find_head(artifact.layers)
    for layer, arrays in zip(
        model.layers[:head], artifact.weights[:head], strict=True
    ):
        layer.set_weights(arrays)
    return model


def predict(
    artifact: Artifact, pixels: npt.NDArray[Any]
) -> npt.NDArray[np.float32]:
    """What an artifact, or its first layers, answer to images.

    Args:
        artifact: checked.
        pixels: `(n, 28, 28, 1)`, 0..255.

    Returns:
        `(n, k)`.
    """
    run = backends.active.make_predictor(rebuild(artifact))
    parts = (
        pixels[start : start + _BATCH_SIZE]
        for start in range(0, len(pixels), _BATCH_SIZE)
    )
    return np.concatenate([run(part.astype(np.float32)) for part in parts])
