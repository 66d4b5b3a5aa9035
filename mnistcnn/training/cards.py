"""The part of a card that describes a training."""

import dataclasses
from typing import Any

from mnistcnn.artifact import Artifact
from mnistcnn.backends import describe_environment
from mnistcnn.data import Dataset
from mnistcnn.training.composition import Recipe
from mnistcnn.training.recipefiles import write_recipe
from mnistcnn.training.teacher import Teacher


def describe_training(
    recipe: Recipe,
    data: Dataset,
    epochs: Any,
    start: Artifact | None,
    teacher: Teacher | None,
) -> dict[str, Any]:
    """Describes the training for an artifact's card.

    Args:
        recipe: of the run.
        data: of the run.
        epochs: the engine, as of `make_epochs`.
        start: the artifact that training started from, if any.
        teacher: the artifact that was distilled, if any.

    Returns:
        JSON values.
    """
    config = epochs.config
    card = {
        **recipe.card,
        "classes": list(data.classes),
        "recipe": config.recipe,
        "config": dataclasses.asdict(config),
        "seed": config.seed,
        "data": {"name": data.name, "digest": data.digest},
        "generated": data.generated,
        "environment": describe_environment(),
    }
    if data.about:
        card["data"]["about"] = data.about
    if data.strokes is not None:
        card["strokes"] = [
            dataclasses.asdict(source) for source in data.strokes.sources
        ]
    if len(recipe.steps) > 1:
        card["steps"] = write_recipe(recipe)["steps"]
    if teacher is not None:
        card["teacher"] = teacher.facts
    if epochs.reason:
        card["engine"] = name_engine(epochs)
    if start is not None:
        card["start"] = {
            "recipe": start.card.get("recipe"),
            "weights_sha256": start.weights_sha256,
        }
    return card


def name_engine(epochs: Any) -> str:
    """Names the engine, and the reason if another was asked for."""
    if epochs.config.engine == "auto":
        return "its own"
    reason = f", since {epochs.reason}" if epochs.reason else ""
    return f"Keras' fit{reason}"
