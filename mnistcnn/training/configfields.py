"""The fields of a config file, including those of earlier versions."""

import dataclasses
import math
from typing import Any

from mnistcnn.errors import ConfigError, warn
from mnistcnn.training.composition import Recipe
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.recipes import lead_with, recipe, teach
from mnistcnn.training.renaming import REMOVED, RENAMED, find_meant
from mnistcnn.training.steps import Step
from mnistcnn.training.steps.calibration import Calibration
from mnistcnn.training.steps.interpolation import Interpolation
from mnistcnn.training.steps.rejection import Rejection
from mnistcnn.training.steps.training import Training

# Earlier fields that are steps now.
_STEPS: dict[str, Any] = {
    "teacher": "",
    "start": "",
    "blend": 1.0,
    "calibrate": False,
}
_DIGEST = 64  # hexadecimal digits of a sha256
_FIELDS = {field.name: field for field in dataclasses.fields(TrainConfig)}


def parse_config(found: dict[str, Any], where: str) -> Recipe:
    """Parses a flat config, also one from before recipes had steps.

    Args:
        found: the fields, as JSON has them.
        where: their origin, for an error's text.

    Raises:
        ConfigError: a field is unknown or out of its range.
    """
    fields = dict(found)
    old = {name: fields.pop(name, value) for name, value in _STEPS.items()}
    for name, value in old.items():
        _check_value(name, value, _STEPS[name], where)
    if old["calibrate"]:
        fields["keep"] = "last"
    if len(old["start"]) == _DIGEST:
        # The network is missing here: the recipe can be trained again without
        # it.
        old |= {"start": "", "blend": 1.0}
        fields["freeze"] = False
    config = make_config(fields, where)
    if len(old["teacher"]) == _DIGEST:
        raise miss_teacher(where)
    steps: list[Step] = [Training(config)]
    if old["start"]:
        steps = [*lead_with(old["start"], config), *steps]
    if old["blend"] < 1:
        steps.append(Interpolation(old["blend"]))
        if config.nondigits:
            steps.append(Rejection())
    if old["calibrate"]:
        steps.append(Calibration())
    whole = Recipe(config.recipe, tuple(steps))
    if not old["teacher"]:
        return whole
    # Only a name: paths in files are not used.
    return teach(whole, recipe(old["teacher"]).name)


def make_config(found: dict[str, Any], where: str) -> TrainConfig:
    """Makes a config from a file's fields, also from their old names.

    Args and Raises: as `parse_config`.
    """
    fields = {RENAMED.get(str(name), str(name)): v for name, v in found.items()}
    for name in REMOVED & fields.keys():
        if fields.pop(name):
            warn(
                f"{where} has {name}, which no longer exists and is ignored: "
                "pen strokes took the place of generated digits.",
                UserWarning,
            )
    for name, value in fields.items():
        if name not in _FIELDS:
            raise ConfigError(
                f'{where} has the field "{name[:40]}". Expected fields of a '
                f"TrainConfig: {find_meant(name, _FIELDS)}"
            )
        _check_value(name, value, _FIELDS[name].default, where)
    return TrainConfig(**fields)


def _check_value(name: str, value: object, default, where: str) -> None:
    if not _is_like(value, default):
        raise ConfigError(
            f"{where} has {name} = {str(value)[:40]!r}. Expected a value "
            f"like {default!r}: correct it."
        )


def _is_like(value: object, default: object) -> bool:
    """Whether a JSON value has a field's type."""
    if default is None:  # a list of whole numbers, or nothing
        return value is None or (
            isinstance(value, list) and all(type(v) is int for v in value)
        )
    if type(default) is float:
        return isinstance(value, int | float) and (
            not isinstance(value, bool) and math.isfinite(value)
        )
    return type(value) is type(default)


def miss_teacher(where: str) -> ConfigError:
    """Makes the error for a teacher whose file is unknown."""
    return ConfigError(
        f"{where} names its teacher only by a sha256. Expected the teacher's "
        "file: pass it as --teacher."
    )
