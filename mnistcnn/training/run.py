"""A run: executes a recipe's steps, from the first unfinished one."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.artifact import (
    Artifact,
    check_bytes,
    read_file,
    rebuild,
    save_artifact,
)
from mnistcnn.errors import make_line
from mnistcnn.files import write_atomically
from mnistcnn.training.answering import predict
from mnistcnn.training.callbacks import say
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.steps import describe, find_config, name_kind
from mnistcnn.training.trainer import Task, Trained, Trainer


class Run:
    """The services for a step: training, and the place of its artifact.

    Args:
        trainer: of the run's networks.
    """

    def __init__(self, trainer: Trainer):
        self._trainer = trainer
        self._steps = trainer.recipe.steps
        self._directory = trainer.directory
        self._number = 0  # of the current step, from 1
        self._trained: Trained | None = None

    def walk(self, first: int) -> Trained:
        """Executes the steps, from a given one on.

        A finished training is called again, and notices that it is finished:
        later steps may need its initial weights. Other steps are finished if
        their artifact exists.

        Args:
            first: the number of the step to begin or go on with, from 1.

        Returns:
            The result of the last training; `best.keras` is the last step's.
        """
        steps = self._steps
        begun, before = time.perf_counter(), 0.0
        artifact = self.artifact(first - 1)
        for number, step in enumerate(steps[first - 1 :], first):
            self._number = number
            trains = find_config((step,)) is not None
            if not trains and self._kept.is_file():
                artifact = self._kept
                continue
            if trains and number > first:
                before = time.perf_counter() - begun
            if self._trainer.verbose and len(steps) > 1:
                said = f"Step {number} of {len(steps)}: {describe(step)}"
                say(make_line(said))
            artifact = step.apply(artifact, self._trainer.data, self)
            if artifact == self._directory.best and number < len(steps):
                artifact = self.copy(artifact)
        assert self._trained is not None and artifact is not None
        if artifact != self._directory.best:
            write_atomically(self._directory.best, artifact.read_bytes())
        self._trained.timing["before"] = before
        return self._trained

    # === For the steps ===

    @property
    def config(self) -> TrainConfig:
        """The config of the training before the current step."""
        config = find_config(self._steps[: self._number - 1])
        assert config is not None  # checked by Recipe
        return config

    @property
    def initial(self) -> list[npt.NDArray[Any]]:
        """The initial weights of the training before the current step."""
        assert self._trained is not None
        return self._trained.initial

    def artifact(self, number: int) -> Path | None:
        """Returns the artifact of a step.

        Args:
            number: of the step, from 1; 0 for none.
        """
        return self._path(number) if number else None

    def train(
        self,
        config: TrainConfig,
        *,
        start: Path | None = None,
        teacher: Path | None = None,
    ) -> Path:
        """Trains a network, or resumes its training.

        Args:
            config: how.
            start: the artifact to start from; `None` for a new network.
            teacher: the artifact to distil, if any.

        Returns:
            The best model, as an artifact.
        """
        main = find_config(self._steps[self._number :]) is None
        target = self._directory.best if main else self._kept
        task = Task(config, self._number, target, main, start, teacher)
        self._trained = self._trainer.train(task)
        return target

    def predict(
        self, artifact: Artifact, pixels: npt.NDArray[Any]
    ) -> npt.NDArray[np.float32]:
        """Computes an artifact's outputs; see `answering.predict`."""
        return predict(artifact, pixels, self.check)

    @property
    def check(self) -> Callable[[], None]:
        """The function to call between parts of long work."""
        return self._trainer.check

    def save(self, artifact: Artifact, facts: dict[str, Any]) -> Path:
        """Writes the artifact of the current step.

        Args:
            artifact: its layers and weights, and the card so far.
            facts: additional contents of the card.
        """
        card = {**artifact.card, **facts}
        return save_artifact(rebuild(artifact), self._kept, card=card)

    def copy(self, path: Path) -> Path:
        """Copies a file as the artifact of the current step."""
        data = read_file(path)
        check_bytes(data)
        if not self._kept.is_file():
            write_atomically(self._kept, data)
        return self._kept

    @property
    def _kept(self) -> Path:
        return self._path(self._number)

    def _path(self, number: int) -> Path:
        kind = name_kind(self._steps[number - 1])
        return self._directory.steps / f"{number}-{kind}.keras"
