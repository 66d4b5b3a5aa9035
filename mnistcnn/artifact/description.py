"""A Keras model described as an artifact would hold it."""

from typing import Any

import numpy as np

from mnistcnn.artifact.config import parse_config
from mnistcnn.artifact.layers import LAYERS, LayerSpec
from mnistcnn.artifact.outputs import check_outputs
from mnistcnn.backends import is_stock, keras
from mnistcnn.errors import ArtifactError, quote

# What checks say of a file, and what is said of a model instead.
_WORDINGS = (
    ("The file asks for", "The model has"),
    ("Expected a stock layer", f"Expected one of {', '.join(LAYERS)}"),
    ("Expected a word", "Expected none of its own"),
    ("it was not written by mnistcnn", "build it otherwise"),
    ("make the file anew", "build it otherwise"),
)


def describe_model(model: keras.Model) -> list[LayerSpec]:
    """Lists a model's layers as an artifact would hold them.

    Args:
        model: any Keras model.

    Raises:
        ArtifactError: `save_artifact` would refuse it, which should be known
            before a training.
    """
    layers = parse_model(model)[2]
    check_outputs(layers, [layer.get_weights() for layer in model.layers])
    return layers


def parse_model(
    model: keras.Model,
) -> tuple[dict[str, Any], str, list[LayerSpec]]:
    """Reads a model's config as an artifact would hold it.

    Args:
        model: any Keras model.

    Returns:
        The config, which is JSON; the model's name; its layers.

    Raises:
        ArtifactError: an artifact cannot hold it.
    """
    config = _plain_config(model)
    try:
        return config, *parse_config(config)
    except ArtifactError as error:
        # The original error is worded for files.
        said = error.detail
        for of_file, of_model in _WORDINGS:
            said = said.replace(of_file, of_model)
        raise ArtifactError(error.code, said) from error


def _plain_config(model: keras.Model) -> dict[str, Any]:
    """Reads a model's config without parts that differ between processes."""
    drop = {"build_config", "compile_config", "shared_object_id"}

    def strip(node: Any) -> Any:
        if isinstance(node, dict):
            return {k: strip(v) for k, v in node.items() if k not in drop}
        if isinstance(node, list | tuple):
            return [strip(v) for v in node]
        # Converts options that are NumPy numbers.
        return node.item() if isinstance(node, np.generic) else node

    if not isinstance(model, keras.Sequential):
        raise ArtifactError(
            "config-class",
            f"The model is a {type(model).__name__}. Expected a "
            "keras.Sequential: build it as a stack of layers.",
        )
    # An artifact has no place for a `call` of the user's own.
    if not is_stock(model):
        raise ArtifactError(
            "config-class",
            f"The model is of the class {quote(type(model).__name__, 60)}. "
            "Expected keras.Sequential itself, without a call of its own: "
            "build it as a stack of layers.",
        )
    for layer in model.layers:
        if not is_stock(layer):
            raise ArtifactError(
                "config-class",
                f"The model has a layer of the class "
                f"{quote(type(layer).__name__, 60)}. Expected one of "
                f"{', '.join(LAYERS)}, without a call of its own: build it "
                "otherwise.",
            )
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": strip(model.get_config()),
        "registered_name": None,
    }
