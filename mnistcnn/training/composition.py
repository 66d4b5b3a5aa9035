"""A recipe: a name, and a list of steps."""

import dataclasses
from collections.abc import Callable
from typing import Any

from mnistcnn.errors import ConfigError, quote
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.steps import Step, find_config, name_kind
from mnistcnn.training.steps.distillation import Distillation
from mnistcnn.training.steps.training import Training

# Fields that all trainings of a recipe share, and those that trainings of the
# same network share as well.
SHARED = ("seed", "validation", "keep", "engine", "precision")
SAME = ("model", "filters", "dropout")
ANOTHER = ("stroke_copies",)  # a teacher and its student


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A name and the steps that lead to an artifact.

    Args:
        name: what it goes by in reports.
        steps: in order; see `mnistcnn.training.steps`.
        card: additional contents of its artifacts' cards: JSON values.

    Raises:
        ConfigError: a step cannot follow those before it, or there is no
            training.

    Example:
        >>> config = TrainConfig(epochs=3)
        >>> found = Recipe("twice", (Training(config), Training(config)))
        >>> found.vary(seed=1).config.seed
        1
    """

    name: str
    steps: tuple[Step, ...]
    card: dict[str, Any] = dataclasses.field(
        default_factory=dict, compare=False
    )

    def __post_init__(self) -> None:
        for number, step in enumerate(self.steps):
            step.check(self.steps[:number])
        if find_config(self.steps) is None:
            raise ConfigError(
                f"The recipe {self.name} trains nothing. Expected a training "
                "among its steps: add one."
            )

    @property
    def config(self) -> TrainConfig:
        """The config of its last training, the main one."""
        config = find_config(self.steps)
        assert config is not None  # checked in __post_init__
        return config

    def vary(self, **changes: Any) -> "Recipe":
        """Returns the recipe with other settings.

        Args:
            **changes: fields of `TrainConfig`. They apply to the main training;
                those before it take over the shared fields (seed, held-out
                part, engine, precision; for the same network its architecture
                as well), and the same fraction of their epochs.

        Raises:
            ConfigError: a value is out of its range.
        """
        main = dataclasses.replace(self.config, **changes)
        fraction = min(1, main.epochs / self.config.epochs)
        steps: list[Step] = []
        shared: tuple[str, ...] | None = None
        for step in reversed(self.steps):
            if isinstance(step, Training | Distillation):
                config = main
                if shared is not None:
                    names = tuple(name for name in shared if name in changes)
                    config = follow(step.config, main, names, fraction)
                shared = _list_shared(step)
                step = dataclasses.replace(step, config=config)
            steps.append(step)
        steps.reverse()
        return dataclasses.replace(self, name=main.recipe, steps=tuple(steps))

    def without(self, kind: str) -> "Recipe":
        """The recipe without its steps of a kind.

        Args:
            kind: a module of `mnistcnn.training.steps`.
        """
        steps = tuple(s for s in self.steps if name_kind(s) != kind)
        return dataclasses.replace(self, steps=steps)

    def map_configs(
        self, change: Callable[[TrainConfig], TrainConfig]
    ) -> "Recipe":
        """The recipe with each training's config changed by a function."""
        steps = tuple(
            dataclasses.replace(step, config=change(step.config))
            if isinstance(step, Training | Distillation)
            else step
            for step in self.steps
        )
        return dataclasses.replace(self, steps=steps)


def follow(
    config: TrainConfig,
    main: TrainConfig,
    shared: tuple[str, ...],
    fraction: float,
) -> TrainConfig:
    """Adapts the config of an earlier training to the main one."""
    return dataclasses.replace(
        config,
        epochs=max(1, round(config.epochs * fraction)),
        **{name: getattr(main, name) for name in shared},
    )


def _list_shared(step: Training | Distillation) -> tuple[str, ...]:
    """Lists the fields that a training shares with the one before it."""
    other = ANOTHER if isinstance(step, Distillation) else SAME
    return (*SHARED, *other)


def as_recipe(config: TrainConfig | Recipe) -> Recipe:
    """Makes a recipe of one training from a config.

    Raises:
        ConfigError: it is neither a config nor a recipe.
    """
    if isinstance(config, Recipe):
        return config
    if not isinstance(config, TrainConfig):
        raise ConfigError(
            f"The config is {quote(config, 60)}. Expected a TrainConfig or a "
            'Recipe: recipe("fast"), say.'
        )
    return Recipe(config.recipe, (Training(config),))
