"""What an artifact answers to images, as its card has them looked at."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn import backends
from mnistcnn.artifact import Artifact, rebuild
from mnistcnn.pictures import average_rotations

_BATCH_SIZE = 500


class Answering:
    """An artifact as `evaluate` takes it, and as a classifier reads by it.

    Args:
        artifact: checked; by its card images may be looked at in several
            rotations.
        model: built of it, where there is one.
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
        """Computes `(n, classes)` of `(n, 28, 28)`, 0..255."""
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
    """What an artifact, or its first layers, answer to images.

    Args:
        artifact: as of `Answering`.
        pixels: `(n, 28, 28, 1)`, 0..255.
        check: called now and then; it may raise to end the run.

    Returns:
        `(n, k)`.
    """
    return Answering(artifact).predict(pixels, check)
