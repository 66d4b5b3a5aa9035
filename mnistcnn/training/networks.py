"""An artifact's network to train on from: its head kept, or made anew."""

import dataclasses

from mnistcnn.artifact import Artifact, build_layers
from mnistcnn.errors import ConfigError
from mnistcnn.network import initialize


def find_head(artifact: Artifact) -> int:
    """The index of the last dense layer.

    Raises:
        ConfigError: the network has none.
    """
    kinds = [layer.kind for layer in artifact.layers]
    if "Dense" not in kinds:
        raise ConfigError(
            f"{artifact.name} has no Dense layer. Expected a network that "
            "ends in one: finetune another artifact."
        )
    return len(kinds) - 1 - kinds[::-1].index("Dense")


def drop_sharing(artifact: Artifact) -> Artifact:
    """The network without the layer that shares out "none of them".

    A network that was trained with a class for what is no digit ends, behind
    its softmax, in a fixed layer (`finishing.share_none`): that is not to be
    trained.

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


def build_anew(artifact: Artifact, num_outputs: int, *, seed: int):
    """The artifact's architecture with new weights.

    Args:
        artifact: checked, without a sharing layer.
        num_outputs: of the head.
        seed: of the weights.

    Returns:
        A `keras.Sequential`.
    """
    layers, head = list(artifact.layers), find_head(artifact)
    options = {**layers[head].options, "units": num_outputs}
    layers[head] = dataclasses.replace(layers[head], options=options)
    model = build_layers(artifact.name, layers)
    initialize(model, seed)
    return model


def build_with_new_head(artifact: Artifact, num_outputs: int, *, seed: int):
    """The artifact's layers up to its head, and a new head.

    Args and Returns: as `build_anew`.
    """
    model = build_anew(artifact, num_outputs, seed=seed)
    head = find_head(artifact)
    for layer, arrays in zip(
        model.layers[:head], artifact.weights[:head], strict=True
    ):
        layer.set_weights(arrays)
    return model
