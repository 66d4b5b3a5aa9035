"""Classification heads, and the layer that spreads a rejection class."""

import dataclasses
from typing import Any

import numpy as np

# Lazy, since recipes are read without a framework.
from mnistcnn import backends, network
from mnistcnn.artifact import Artifact
from mnistcnn.errors import ConfigError

_NEW_BIAS = -2.0  # so that a new class starts with a low probability


def find_head(layers: list[Any]) -> int:
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


def share_rejection(
    model: "backends.keras.Sequential",
) -> "backends.keras.Sequential":
    """Spreads the rejection class' probability equally over the others.

    For a non-digit the new network then gives the same probability to each of
    the others: it has only their outputs, and is unsure of non-digits. Its
    layers are stock Keras ones.

    Args:
        model: ends in a softmax, with one class more.

    Returns:
        A model with one class less, and the same weights.

    Example:
        >>> from mnistcnn import build_model
        >>> share_rejection(build_model(num_classes=11)).output_shape
        (None, 10)
    """
    num_classes = model.layers[-1].units - 1
    shape = model.inputs[0].shape[1:]
    keras = backends.keras
    pixels = keras.Input(shape, name="pixels", dtype="float32")
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
    network.restore_initializers(shared)
    return shared


def drop_sharing(artifact: Artifact) -> Artifact:
    """Removes the layer that spreads the rejection class.

    That layer (`share_rejection`) is fixed: it is not to be trained.

    Args:
        artifact: checked.

    Returns:
        An artifact that ends in the softmax; the same one if there is no such
        layer.
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
    """Adds a last class, with a low probability at first.

    Args:
        artifact: ends in a dense layer with a bias.
        num_outputs: how many it is to have; with as many it is unchanged.
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
