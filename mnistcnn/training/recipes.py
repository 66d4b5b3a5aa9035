"""The named recipes, and how others are made from them."""

import dataclasses
import difflib
from pathlib import Path

from mnistcnn.artifact import parse_address
from mnistcnn.errors import ConfigError
from mnistcnn.training.composition import (
    ANOTHER,
    SAME,
    SHARED,
    Recipe,
    as_recipe,
    follow,
)
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.steps import Step
from mnistcnn.training.steps.calibration import Calibration
from mnistcnn.training.steps.distillation import Distillation
from mnistcnn.training.steps.rotations import Rotations
from mnistcnn.training.steps.start import start_with
from mnistcnn.training.steps.training import Training


def recipe(name: str) -> Recipe:
    """Returns the recipe of a name.

    Args:
        name: `"tutorial"`, `"fast"`, `"short"`, `"best"`, `"deep"` or
            `"drawing"`.

    Returns:
        A `Recipe`; its `vary` makes variants of it.

    Raises:
        ConfigError: no recipe has that name.

    Example:
        >>> recipe("tutorial").vary(epochs=3).config.epochs
        3
    """
    if not isinstance(name, str) or name not in RECIPES:
        close = difflib.get_close_matches(str(name), RECIPES, n=1)
        hint = f'did you mean "{close[0]}"?' if close else "pick one of them."
        raise ConfigError(
            f'There is no recipe "{name}". Expected one of '
            f"{', '.join(RECIPES)}: {hint}"
        )
    return RECIPES[name]


def lead_with(
    name: str, config: TrainConfig, shared: tuple[str, ...] = SAME
) -> tuple[Step, ...]:
    """Makes the steps that train a network before another training.

    They must not see that training's held-out data. If the training has fewer
    epochs than its recipe, for a quick look, they are shortened as well.

    Args:
        name: of a recipe of one training.
        config: of the training that follows.
        shared: fields taken over in addition to those that all trainings share:
            by default those of the network, which is trained further.

    Returns:
        That recipe's training, and a calibration if the held-out part is not
        used to choose an epoch.

    Raises:
        ConfigError: there is no such recipe, or it has several steps.
    """
    found = recipe(name).without("rotations")
    if len(found.steps) > 1:
        raise ConfigError(
            f"{name!r} is a recipe of several steps. Expected a recipe of a "
            'single training, to go before another: take "best".'
        )
    whole = RECIPES[config.recipe].config if config.recipe in RECIPES else None
    fraction = min(1, config.epochs / whole.epochs) if whole else 1
    led = follow(found.config, config, (*SHARED, *shared), fraction)
    if config.keep == "last" and config.validation:
        return Training(led), Calibration()
    return (Training(led),)


def teach(found: Recipe, teacher: str) -> Recipe:
    """Makes a recipe whose main training is distillation from a teacher.

    Args:
        found: a recipe.
        teacher: the name of the recipe that trains the teacher before, or an
            artifact's file, which ends in `.keras`.

    Raises:
        ArtifactError: the file is missing or refused.
        ConfigError: there is no such recipe, or it has several steps.

    Example:
        >>> [type(v).__name__ for v in teach(recipe("fast"), "deep").steps]
        ['Training', 'Distillation']
    """
    number = max(
        index
        for index, step in enumerate(found.steps)
        if isinstance(step, Training | Distillation)
    )
    before: tuple[Step, ...]
    if teacher.endswith(".keras") or parse_address(teacher) is not None:
        before = (start_with(Path(teacher)),)
    else:
        training, *others = lead_with(teacher, found.config, ANOTHER)
        before = (dataclasses.replace(training, start=0), *others)
    # The student starts from the same weights as without a teacher.
    student = Distillation(found.config, start=number)
    steps = (*found.steps[:number], *before, student)
    steps += found.steps[number + 1 :]
    return dataclasses.replace(found, steps=steps)


# The usual tutorial's: plain Adam, early stopping on a coarse threshold.
TUTORIAL = TrainConfig(
    recipe="tutorial",
    epochs=50,
    batch_size=32,
    validation=0.3,
    patience=4,
    min_delta=0.01,
)
# 99 % in the least time, tuned on the last 10,000 training images. Two epochs
# are too few to overfit, so there is no dropout; a high rate that falls to 0
# averages out the noise that a constant rate leaves in the weights.
FAST = TrainConfig(
    recipe="fast",
    epochs=2,
    batch_size=64,
    learning_rate=0.008,
    schedule="cosine",
    dropout=0.0,
    validation=0.0,
    augment=0.3,
    precision="auto",
)
# All 60,000 images, warped anew in each epoch; bfloat16 costs no accuracy.
BEST = TrainConfig(
    recipe="best",
    epochs=40,
    batch_size=125,
    learning_rate=0.004,
    schedule="cosine",
    validation=0.0,
    augment=1.0,
    precision="auto",
)
# The larger network, whose many weights need more dropout and a lower rate.
DEEP = dataclasses.replace(
    BEST,
    recipe="deep",
    model="deep",
    epochs=24,
    learning_rate=0.003,
    dropout=0.4,
)
# 99.4 % in the least time, as found on the last 10,000 training images.
SHORT = dataclasses.replace(
    DEEP,
    recipe="short",
    filters=(32, 48, 72, 192),
    epochs=5,
    batch_size=100,
    dropout=0.2,
    augment=0.5,
)
# For drawings: pen strokes and print, if the data have strokes, and a rejection
# class. At first a quarter of the images is degraded; a few final epochs
# without degradation gain 0.2 points on MNIST. The held-out part sets the
# threshold.
DRAWING = dataclasses.replace(
    BEST,
    recipe="drawing",
    epochs=6,
    learning_rate=0.001,
    model="deep",
    filters=(28, 48, 64, 116),
    dropout=0.2,
    validation=1 / 12,
    keep="last",
    nondigits=12_000,
    bold=0.05,
)
_MORE = dataclasses.replace(DRAWING, stroke_copies=2, degrade=0.25, bold=0.2)
_DEGRADED = dataclasses.replace(_MORE, epochs=20, learning_rate=0.003)

RECIPES = {each.recipe: as_recipe(each) for each in (TUTORIAL, FAST, SHORT)}
_TURNED = Rotations(8)
RECIPES["best"] = Recipe("best", (Training(BEST), _TURNED))
RECIPES["deep"] = Recipe("deep", (Training(DEEP), _TURNED))
_STEPS = (Training(_DEGRADED), Training(DRAWING), _TURNED, Calibration())
RECIPES["drawing"] = Recipe("drawing", _STEPS)
