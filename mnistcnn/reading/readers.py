"""What runs a classifier's network: Keras on a backend, or NumPy alone."""

import os
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

# Lazy: Keras is not loaded when NumPy runs the network.
from mnistcnn import artifact as artifacts
from mnistcnn import backends
from mnistcnn.reading.featuremaps import make_mapper

MAX_BATCH = 512


class Answer(NamedTuple):
    """The activations of a convolution for an image.

    Args:
        layer: its name.
        output: `(height, width, filters)` float32, after the activation.
        kernel: `(rows, columns, channels, filters)` float32.
    """

    layer: str
    output: npt.NDArray[np.float32]
    kernel: npt.NDArray[np.float32]


class Reader(Protocol):
    """What computes probabilities."""

    @property
    def backend(self) -> str:
        """The backend's name: `"numpy"`, or the one that Keras is on."""
        ...

    @property
    def model(self) -> "backends.keras.Model":
        """The Keras model, or a new one built from the artifact."""
        ...

    def predict(self, images: np.ndarray, /) -> npt.NDArray[np.float32]:
        """Computes `(n, classes)` from `(n, 28, 28, 1)`, uint8 or float32."""
        ...

    def explain(self, images: np.ndarray) -> list[Answer]:
        """Computes the activations of the first and the last convolution.

        Args:
            images: `(n, 28, 28, 1)`, of which the first is used.
        """
        ...


def open_reader(network: "backends.keras.Model | artifacts.Artifact") -> Reader:
    """Chooses what runs a network.

    A Keras model by Keras; an artifact by Keras on the backend that
    `KERAS_BACKEND` names, and where it is not set, by NumPy alone.

    Args:
        network: a model, or a checked artifact.

    Returns:
        A reader.

    Raises:
        BackendError: that backend is unknown or not installed, or this process
            was forked after it had computed.
    """
    if not isinstance(network, artifacts.Artifact):
        return KerasReader(network)
    if os.environ.get("KERAS_BACKEND"):
        backends.check_process()
        return KerasReader(artifacts.rebuild(network))
    return NumpyReader(network)


class NumpyReader:
    """Runs a checked artifact on NumPy; it is pickled with layers and weights.

    Args:
        artifact: with the layers and weights.
    """

    backend = "numpy"

    def __init__(self, artifact: "artifacts.Artifact"):
        self._artifact = artifact
        self.predict = backends.make_numpy_predictor(artifact)

    @property
    def model(self) -> "backends.keras.Model":
        """Builds a Keras model from the artifact."""
        return artifacts.rebuild(self._artifact)

    def __getstate__(self) -> dict[str, Any]:
        return {"artifact": self._artifact}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["artifact"])

    def explain(self, images: np.ndarray) -> list[Answer]:
        """Computes as `Reader.explain` says."""
        pixels = images[:1].astype(np.float32)
        found = [
            Answer(layer.name, output[0], weights[0])
            for layer, weights, output in zip(
                self._artifact.layers,
                self._artifact.weights,
                backends.run_layers(self._artifact, pixels),
                strict=True,
            )
            if layer.kind == "Conv2D"
        ]
        return _ends(found)


class KerasReader:
    """Runs a Keras model, on the backend that Keras uses.

    Only the model is pickled: compiled functions are made anew.

    Args:
        model: `(n, 28, 28, 1)`, 0..255, to `(n, classes)` probabilities.
    """

    def __init__(self, model: "backends.keras.Model"):
        backends.check_process()
        self.model = model
        self.backend = backends.name
        # Keras would look it up again at each call, which takes 6 us.
        self._none = np.zeros((0, model.output_shape[-1]), np.float32)
        self._predict = backends.active.make_predictor(model)
        self._maps: Any = None

    def __getstate__(self) -> dict[str, Any]:
        # In this order: Keras builds the model anew, which computes.
        return {"process": _Process(), "model": self.model}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["model"])

    def predict(self, images: np.ndarray, /) -> npt.NDArray[np.float32]:
        """Computes as `Reader.predict` says."""
        backends.check_process()
        outputs = [self._none]
        for start in range(0, len(images), MAX_BATCH):
            part = images[start : start + MAX_BATCH]
            outputs.append(self._predict(part.astype(np.float32)))
        # Of a model in float64, too; one in half precision is promoted anyway.
        return np.concatenate(outputs, dtype=np.float32)

    def explain(self, images: np.ndarray) -> list[Answer]:
        """Computes as `Reader.explain` says."""
        backends.check_process()
        keras = backends.keras
        kind = keras.layers.Conv2D
        layers = _ends([v for v in self.model.layers if isinstance(v, kind)])
        if not layers:
            return []
        if self._maps is None:
            with backends.own_settings():
                self._maps = make_mapper(self.model, layers)
        pixels = images[:1].astype(np.float32)
        with backends.own_settings():
            outputs = self._maps(pixels, training=False)
        # For a single output Keras does not return a list.
        outputs = outputs if isinstance(outputs, list) else [outputs]
        to_numpy = keras.ops.convert_to_numpy
        return [
            Answer(
                layer.name,
                np.asarray(to_numpy(output), np.float32)[0],
                np.asarray(layer.get_weights()[0], np.float32),
            )
            for layer, output in zip(layers, outputs, strict=True)
        ]


class _Process:
    """What checks the process in which it is unpickled."""

    def __reduce__(self):
        return backends.check_process, ()


def _ends(found: list) -> list:
    """The first and the last, if there are two or more."""
    return found[:1] + found[1:][-1:]
