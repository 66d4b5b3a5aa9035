"""A network made ready to read, which may travel between processes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn import backends
from mnistcnn.errors import ConfigError
from mnistcnn.pictures import IMAGE_SIZE
from mnistcnn.reading.featuremaps import Activations, LayerMaps
from mnistcnn.units import take_number

MAX_BATCH = 512


class Network:
    """A Keras model, and what its framework made of it.

    Pickled, the model alone travels: what was compiled is made anew.

    Args:
        model: from raw pixels `(n, 28, 28, 1)`, 0..255, to probabilities
            `(n, classes)`.
    """

    def __init__(self, model: "backends.keras.Model"):
        self.model = model
        self._activations: Activations | None = None
        self._predict = backends.active.make_predictor(model)

    def __getstate__(self) -> dict[str, Any]:
        return {"model": self.model}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["model"])

    def predict(
        self, images: npt.NDArray[np.number]
    ) -> npt.NDArray[np.float32]:
        """Returns the probabilities of the classes.

        Args:
            images: `(n, 28, 28, 1)`, 0..255.

        Returns:
            `(n, classes)`.
        """
        num_classes = self.model.output_shape[-1]
        outputs = [np.zeros((0, num_classes), np.float32)]
        for start in range(0, len(images), MAX_BATCH):
            part = images[start : start + MAX_BATCH]
            # To a power of two: JAX compiles anew for each batch size.
            size = 1 << (len(part) - 1).bit_length()
            batch = np.zeros((size, *part.shape[1:]), np.float32)
            batch[: len(part)] = part
            outputs.append(self._predict(batch)[: len(part)])
        return np.concatenate(outputs)

    def explain(self, image: npt.ArrayLike) -> list[LayerMaps]:
        """Finds the feature maps of an image, as `Activations.explain`."""
        if self._activations is None:
            self._activations = Activations(self.model)
        return self._activations.explain(image)


def check_fit(
    model: "backends.keras.Model", classes: Sequence[str]
) -> tuple[str, ...]:
    """The names, or a `ConfigError` where the model is not for them."""
    names = tuple(map(str, classes))
    try:
        taken, given = model.input_shape, model.output_shape
    # Keras has several for a model that was not built.
    except Exception as error:
        raise ConfigError(
            f"The model has no inputs and outputs yet ({type(error).__name__})"
            ". Expected a built one: begin it with keras.Input((28, 28, 1))."
        ) from error
    if taken != (None, IMAGE_SIZE, IMAGE_SIZE, 1):
        raise ConfigError(
            f"The model takes inputs of the shape {str(taken)[:60]}. Expected "
            "(None, 28, 28, 1): raw pixels of grey images."
        )
    if given != (None, len(names)) or len(set(names)) < len(names):
        raise ConfigError(
            f"The model's outputs are of the shape {str(given)[:60]}, and "
            f"{len(names)} classes are named: {', '.join(names)[:60]}. "
            "Expected a distinct name for each output."
        )
    return names


def take_share(threshold: float) -> float:
    """The threshold, or a `ConfigError` where it is no probability."""
    number = take_number(threshold)
    if number is None or not 0 <= number <= 1:
        raise ConfigError(
            f"threshold is {str(threshold)[:40]}. Expected a probability, 0 "
            "to 1."
        )
    return float(number)
