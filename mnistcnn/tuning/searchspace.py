"""The search space: ranges of options, and the config of a trial."""

from collections.abc import Sequence
from typing import Any

from mnistcnn.errors import ConfigError, quote
from mnistcnn.network import POOL, layer_plan
from mnistcnn.training import Recipe
from mnistcnn.tuning.studies import PRUNERS
from mnistcnn.units import take_whole

NAMES = ("learning_rate", "batch_size", "dropout", "filters", "augment")

LEARNING_RATES = (3e-4, 3e-2)
BATCH_SIZES = (32, 64, 128, 256)
DROPOUTS = (0.0, 0.6)
AUGMENTS = (0.0, 1.5)
# Factors on each convolution's number of filters: from half to one and a half.
FILTER_STEP = 8


def check_space(names: Sequence[str]) -> tuple[str, ...]:
    """Returns the names in order, or raises a `ConfigError`."""
    wrong = [name for name in names if name not in NAMES]
    if wrong or not names:
        found = f'"{wrong[0]}"' if wrong else "nothing"
        raise ConfigError(
            f"The search is to vary {found}. Expected some of "
            f"{', '.join(NAMES)}: give them with commas between."
        )
    return tuple(name for name in NAMES if name in names)


def suggest(trial: Any, base: Recipe, names: Sequence[str]) -> Recipe:
    """Makes the recipe of a trial.

    Args:
        trial: an `optuna.Trial`, or an object with its `suggest_` methods.
        base: the fixed settings.
        names: some of `NAMES`.

    Returns:
        The base, with these settings of its main training varied.
    """
    found: dict[str, Any] = {}
    if "learning_rate" in names:
        found["learning_rate"] = trial.suggest_float(
            "learning_rate", *LEARNING_RATES, log=True
        )
    if "batch_size" in names:
        found["batch_size"] = trial.suggest_categorical(
            "batch_size", BATCH_SIZES
        )
    if "dropout" in names:
        found["dropout"] = trial.suggest_float("dropout", *DROPOUTS, step=0.05)
    if "filters" in names:
        found["filters"] = tuple(
            trial.suggest_int(
                f"filters_{index}", own // 2, 3 * own // 2, step=FILTER_STEP
            )
            for index, own in enumerate(_own_filters(base), 1)
        )
    if "augment" in names:
        found["augment"] = trial.suggest_float("augment", *AUGMENTS, step=0.1)
    return base.vary(recipe="tuned", **found)


def _own_filters(base: Recipe) -> list[int]:
    plan = layer_plan(base.config.model)
    return [int(part[0]) for part in plan if part != POOL]


def check_search(trials: object, pruner: str) -> int:
    """Checks how to search, before a study is made or data are loaded.

    Args:
        trials: how many.
        pruner: one of `PRUNERS`.

    Returns:
        How many trials, as Python's own number.

    Raises:
        ConfigError: there is no such pruner, or too few trials.
    """
    wanted = take_whole(trials)
    if wanted is None or wanted < 1:
        raise ConfigError(
            f"trials is {quote(trials, 40)}. Expected a whole number, 1 or "
            "more."
        )
    if pruner not in PRUNERS:
        raise ConfigError(
            f"pruner is {quote(pruner, 40)}. Expected one of "
            f"{', '.join(PRUNERS)}: pick one of them."
        )
    return wanted
