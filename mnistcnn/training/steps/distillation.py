"""The step that trains a network on another's predictions: distillation.

(Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network",
2015.)
"""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.training.config import TrainConfig

if TYPE_CHECKING:
    from mnistcnn.training.run import Run
    from mnistcnn.training.steps import Step


@dataclasses.dataclass(frozen=True)
class Distillation:
    """Trains a network on the predictions of the artifact before it.

    Args:
        config: how the student is trained.
        start: the number of the step, from 1, whose artifact is the student
            before its training; 0 for a new network.
    """

    config: TrainConfig
    start: int = 0

    def check(self, before: "tuple[Step, ...]") -> None:
        """Raises a `ConfigError` if there is no teacher."""
        if not before:
            raise ConfigError(
                "The first step is a distillation. Expected its teacher "
                "before it: a training, or a start with an artifact."
            )

    def apply(self, artifact: Path | None, data: Dataset, run: "Run") -> Path:
        """Trains the student."""
        start = run.artifact(self.start)
        return run.train(self.config, start=start, teacher=artifact)
