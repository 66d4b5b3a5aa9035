"""The step that takes an artifact from outside the run."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from mnistcnn.artifact import inspect_artifact
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError

if TYPE_CHECKING:
    from mnistcnn.training.run import Run
    from mnistcnn.training.steps import Step


@dataclasses.dataclass(frozen=True)
class Start:
    """Begins with an existing artifact, to fine-tune or to distil.

    Args:
        weights_sha256: of its weights; it identifies the artifact when a run is
            resumed.
        path: its file; a recipe read from a file has none, since paths in files
            are not used.
    """

    weights_sha256: str
    path: Path | None = dataclasses.field(default=None, compare=False)

    def check(self, before: "tuple[Step, ...]") -> None:
        """Does nothing: it can follow any steps."""

    def apply(self, artifact: Path | None, data: Dataset, run: "Run") -> Path:
        """Copies the artifact into the run."""
        if self.path is None:
            raise ConfigError(
                f"The run starts with the network of the sha256 "
                f"{self.weights_sha256[:16]}... Expected its file: pass it as "
                "--teacher, or to finetune."
            )
        found = inspect_artifact(self.path)
        if found.weights_sha256 != self.weights_sha256:
            raise ConfigError(
                f"{self.path} has weights of sha256 "
                f"{found.weights_sha256[:16]}... Expected "
                f"{self.weights_sha256[:16]}...: it was replaced, start anew."
            )
        return run.copy(self.path)


def start_with(path: Path) -> Start:
    """Makes the step that begins with a file in its current state.

    Args:
        path: an artifact.

    Raises:
        ArtifactError: it is missing or refused.
    """
    return Start(inspect_artifact(path).weights_sha256, path)
