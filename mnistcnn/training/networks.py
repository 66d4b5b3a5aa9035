"""The network that a training starts from: new, or an artifact's."""

import dataclasses

from mnistcnn.artifact import (
    Artifact,
    build_layers,
    describe_model,
    rebuild,
)
from mnistcnn.backends import keras
from mnistcnn.data import Dataset
from mnistcnn.errors import ArtifactError, ConfigError
from mnistcnn.network import build_model, initialize
from mnistcnn.training.compiling import warn_of_compiled
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.heads import add_class, drop_sharing, find_head


def build_network(
    config: TrainConfig, data: Dataset, start: Artifact | None = None
) -> "keras.Sequential":
    """Builds the network of a training.

    Args:
        config: of the training; with non-digits, the network has a rejection
            class, its last.
        data: of the run.
        start: the artifact to start from. Its classification head is kept if it
            is for the data's classes, else replaced.

    Returns:
        A Keras model. Layers are frozen as the config says.

    Raises:
        ArtifactError: the network is larger than an artifact may be.
        ConfigError: the start has no dense layer.
    """
    num_outputs = len(data.classes) + bool(config.nondigits)
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
    elif config.nondigits:
        model = rebuild(add_class(drop_sharing(start), num_outputs))
    else:
        model = rebuild(start)
    if start is not None:
        _set_dropout(model, config.dropout)
    # Checked before hours of training whose result could not be saved.
    describe_model(model)
    if config.freeze:
        core = model if start is None else drop_sharing(start)
        for layer in model.layers[: find_head(core.layers)]:
            layer.trainable = False
    return model


def check_model(
    model: "keras.Sequential", config: TrainConfig, data: Dataset
) -> "keras.Sequential":
    """Checks a user's model before anything is trained.

    Args:
        model: the user's.
        config: of the training.
        data: of the run.

    Returns:
        The model. A last layer that spreads a rejection class, as in the
        shipped network, is frozen, since it is not to be trained.

    Raises:
        ConfigError: an artifact cannot hold it, for example because its outputs
            are not probabilities, or it has another number of outputs.
    """
    wanted = len(data.classes) + bool(config.nondigits)
    kind = type(model).__name__
    if not isinstance(model, keras.Sequential):
        raise _refuse(f"is a {kind}", "a keras.Sequential, a stack of layers")
    if not model.built or not model.inputs:
        raise _refuse("was not built", "keras.Input((28, 28, 1)) first")
    if not model.trainable_variables:
        raise _refuse("has no layer that is trainable", "one or more")
    try:
        layers = describe_model(model)
    except ArtifactError as error:
        raise ConfigError(
            f"The model to train cannot be saved: {error.detail}"
        ) from error
    shape = layers[-1].output_shape
    if shape != (wanted,):
        raise _refuse(
            f"has outputs of the shape {shape}",
            f"({wanted},), one for each class",
        )
    if layers[-1].options.get("activation") == "linear":
        model.layers[-1].trainable = False
    warn_of_compiled(model)
    return model


def _refuse(found: str, expected: str) -> ConfigError:
    return ConfigError(
        f"The model to train {found}. Expected {expected}: build it so."
    )


def _set_dropout(model: "keras.Sequential", rate: float) -> None:
    """Sets the rate of the last dropout layer."""
    found = [v for v in model.layers if isinstance(v, keras.layers.Dropout)]
    for layer in found[-1:]:
        layer.rate = rate


def build_anew(
    artifact: Artifact, num_outputs: int, *, seed: int
) -> "keras.Sequential":
    """Builds the artifact's architecture with new weights.

    Args:
        artifact: checked, without a layer that spreads a rejection class.
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
    """Builds the artifact's layers up to its head, and a new head.

    Args and Returns: as `build_anew`.
    """
    model = build_anew(artifact, num_outputs, seed=seed)
    head = find_head(artifact.layers)
    for layer, arrays in zip(
        model.layers[:head], artifact.weights[:head], strict=True
    ):
        layer.set_weights(arrays)
    return model
