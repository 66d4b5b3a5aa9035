"""Learning from a teacher: a larger network that sees the same images.

(Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network",
2015. The teacher answers to the very images that the student sees, warped as
they are: Beyer et al., "Knowledge distillation: A good teacher is patient and
consistent", 2022.)
"""

import dataclasses
from pathlib import Path

import numpy as np

from mnistcnn import backends
from mnistcnn.artifact import inspect_artifact, rebuild
from mnistcnn.errors import ConfigError
from mnistcnn.recipes import TrainConfig, recipe

TEACHER = "teacher"  # the folder of its run, within the student's
BATCH_SIZE = 500
DIGEST = 64  # hexadecimal digits of a sha256


class Teacher:
    """Gives the targets of an epoch.

    Args:
        path: the teacher's artifact.
        classes: of the images, in the order of their labels.

    Raises:
        ArtifactError: the artifact is missing or refused.
        ConfigError: it is of other classes.
    """

    def __init__(self, path: Path, classes: tuple[str, ...]):
        artifact = inspect_artifact(path)
        if tuple(artifact.classes) != tuple(classes):
            raise ConfigError(
                f"The teacher {path} reads {len(artifact.classes)} classes, "
                f"{', '.join(artifact.classes)[:60]}. Expected those of the "
                f"data, {', '.join(classes)[:60]}: train it on the same data."
            )
        self.facts = {
            "name": artifact.name,
            "recipe": artifact.card.get("recipe"),
            "weights_sha256": artifact.weights_sha256,
        }
        self._predict = backends.active.make_predictor(rebuild(artifact))
        self._num_classes = len(classes)

    def answer(
        self, images: np.ndarray, y: np.ndarray, *, num_outputs: int
    ) -> np.ndarray:
        """What a student is to answer to images.

        Args:
            images: `(n, 28, 28, 1)` uint8.
            y: `(n,)` integers. What is of no class, which the teacher has
                never seen, keeps its label.
            num_outputs: of the student.

        Returns:
            `(n, num_outputs)` float32, probabilities.
        """
        targets = np.eye(num_outputs, dtype=np.float32)[y]
        known = np.flatnonzero(y < self._num_classes)
        for start in range(0, len(known), BATCH_SIZE):
            part = known[start : start + BATCH_SIZE]
            answers = self._predict(images[part].astype(np.float32))
            targets[part, : self._num_classes] = answers
        return targets


def find_teacher_config(config: TrainConfig) -> TrainConfig:
    """How the teacher of a run is trained.

    It must not see what the student is validated or calibrated by, and need
    not train longer than a student that only takes a glance.

    Args:
        config: of the student; its `teacher` is the name of a recipe.

    Returns:
        The recipe, on the same part of the same data, with the same seed.

    Raises:
        ConfigError: there is no such recipe, or it has a teacher itself.

    Example:
        >>> config = TrainConfig(teacher="fast", epochs=1, seed=3)
        >>> teacher = find_teacher_config(config)
        >>> teacher.recipe, teacher.epochs, teacher.seed
        ('fast', 1, 3)
    """
    if len(config.teacher) == DIGEST:
        raise ConfigError(
            f"The teacher is the network of the sha256 {config.teacher[:16]}"
            "... Expected its file: give it as --teacher."
        )
    found = recipe(config.teacher)
    if found.teacher:
        raise ConfigError(
            f"teacher is {config.teacher!r}, a recipe with a teacher of its "
            'own. Expected one without: take "deep".'
        )
    return dataclasses.replace(
        found,
        seed=config.seed,
        epochs=min(config.epochs, found.epochs),
        validation=config.validation,
        calibrate=config.calibrate,
        drawn=config.drawn,
        engine=config.engine,
        precision="auto" if config.engine == "fit" else found.precision,
    )
