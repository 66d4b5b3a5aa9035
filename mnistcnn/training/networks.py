"""The network that a training begins with: new, or an artifact's."""

import dataclasses

import numpy as np
import numpy.typing as npt

from mnistcnn import backends
from mnistcnn.artifact import Artifact, build_layers, rebuild
from mnistcnn.backends import keras
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.network import build_model, initialize, restore_initializers
from mnistcnn.training.config import TrainConfig

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
    if config.freeze:
        head = find_head(model.layers)
        for layer in model.layers[:head]:
            layer.trainable = False
    return model


def _set_dropout(model: "keras.Sequential", rate: float) -> None:
    """Gives the last dropout another rate."""
    found = [v for v in model.layers if isinstance(v, keras.layers.Dropout)]
    for layer in found[-1:]:
        layer.rate = rate


def find_head(layers: list) -> int:
    """The index of the classification head: the last dense layer.

    Args:
        layers: of a Keras model, or of an artifact.

    Raises:
        ConfigError: there is none.
    """
    kinds = [getattr(v, "kind", type(v).__name__) for v in layers]
    if "Dense" not in kinds:
        raise ConfigError(
            f"A network of {', '.join(kinds)} has no Dense layer. Expected "
            "one that ends in one: finetune another artifact."
        )
    return len(kinds) - 1 - kinds[::-1].index("Dense")


# === The rejection class ===


def share_rejection(model: "keras.Sequential") -> "keras.Sequential":
    """Shares the rejection class' probability equally among the others.

    A network that was trained with a rejection class gives, where it sees a
    non-digit, the same probability to each of the others: it has their
    number of outputs, and is unsure of non-digits. Its layers are stock.

    Args:
        model: ends in a softmax, of one class more.

    Returns:
        A model of one class less, with the same weights.

    Example:
        >>> share_rejection(build_model(num_classes=11)).output_shape
        (None, 10)
    """
    num_classes = model.output_shape[-1] - 1
    pixels = keras.Input(model.input_shape[1:], name="pixels", dtype="float32")
    layers = [type(v).from_config(v.get_config()) for v in model.layers]
    sharing = keras.layers.Dense(
        num_classes,
        use_bias=False,
        kernel_initializer="zeros",
        name="sharing",
        dtype="float32",
    )
    shared = keras.Sequential([pixels, *layers, sharing], name=model.name)
    kernel = np.full((num_classes + 1, num_classes), 1 / num_classes, "f4")
    kernel[:-1] = np.eye(num_classes)
    shared.set_weights([*model.get_weights(), kernel])
    restore_initializers(shared)
    return shared


def drop_sharing(artifact: Artifact) -> Artifact:
    """The network without the layer that shares the rejection class.

    That layer (`share_rejection`) is fixed: it is not to be trained.

    Args:
        artifact: checked.

    Returns:
        An artifact that ends in the softmax, or the same one where there is
        no such layer.
    """
    *layers, last = artifact.layers
    before = layers[-1].options if layers else {}
    if (
        last.kind != "Dense"
        or last.options["use_bias"]
        or last.options["activation"] != "linear"
        or before.get("activation") != "softmax"
        or before.get("units") != last.options["units"] + 1
    ):
        return artifact
    weights = artifact.weights[:-1]
    return dataclasses.replace(artifact, layers=layers, weights=weights)


def add_class(artifact: Artifact, num_outputs: int) -> Artifact:
    """The network with a last class more, which is hardly ever likely.

    Args:
        artifact: ends in a dense layer with a bias.
        num_outputs: that it is to have; with as many it is left as it is.
    """
    head = find_head(artifact.layers)
    spec = artifact.layers[head]
    if spec.options["units"] == num_outputs:
        return artifact
    kernel, bias = artifact.weights[head]
    layers, weights = list(artifact.layers), list(artifact.weights)
    layers[head] = dataclasses.replace(
        spec, options={**spec.options, "units": num_outputs}
    )
    weights[head] = [
        np.pad(kernel, ((0, 0), (0, 1))),
        np.append(bias, np.float32(_NEW_BIAS)),
    ]
    return dataclasses.replace(artifact, layers=layers, weights=weights)


# === A new head ===


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


def predict(artifact: Artifact, pixels: npt.NDArray) -> npt.NDArray[np.float32]:
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
