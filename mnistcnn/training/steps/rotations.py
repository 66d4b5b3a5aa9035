"""The step that sets the angle of test-time augmentation."""

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
    """Makes readers of the artifact average over three rotations of an image.

    The weights stay. A calibration, if any, comes after it, since the mean of
    three predictions is less confident than each.

    Args:
        degrees: above 0, up to 45; images are used as they are and rotated by
            this angle, to either side.

    Raises:
        ConfigError: they are out of their range.
    """

    degrees: float

    def __post_init__(self) -> None:
        degrees = take_number(self.degrees)
        if degrees is None or not 0 < degrees <= MAX_ROTATION:
            raise ConfigError(
                f"degrees is {str(self.degrees)[:40]}. Expected a number above "
                f"0 and at most {MAX_ROTATION}: how far images are turned."
            )
        object.__setattr__(self, "degrees", float(degrees))

    def check(self, before: "tuple[Step, ...]") -> None:
        """Raises a `ConfigError` if nothing was trained before."""
        require_training(self, before)

    def apply(self, artifact: Path | None, data: Dataset, run: "Run") -> Path:
        """Writes it into the card."""
        return run.save(inspect_artifact(artifact), {"rotation": self.degrees})
