"""The step that trains a network, from its seed or from an artifact."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from mnistcnn.data import Dataset
from mnistcnn.training.config import TrainConfig

if TYPE_CHECKING:
    from mnistcnn.training.run import Run
    from mnistcnn.training.steps import Step


@dataclasses.dataclass(frozen=True)
class Training:
    """Trains by a config.

    Args:
        config: how.
        start: the number of the step, from 1, whose artifact is the start; by
            default the previous step, if there is one; 0 for a new network with
            weights from the seed.
    """

    config: TrainConfig
    start: int | None = None

    def check(self, before: "tuple[Step, ...]") -> None:
        """Does nothing: it can follow any steps."""

    def apply(self, artifact: Path | None, data: Dataset, run: "Run") -> Path:
        """Trains."""
        start = artifact if self.start is None else run.artifact(self.start)
        return run.train(self.config, start=start)
