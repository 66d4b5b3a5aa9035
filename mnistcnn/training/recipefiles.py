"""Recipes as JSON: in a run's directory, in a card, in `best.json`."""

import dataclasses
import json
import os
from typing import Any

from mnistcnn.errors import ConfigError
from mnistcnn.files import read_regular
from mnistcnn.training.composition import Recipe
from mnistcnn.training.configfields import (
    make_config,
    miss_teacher,
    parse_config,
)
from mnistcnn.training.steps import Step, find_kind, name_kind

_MAX_BYTES = 1 << 20
DATA = "data"  # field of a config file: the data to train on, as of `--data`


def write_recipe(recipe: Recipe) -> dict[str, Any]:
    """Converts a recipe to JSON values.

    Args:
        recipe: of one training, or of several steps.

    Returns:
        For one training the fields of its config; else `recipe`, the name,
        and `steps`, each with its kind as `step` and its fields.

    Example:
        >>> from mnistcnn.training.recipes import recipe
        >>> write_recipe(recipe("fast"))["epochs"]
        2
    """
    if len(recipe.steps) == 1:
        found = dataclasses.asdict(recipe.config)
    else:
        steps = [_write_step(step) for step in recipe.steps]
        found = {"recipe": recipe.name, "steps": steps}
    # As it is read back: JSON has no tuples.
    return json.loads(json.dumps(found))


def _write_step(step: Step) -> dict[str, Any]:
    fields = {
        field.name: getattr(step, field.name)
        for field in dataclasses.fields(step)
        if field.compare
    }
    if "config" in fields:
        fields["config"] = dataclasses.asdict(fields["config"])
    return {"step": name_kind(step), **fields}


def parse_recipe(found: dict[str, Any], *, where: str = "The recipe") -> Recipe:
    """Parses a recipe from JSON values; the inverse of `write_recipe`.

    Configs from before recipes had steps are read as the equivalent steps.

    Args:
        found: what `write_recipe` gives, or the fields of a config.
        where: its origin, for an error's text.

    Raises:
        ConfigError: a field is unknown or out of its range.

    Example:
        >>> old = {"recipe": "mine", "nondigits": 5, "calibrate": True}
        >>> [name_kind(step) for step in parse_recipe(old).steps]
        ['training', 'calibration']
    """
    if "steps" not in found:
        return parse_config(found, where)
    steps = found["steps"]
    if not isinstance(steps, list):
        raise ConfigError(
            f"{where} has steps = {str(steps)[:40]!r}. Expected a list of "
            "steps: correct it."
        )
    parsed = tuple(_parse_step(step, where) for step in steps)
    return Recipe(str(found.get("recipe", "custom")), parsed)


def _parse_step(found: object, where: str) -> Step:
    if not isinstance(found, dict):
        raise ConfigError(
            f"{where} has the step {str(found)[:40]!r}. Expected an object "
            'with a "step": correct it.'
        )
    kind = find_kind(found.get("step"))
    fields = {name: v for name, v in found.items() if name != "step"}
    if isinstance(fields.get("config"), dict):
        fields["config"] = make_config(fields["config"], where)
    # Paths in files are not used.
    known = {f.name for f in dataclasses.fields(kind) if f.compare}
    if set(fields) != known:
        raise ConfigError(
            f"{where} has a step {found['step']} with the fields "
            f"{sorted(fields)}. Expected {sorted(known)}: correct it."
        )
    return kind(**fields)


def read_config(path: str | os.PathLike[str]) -> Recipe:
    """Reads a recipe from a file: a run's `config.json`, or `best.json`.

    Args:
        path: strict JSON, an object as `write_recipe` makes it, or with
            fields of `TrainConfig`; and perhaps `data` (`read_sources`).

    Returns:
        A `Recipe`; missing fields have their defaults.

    Raises:
        ConfigError: the file is missing, is not such JSON, or has a field that
            is unknown or out of its range.
    """
    found = _read_object(path)
    found.pop(DATA, None)
    return _drop_start(parse_recipe(found, where=str(path)), str(path))


def read_sources(path: str | os.PathLike[str]) -> list[str] | None:
    """Reads the data sources that a config file names.

    Args:
        path: as `read_config` takes it.

    Returns:
        The value of its `data`, for `load_data`; `None` if there is none. Paths
        are relative to the working folder.

    Raises:
        ConfigError: as `read_config`, or `data` is something else.
    """
    found = _read_object(path).get(DATA)
    if found is None:
        return None
    sources = found if isinstance(found, list) else [found]
    if not sources or not all(isinstance(v, str) and v for v in sources):
        raise ConfigError(
            f"{path} has {DATA} = {str(found)[:40]!r}. Expected a text or a "
            "list of texts, as --data takes them: correct it."
        )
    return sources


def _read_object(path: str | os.PathLike[str]) -> dict[str, Any]:
    try:
        found = json.loads(read_regular(path, max_bytes=_MAX_BYTES))
        if not isinstance(found, dict):
            raise ValueError(f"it holds {str(found)[:40]!r}")
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror}). Expected a "
            "config.json of a run, or a best.json of tune: check the path."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{path} is no config ({str(error)[:80]}). Expected a JSON object "
            "with the fields of a TrainConfig: take a run's config.json."
        ) from error
    return found


def _drop_start(recipe: Recipe, where: str) -> Recipe:
    """Removes an external network, whose file the recipe does not know.

    The recipe can still be trained again, from random weights.
    """
    kinds = [name_kind(step) for step in recipe.steps]
    if "start" not in kinds:
        return recipe
    if "distillation" in kinds:
        raise miss_teacher(where)
    steps = tuple(
        step
        for step, kind in zip(recipe.steps, kinds, strict=True)
        if kind not in ("start", "interpolation")
    )
    return dataclasses.replace(recipe, steps=steps).vary(freeze=False)
