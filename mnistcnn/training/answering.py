"""Predictions of an artifact, with the rotations that its card asks for."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn import backends
from mnistcnn.artifact import Artifact, rebuild
from mnistcnn.pictures import average_rotations

_BATCH_SIZE = 500


class Answering:
    """An artifact with `predict_proba`, as `evaluate` and a classifier use it.

    Args:
        artifact: checked; its card may ask for test-time augmentation.
        model: the Keras model built from it, if there is one.
    """

    def __init__(
        self, artifact: Artifact, model: "backends.keras.Model | None" = None
    ):
        self._rotation = artifact.rotation
        model = rebuild(artifact) if model is None else model
        self._run = backends.active.make_predictor(model)

    def predict_proba(
        self, images: npt.ArrayLike, /
    ) -> npt.NDArray[np.float32]:
        """Computes `(n, classes)` from `(n, 28, 28)`, 0..255."""
        return self.predict(np.asarray(images)[..., None])

    def predict(
        self, pixels: npt.NDArray[Any], check: Callable[[], None] = lambda: None
    ) -> npt.NDArray[np.float32]:
        """Computes as the function below does."""
        answers = []
        for start in range(0, len(pixels), _BATCH_SIZE):
            check()
            part = pixels[start : start + _BATCH_SIZE].astype(np.float32)
            answers.append(average_rotations(self._run, part, self._rotation))
        return np.concatenate(answers)


def predict(
    artifact: Artifact,
    pixels: npt.NDArray[Any],
    check: Callable[[], None] = lambda: None,
) -> npt.NDArray[np.float32]:
    """Computes the outputs of an artifact, or of its first layers.

    Args:
        artifact: as of `Answering`.
        pixels: `(n, 28, 28, 1)`, 0..255.
        check: called regularly; it may raise to end the run.

    Returns:
        `(n, k)`.
    """
    return Answering(artifact).predict(pixels, check)
