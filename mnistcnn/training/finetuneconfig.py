"""How to fine-tune: a config, and the recipe that it makes."""

import dataclasses
from pathlib import Path
from typing import Any

from mnistcnn.artifact import Artifact
from mnistcnn.data import DIGITS, Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.network import ARCHITECTURES
from mnistcnn.training.composition import Recipe
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.heads import drop_sharing
from mnistcnn.training.steps import Step
from mnistcnn.training.steps.interpolation import Interpolation
from mnistcnn.training.steps.start import start_with
from mnistcnn.training.steps.training import Training
from mnistcnn.units import take_number

# For a network with a rejection class, so that it does not forget it.
NUM_NONDIGITS = 1000


_TRAINING = TrainConfig(
    recipe="finetune",
    epochs=5,
    batch_size=32,
    schedule="cosine",
    validation=0.0,
    augment=1.0,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class FinetuneConfig:
    """How to fine-tune.

    Args:
        training: how the network is trained further; `freeze` keeps all layers
            except the head. Its network and dropout are the artifact's.
        share: of the new weights, above 0, to 1; below 1 the weights are
            interpolated with the old ones.
        replay: old images to mix in, against forgetting with a kept head:
            `"auto"`, `"none"`, or a data set (`find_replay`).
        compare: whether to also train the same network from scratch, on the
            same data by the same config; by default if the head is new.

    Raises:
        ConfigError: the share is out of its range.
    """

    training: TrainConfig = _TRAINING
    share: float = 1.0
    replay: str = "auto"
    compare: bool | None = None

    def __post_init__(self) -> None:
        share = take_number(self.share)
        if share is None or not 0 < share <= 1:
            raise ConfigError(
                f"share is {self.share!r} (--blend of the command line). "
                "Expected a number above 0 and at most 1: the part of the new "
                "weights."
            )
        object.__setattr__(self, "share", float(share))


def make_recipe(
    path: Path, config: TrainConfig, share: float, card: dict[str, Any]
) -> Recipe:
    """Makes the steps of fine-tuning.

    Args:
        path: the artifact to start from.
        config: how.
        share: of the new weights, above 0, to 1.
        card: additional contents of the new artifact's card.
    """
    steps: list[Step] = [start_with(path), Training(config)]
    if share < 1:
        steps.append(Interpolation(share))
    return Recipe(config.recipe, tuple(steps), card)


def settle(
    config: TrainConfig, artifact: Artifact, data: Dataset
) -> TrainConfig:
    """Completes the config by the artifact and the data."""
    rates = [
        layer.options["rate"]
        for layer in artifact.layers
        if layer.kind == "Dropout"
    ]
    model = artifact.name.removeprefix("mnistcnn_")
    rejecting = drop_sharing(artifact) is not artifact
    digits = data.classes == artifact.classes == DIGITS
    return dataclasses.replace(
        config,
        model=model if model in ARCHITECTURES else "base",
        filters=None,
        dropout=rates[-1] if rates else 0.0,
        nondigits=NUM_NONDIGITS if rejecting and digits else 0,
    )
