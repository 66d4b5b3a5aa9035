"""Converts any Keras model that is a stack of stock layers to an artifact.

Runs in the child process that `unchecked.py` starts: `main` loads Keras,
sandboxes the process, opens the given file, and writes an artifact's bytes to
standard output.
"""

import os
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.artifact.budget import CLASSES
from mnistcnn.artifact.cage import enclose
from mnistcnn.artifact.config import INPUT_NAME, INPUT_SHAPE
from mnistcnn.artifact.models import encode_artifact
from mnistcnn.artifact.translation import is_kept, translate
from mnistcnn.backends import keras
from mnistcnn.errors import ArtifactError

_TRIAL = 4
_TOLERANCE = 1e-3
_SCALING = ("Rescaling", "Normalization")


def main() -> None:
    """Converts the file that the command line names."""
    out = os.dup(1)
    # Keras' own output must not mix with the answer.
    os.dup2(2, 1)
    # Triggers the imports and compilation of a first model and prediction.
    warm = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    warm.predict_on_batch(np.zeros((1, 1), np.float32))
    missing = enclose()
    try:
        body = convert(sys.argv[1])
        answer = ",".join(["ok", *missing]).encode() + b"\n" + body
    except ArtifactError as error:
        answer = f"error\n{error.code}\n{error.detail}".encode()
    # Keras, h5py and zipfile may raise anything.
    except Exception as error:
        text = " ".join(str(error).split())[:120]
        found = f"Keras cannot open it ({type(error).__name__}: {text})."
        advice = "Expected a whole .keras file of stock layers: save it anew."
        answer = f"error\nkeras\n{found} {advice}".encode()
    with os.fdopen(out, "wb") as stream:
        stream.write(answer)
    # Without exit handlers, which may be hostile.
    os._exit(0)


def convert(path: str) -> bytes:
    """Opens a file by Keras' loader, and converts its network to an artifact.

    Args:
        path: a file whose name ends in `.keras`.

    Raises:
        ArtifactError: `shape`, `not-probabilities`, `config-class`, or what
            `save_artifact` raises.
    """
    own = keras.saving.load_model(path, compile=False, safe_mode=True)
    _check_shapes(own)
    layers = list(_flatten(own))
    scaled = any(type(layer).__name__ in _SCALING for layer in layers)
    expected = _try(own, scaled)
    built: list[Any] = [keras.Input(INPUT_SHAPE, name=INPUT_NAME)]
    if not scaled:
        built.append(keras.layers.Rescaling(1 / 255, name="to_unit_range"))
    for number, layer in enumerate(layers):
        built += translate(layer, f"layer{number}")
    model = keras.Sequential(built, name="trusted")
    copies = [layer for layer in model.layers if layer.name != "to_unit_range"]
    originals = [layer for layer in layers if is_kept(layer)]
    for copy, layer in zip(copies, originals, strict=True):
        if copy.weights:
            copy.set_weights(layer.get_weights())
    found = np.asarray(model.predict_on_batch(_noise()))
    if not np.abs(found - expected).max() <= _TOLERANCE:
        raise ArtifactError(
            "config-class",
            "The network is not a stack of layers: its layers, one after "
            "another, give other outputs than the network. Expected a stack: "
            "build it without branches.",
        )
    return encode_artifact(model)


def _check_shapes(own: Any) -> None:
    shape = getattr(own, "input_shape", None)
    outputs = getattr(own, "output_shape", None)
    # A model of several inputs has a list of shapes here.
    inner = tuple(shape[1:]) if isinstance(shape, tuple) else None
    least, most = CLASSES
    if (
        inner not in (INPUT_SHAPE, INPUT_SHAPE[:2])
        or not isinstance(outputs, tuple)
        or len(outputs) != 2
        or not least <= (outputs[1] or 0) <= most
    ):
        raise ArtifactError(
            "shape",
            f"The network goes from {str(shape)[:60]} to {str(outputs)[:60]}. "
            "Expected (None, 28, 28, 1) to (None, classes): images to "
            f"probabilities of {least} to {most} classes.",
        )


def _flatten(model: Any) -> Iterator[Any]:
    """Lists the layers of a model and of the models in it, in order."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _flatten(layer)
        else:
            yield layer


def _noise() -> npt.NDArray[np.float32]:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (_TRIAL, *INPUT_SHAPE)).astype(np.float32)


def _try(own: Any, scaled: bool) -> npt.NDArray[Any]:
    """Computes the outputs for noise; raises unless they are probabilities."""
    pixels = _noise().reshape(_TRIAL, *own.input_shape[1:])
    rows = own.predict_on_batch(pixels if scaled else pixels / 255)
    rows = np.asarray(keras.ops.convert_to_numpy(rows), np.float32)
    sums = rows.sum(axis=1)
    # Comparisons with NaN are false.
    if not (rows.min() >= 0 and np.abs(sums - 1).max() <= _TOLERANCE):
        raise ArtifactError(
            "not-probabilities",
            f"The outputs sum to {sums[0]:.3g}, the least is "
            f"{rows.min():.3g}. Expected probabilities: end the network with a "
            "softmax.",
        )
    return rows
