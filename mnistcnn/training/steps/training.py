"""Runs before a run: its teacher's, or of the network that it starts with.

Each is kept in a folder of the run, which goes on with it after a cut.
"""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

from mnistcnn.errors import ConfigError
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.recipes import RECIPES, recipe

DIGEST = 64  # hexadecimal digits of a sha256
_GIVEN = {
    "teacher": "its file, as --teacher or train(teacher=...)",
    "start": "that network, as train(model=...)",
}


def find_stage(config: TrainConfig, role: str) -> TrainConfig:
    """How what a run needs is trained before it.

    It must not see what the run is validated or calibrated by. Where the run
    has fewer epochs than its recipe, for a glance, so has what comes before.

    Args:
        config: of the run.
        role: `"teacher"` or `"start"`: the field that names a recipe.

    Returns:
        That recipe, on the same part of the same data, with the same seed;
        for a start, of the same network.

    Raises:
        ConfigError: there is no such recipe, or it has such a run itself.

    Example:
        >>> config = TrainConfig(teacher="fast", epochs=1, seed=3)
        >>> stage = find_stage(config, "teacher")
        >>> stage.recipe, stage.epochs, stage.seed
        ('fast', 2, 3)
    """
    name = getattr(config, role)
    if len(name) == DIGEST:
        raise ConfigError(
            f"{role} is the network of the sha256 {name[:16]}... Expected "
            f"{_GIVEN[role]}."
        )
    found = recipe(name)
    if found.teacher or found.start:
        raise ConfigError(
            f"{role} is {name!r}, a recipe that has a run before it itself. "
            'Expected one without: take "best".'
        )
    whole = RECIPES.get(config.recipe, config).epochs
    part = min(1, config.epochs / whole)
    shared = ("seed", "validation", "calibrate", "engine", "precision")
    if role == "start":
        shared += ("model", "filters", "dropout")
    else:
        shared += ("drawn",)
    return dataclasses.replace(
        found,
        epochs=max(1, round(found.epochs * part)),
        **{field: getattr(config, field) for field in shared},
    )


def run_stage(
    train: Callable, config: TrainConfig, data, role: str, *, out: Path, verbose
) -> Path:
    """Trains what a run needs, or goes on with it.

    Args:
        train: the function of that name.
        config: of the run.
        data: of the run.
        role: as for `find_stage`; the name of the folder.
        out: the run's folder.
        verbose: show progress bars.

    Returns:
        The artifact.
    """
    path, stage = out / role, find_stage(config, role)
    if verbose:
        sys.stdout.write(
            f"Before the run, its {role}: recipe {stage.recipe}, "
            f"{stage.epochs} epochs, into {path}\n"
        )
    return train(
        stage,
        data,
        out=path,
        resume=(path / "last" / "state.npz").is_file(),
        verbose=verbose,
    ).best
