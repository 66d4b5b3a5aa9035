"""A Keras file of one's own, opened by Keras' own loader, unchecked.

For who trained a network elsewhere and wants it read, scored or put on the
board. Nothing comes here but by an explicit `--trust`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mnistcnn.artifact.config import INPUT_NAME, INPUT_SHAPE
from mnistcnn.backends import keras
from mnistcnn.errors import ArtifactError

TRUST_WARNING = (
    "--trust: the file is opened by Keras' own loader, in its safe mode, and "
    "is not checked. A hostile file can run code or take all memory: open "
    "your own files only. The network gets pixels 0..1, or 0..255 if it has a "
    "Rescaling or Normalization layer."
)
_MAX_CLASSES = 1000
_TRIAL = 4
_TOLERANCE = 1e-3
_SCALING = ("Rescaling", "Normalization")


def load_trusted(path: str | os.PathLike[str]) -> keras.Model:
    """Opens any Keras model of the right input and output, unchecked.

    Keras' safe mode refuses what it knows to run code; it is a list of
    known evils and no boundary. See `TRUST_WARNING`.

    Args:
        path: a `.keras` file of one's own.

    Returns:
        An uncompiled Keras model from raw pixels `(n, 28, 28, 1)`, 0..255,
        to probabilities `(n, classes)`. Where the file's own wants
        `(n, 28, 28)` or pixels 0..1, layers in front of it see to that.

    Raises:
        ArtifactError: `missing`, `keras` (Keras cannot open it), `shape`,
            or `not-probabilities`.

    Example:
        >>> from mnistcnn.artifact import pretrained_path
        >>> load_trusted(pretrained_path()).output_shape
        (None, 10)
    """
    path = Path(path)
    if not path.is_file():
        raise ArtifactError(
            "missing",
            f"{path} is no file. Expected a .keras file: check the path.",
        )
    try:
        own = keras.saving.load_model(path, compile=False, safe_mode=True)
    # Keras, h5py and zipfile raise what they like.
    except Exception as error:
        text = " ".join(str(error).split())[:120]
        raise ArtifactError(
            "keras",
            f"Keras cannot open {path} ({type(error).__name__}: {text}). "
            "Expected a whole .keras file of stock layers: save it anew.",
        ) from error
    model = _adapt(own, path)
    _try(model, path)
    return model


def _adapt(own: Any, path: Path) -> keras.Model:
    """Puts layers between raw pixels and a model, where it needs them."""
    shape = getattr(own, "input_shape", None)
    outputs = getattr(own, "output_shape", None)
    # A model of several inputs has a list of shapes here.
    inner = tuple(shape[1:]) if isinstance(shape, tuple) else None
    if (
        inner not in (INPUT_SHAPE, INPUT_SHAPE[:2])
        or not isinstance(outputs, tuple)
        or len(outputs) != 2
        or not 2 <= (outputs[1] or 0) <= _MAX_CLASSES
    ):
        raise ArtifactError(
            "shape",
            f"{path} goes from {str(shape)[:60]} to {str(outputs)[:60]}. "
            "Expected (None, 28, 28, 1) to (None, classes): images to "
            "probabilities.",
        )
    layers = []
    if inner != INPUT_SHAPE:
        layers.append(keras.layers.Reshape(inner, name="as_the_file_wants"))
    kinds = {type(layer).__name__ for layer in _flatten(own)}
    if not kinds & set(_SCALING):
        layers.append(keras.layers.Rescaling(1 / 255, name="to_unit_range"))
    if not layers:
        return own
    pixels = keras.Input(INPUT_SHAPE, dtype="float32", name=INPUT_NAME)
    return keras.Sequential([pixels, *layers, own], name="trusted")


def _flatten(model: Any) -> Iterator[keras.Layer]:
    """Lists the layers of a model and of the models in it."""
    for layer in getattr(model, "layers", []):
        yield layer
        yield from _flatten(layer)


def _try(model: keras.Model, path: Path) -> None:
    """Raises an `ArtifactError` unless probabilities come out."""
    noise = np.random.default_rng(0).integers(0, 256, (_TRIAL, *INPUT_SHAPE))
    rows = np.asarray(model.predict_on_batch(noise.astype(np.float32)))
    sums = rows.sum(axis=1)
    # A comparison with NaN is false.
    if not (rows.min() >= 0 and np.abs(sums - 1).max() <= _TOLERANCE):
        raise ArtifactError(
            "not-probabilities",
            f"The outputs of {path} sum to {sums[0]:.3g}, the least is "
            f"{rows.min():.3g}. Expected probabilities: end the network with a "
            "softmax.",
        )
