"""Distillation: learning from a larger network that sees the same images.

(Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network",
2015. The teacher sees the same warped images as the student: Beyer et al.,
"Knowledge distillation: A good teacher is patient and consistent", 2022.)
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mnistcnn import backends
from mnistcnn.artifact import inspect_artifact, rebuild
from mnistcnn.errors import ConfigError

BATCH_SIZE = 500


class Teacher:
    """Gives the targets of an epoch.

    Args:
        path: the teacher's artifact.
        classes: of the images, in the order of their labels.

    Raises:
        ArtifactError: the artifact is missing or refused.
        ConfigError: it has other classes.
    """

    def __init__(self, path: Path, classes: tuple[str, ...]):
        artifact = inspect_artifact(path)
        if tuple(artifact.classes) != tuple(classes):
            raise ConfigError(
                f"The teacher {path} reads {len(artifact.classes)} classes, "
                f"{', '.join(artifact.classes)[:60]}. Expected those of the "
                f"data, {', '.join(classes)[:60]}: train it on the same data."
            )
        self.facts: dict[str, Any] = {
            "name": artifact.name,
            "recipe": artifact.card.get("recipe"),
            "weights_sha256": artifact.weights_sha256,
        }
        self._predict = backends.active.make_predictor(rebuild(artifact))
        self._num_classes = len(classes)

    def answer(
        self,
        images: np.ndarray,
        y: np.ndarray,
        *,
        num_outputs: int,
        check: Callable[[], object] = lambda: None,
    ) -> np.ndarray:
        """Computes a student's targets for images.

        Args:
            images: `(n, 28, 28, 1)` uint8.
            y: `(n,)` integers. Non-digits, which the teacher has never seen,
                keep their label.
            num_outputs: of the student.
            check: called regularly; it may raise to end the run.

        Returns:
            `(n, num_outputs)` float32, probabilities.
        """
        targets = np.eye(num_outputs, dtype=np.float32)[y]
        known = np.flatnonzero(y < self._num_classes)
        for start in range(0, len(known), BATCH_SIZE):
            check()
            part = known[start : start + BATCH_SIZE]
            answers = self._predict(images[part].astype(np.float32))
            targets[part, : self._num_classes] = answers
        return targets
