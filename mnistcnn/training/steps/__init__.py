"""The kinds of steps that a recipe is made of, a module each.

A step maps (artifact, data, run) to an artifact: it reads the artifact of the
previous step, if any, and saves its own through the `Run`, which knows where.
Steps do not know each other. A module here is a kind of step: it offers one
class with the protocol `Step`, named as the module with a capital; its fields
are the step's entries in a recipe. Imports no Keras: a recipe is data.
"""

import dataclasses
import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.training.config import TrainConfig

if TYPE_CHECKING:
    from mnistcnn.training.run import Run


class Step(Protocol):
    """A step of a recipe: a frozen dataclass of plain values."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]

    def check(self, before: "tuple[Step, ...]") -> None:
        """Raises a `ConfigError` if it cannot follow these steps."""
        ...

    def apply(self, artifact: Path | None, data: Dataset, run: "Run") -> Path:
        """Makes an artifact from the previous one.

        Args:
            artifact: of the previous step; `None` for the first.
            data: of the run.
            run: trains networks, and saves the new artifact.

        Returns:
            The new artifact's file.
        """
        ...


def name_kind(step: Step) -> str:
    """Returns the kind of a step, as in files: its module's name."""
    return type(step).__module__.rpartition(".")[2]


def find_kind(name: object) -> type[Step]:
    """Returns the class of a kind of step.

    Args:
        name: of the kind, perhaps from a file (untrusted).

    Raises:
        ConfigError: there is no such kind.

    Example:
        >>> find_kind("calibration").__name__
        'Calibration'
    """
    kinds = [module.name for module in pkgutil.iter_modules(__path__)]
    if name not in kinds:
        raise ConfigError(
            f"A step is {str(name)[:40]!r}. Expected one of "
            f"{', '.join(kinds)}: correct it."
        )
    module = importlib.import_module(f"{__name__}.{name}")
    return getattr(module, str(name).capitalize())


def find_config(steps: "tuple[Step, ...]") -> TrainConfig | None:
    """Returns the config of the last training among steps, or `None`."""
    configs = (getattr(step, "config", None) for step in reversed(steps))
    return next(filter(None, configs), None)


def require_training(step: Step, before: "tuple[Step, ...]") -> TrainConfig:
    """Returns the config of the training that a step follows.

    Raises:
        ConfigError: there is none.
    """
    config = find_config(before)
    if config is None:
        raise ConfigError(
            f"The step {name_kind(step)} follows on "
            f"{', '.join(map(name_kind, before)) or 'nothing'}. Expected a "
            "training before it: put one there."
        )
    return config


def describe(step: Step) -> str:
    """Describes a step in a few words, for the screen."""
    config: TrainConfig | None = getattr(step, "config", None)
    if config is None:
        fields = dataclasses.asdict(step)
        values = ", ".join(f"{name} {value}" for name, value in fields.items())
        return f"{name_kind(step)} {values}".strip()
    return f"{name_kind(step)}, recipe {config.recipe}, {config.epochs} epochs"
