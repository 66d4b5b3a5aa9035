"""What an artifact answers to images, as its card has them looked at."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn import backends
from mnistcnn.artifact import Artifact, rebuild
from mnistcnn.pictures import average_rotations

_BATCH_SIZE = 500


@dataclasses.dataclass(frozen=True)
class Answering:
    """An artifact as `evaluate` takes it, and as a classifier reads by it.

    Args:
        artifact: checked.
    """

    artifact: Artifact

    def predict_proba(
        self, images: npt.ArrayLike, /
    ) -> npt.NDArray[np.float32]:
        """Computes `(n, classes)` of `(n, 28, 28)`, 0..255."""
        return predict(self.artifact, np.asarray(images)[..., None])


def predict(
    artifact: Artifact,
    pixels: npt.NDArray[Any],
    check: Callable[[], None] = lambda: None,
) -> npt.NDArray[np.float32]:
    """What an artifact, or its first layers, answer to images.

    Args:
        artifact: checked; by its card images may be looked at in several
            rotations.
        pixels: `(n, 28, 28, 1)`, 0..255.
        check: called now and then; it may raise to end the run.

    Returns:
        `(n, k)`.
    """
    run = backends.active.make_predictor(rebuild(artifact))
    answers = []
    for start in range(0, len(pixels), _BATCH_SIZE):
        check()
        part = pixels[start : start + _BATCH_SIZE].astype(np.float32)
        answers.append(average_rotations(run, part, artifact.rotation))
    return np.concatenate(answers)
