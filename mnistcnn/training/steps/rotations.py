"""The step that sets test-time augmentation: by how far images are turned."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from mnistcnn.artifact import MAX_ROTATION, inspect_artifact
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.training.steps import require_training
from mnistcnn.units import take_number

if TYPE_CHECKING:
    from mnistcnn.training.run import Run
    from mnistcnn.training.steps import Step


@dataclasses.dataclass(frozen=True)
class Rotations:
    """Has what reads the artifact average over three rotations of an image.

    The weights stay. A calibration, if there is one, comes after it: the mean
    of three answers is less sure than each.

    Args:
        degrees: above 0, to 45; images are looked at as they are and turned
            by so much, to either side.

    Raises:
        ConfigError: they are out of their range.
    """

    degrees: float

    def __post_init__(self) -> None:
        degrees = take_number(self.degrees)
        if degrees is None or not 0 < degrees <= MAX_ROTATION:
            raise ConfigError(
                f"degrees is {str(self.degrees)[:40]}. Expected above 0, to "
                f"{MAX_ROTATION}: how far images are turned."
            )
        object.__setattr__(self, "degrees", float(degrees))

    def check(self, before: "tuple[Step, ...]") -> None:
        """Raises a `ConfigError` where nothing was trained before."""
        require_training(self, before)

    def apply(self, artifact: Path | None, data: Dataset, run: "Run") -> Path:
        """Writes it into the card."""
        return run.save(inspect_artifact(artifact), {"rotation": self.degrees})
