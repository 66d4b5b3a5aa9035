"""The kinds of steps that a recipe is made of, a module each.

A step takes (artifact, data, run) to an artifact: it reads what the step
before it left, or nothing, and saves what it makes of it by the `Run`, whose
number and directory say where. No step knows of another. A module here is a
kind of step: it offers one class, of `Step`'s form, whose name is the
module's with a capital; its fields are what a recipe says of it. Imports no
Keras: a recipe is data.
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
        """Raises a `ConfigError` where it cannot follow on these steps."""
        ...

    def apply(self, artifact: Path | None, data: Dataset, run: "Run") -> Path:
        """Makes an artifact of the one before.

        Args:
            artifact: what the step before it left; `None` for the first.
            data: of the run.
            run: trains networks, and says where the new artifact goes.

        Returns:
            The new artifact's file.
        """
        ...


def name_kind(step: Step) -> str:
    """The kind of a step, as files have it: its module's name."""
    return type(step).__module__.rpartition(".")[2]


def find_kind(name: object) -> type[Step]:
    """The class of a kind of step.

    Args:
        name: of the kind, perhaps out of a file.

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
    """The config of the last training among steps, or `None`."""
    configs = (getattr(step, "config", None) for step in reversed(steps))
    return next(filter(None, configs), None)


def require_training(step: Step, before: "tuple[Step, ...]") -> TrainConfig:
    """The config of the training that a step follows on.

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
    """A step in a few words, for a screen."""
    config: TrainConfig | None = getattr(step, "config", None)
    if config is None:
        fields = dataclasses.asdict(step)
        values = ", ".join(f"{name} {value}" for name, value in fields.items())
        return f"{name_kind(step)} {values}".strip()
    return f"{name_kind(step)}, recipe {config.recipe}, {config.epochs} epochs"
