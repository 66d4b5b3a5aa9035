"""The step that calibrates: temperature scaling, and a rejection threshold.

(Guo et al., "On Calibration of Modern Neural Networks", 2017.)
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mnistcnn.artifact import Artifact, inspect_artifact
from mnistcnn.calibration import choose_threshold, fit_temperature
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.pictures import turn
from mnistcnn.training.pipeline import split
from mnistcnn.training.steps import require_training

if TYPE_CHECKING:
    from mnistcnn.training.run import Run
    from mnistcnn.training.steps import Step

Predict = Callable[[Artifact, npt.NDArray], npt.NDArray[np.float32]]


@dataclasses.dataclass(frozen=True)
class Calibration:
    """Calibrates on the held-out part of the training before it."""

    def check(self, before: "tuple[Step, ...]") -> None:
        """Raises a `ConfigError` if that training has no hold-out set.

        Nor may the hold-out set have been used to choose the epoch, since the
        probabilities of the chosen network look better on it than they are.
        """
        config = require_training(self, before)
        if not config.validation or config.keep != "last":
            raise ConfigError(
                f"A calibration follows on a training with validation "
                f"{config.validation} and keep {config.keep!r}. Calibration "
                "needs a held-out part that chose no epoch: set validation to "
                '0.1, and keep to "last".'
            )

    def apply(self, artifact: Path | None, data: Dataset, run: "Run") -> Path:
        """Calibrates."""
        held = split(data, run.config, run.check)
        calibrated = calibrate(
            inspect_artifact(artifact), held.x_held, held.y_held, run.predict
        )
        return run.save(calibrated, {})


def calibrate(
    artifact: Artifact,
    x: npt.NDArray[np.uint8],
    y: npt.NDArray[np.integer],
    predict: Predict,
) -> Artifact:
    """Calibrates an artifact's probabilities on held-out images.

    The softmax' weights are divided by a temperature, and the card gets
    `calibration` and `threshold`, below which a reading is rejected.

    Args:
        artifact: checked.
        x: `(n, 28, 28)`, images of real digits that were not used in training.
        y: `(n,)`, their labels.
        predict: computes an artifact's outputs for `(n, 28, 28, 1)` pixels.

    Returns:
        An `Artifact` with the same layers.

    Raises:
        ConfigError: there is no image, or no softmax.
    """
    head = _find_softmax(artifact)
    if not len(x) or head is None:
        raise ConfigError(
            f"{len(x)} images to calibrate {artifact.name} by. Expected one "
            "or more, and a network with a softmax: set validation to 0.1."
        )
    pixels = x[..., None]
    below = dataclasses.replace(
        artifact,
        layers=artifact.layers[: head + 1],
        weights=artifact.weights[: head + 1],
        card={},
    )
    above = [arrays[0] for arrays in artifact.weights[head + 1 :]]
    # For each rotation separately: the temperature is applied before the mean.
    looks = turn(pixels, artifact.rotation)
    rows = predict(below, np.concatenate(looks))
    temperature = fit_temperature(
        y,
        rows.reshape(len(looks), len(y), -1),
        sharing=above[0] if above else None,
    )
    weights = list(artifact.weights)
    weights[head] = [array / temperature for array in weights[head]]
    scaled = dataclasses.replace(artifact, weights=weights)
    card = artifact.card | {
        "calibration": {"temperature": temperature, "n": len(x)},
        "threshold": choose_threshold(predict(scaled, pixels)),
    }
    return dataclasses.replace(scaled, card=card)


def _find_softmax(artifact: Artifact) -> int | None:
    """The index of the last dense layer that ends in a softmax."""
    found = [
        index
        for index, layer in enumerate(artifact.layers)
        if layer.kind == "Dense" and layer.options["activation"] == "softmax"
    ]
    return found[-1] if found else None
