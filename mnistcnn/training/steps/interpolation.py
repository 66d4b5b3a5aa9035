"""The step that interpolates between weights before and after a training.

Fine-tuned from good weights, a network forgets some of its old data. Weights
between the old and the new ones keep most of both (WiSE-FT: Wortsman et al.,
"Robust fine-tuning of zero-shot models", 2022).
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mnistcnn.artifact import Artifact, inspect_artifact
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.training.steps import require_training
from mnistcnn.units import take_number

if TYPE_CHECKING:
    from mnistcnn.training.run import Run
    from mnistcnn.training.steps import Step


@dataclasses.dataclass(frozen=True)
class Interpolation:
    """Moves the weights part of the way back to a training's initial ones.

    Args:
        share: of the new weights, above 0 and below 1; the rest is that of the
            initial weights of the training before.

    Raises:
        ConfigError: the share is out of its range.
    """

    share: float

    def __post_init__(self) -> None:
        share = take_number(self.share)
        if share is None or not 0 < share < 1:
            raise ConfigError(
                f"share is {self.share!r}. Expected a number above 0 and "
                "below 1: the part of the new weights."
            )
        object.__setattr__(self, "share", float(share))

    def check(self, before: "tuple[Step, ...]") -> None:
        """Raises a `ConfigError` if the training began with a new network."""
        require_training(self, before)
        if len(before) < 2:
            raise ConfigError(
                f"share is {self.share} but the training began with random "
                "weights. There is nothing to interpolate with: put another "
                "training, or a start, before it."
            )

    def apply(self, artifact: Path | None, data: Dataset, run: "Run") -> Path:
        """Interpolates."""
        found = inspect_artifact(artifact)
        found = interpolate(found, run.initial, self.share)
        # The key in the card has the older name.
        return run.save(found, {"blend": self.share})


def interpolate(
    artifact: Artifact, start: Sequence[npt.NDArray[Any]], share: float
) -> Artifact:
    """Returns the artifact with weights between `start` and its own.

    Args:
        artifact: after the training; layers beyond those of `start` (the fixed
            one that spreads the rejection class) stay.
        start: the initial weights, in order.
        share: of the artifact's own, 0 to 1.

    Returns:
        An `Artifact` with the same layers.
    """
    left = iter(start)
    weights = []
    for arrays in artifact.weights:
        pairs = [(next(left, None), new) for new in arrays]
        weights.append(
            [
                new
                if old is None
                else np.asarray(old + share * (new - old), np.float32)
                for old, new in pairs
            ]
        )
    return dataclasses.replace(artifact, weights=weights)
