"""Checks that a study's result file is what README.md says of it."""

import dataclasses
import math
from pathlib import Path

from checks import (
    BACKENDS,
    ENVIRONMENT,
    check_forms,
    check_keys,
    fault,
    is_number,
    read_strictly,
)
from claims import FORMAT, summarize
from studies import NUM_SCORED, STUDIES

from mnistcnn.errors import ConfigError
from mnistcnn.evaluation import wilson_interval
from mnistcnn.training import TrainConfig, recipe

_KEYS = {
    "format": int,
    "study": str,
    "backend": str,
    "part": str,
    "quick": bool,
    "data": dict,
    "package": str,
    "environments": list,
    "variants": list,
}
_VARIANT = {
    "name": str,
    "recipe": str,
    "changes": dict,
    "config": dict,
    "runs": list,
    "mean": float,
}
_RUN = {
    "seed": int,
    "right": int,
    "n": int,
    "accuracy": float,
    "interval": list,
    "loss": float,
    "seconds": float,
    "precision": str,
    "epochs": int,
    "date": str,
    "commit": str,
    "dirty": bool,
    "environment": int,
}


def check_file(path: str | Path) -> dict:
    """Reads a study's result file and checks it, its name included.

    Args:
        path: `<study>--<backend>.json`.

    Returns:
        The file's contents.

    Raises:
        DataError: a key is missing, a value has another type or does not
            follow from the others.
    """
    path = Path(path)
    result = read_strictly(path)
    check_keys(result, _KEYS, path, "")
    named = {
        "format": (FORMAT,),
        "study": tuple(STUDIES),
        "backend": BACKENDS,
    }
    for key, allowed in named.items():
        if result[key] not in allowed:
            raise fault(path, key, result[key], f"one of {allowed}")
    expected = f"{result['study']}--{result['backend']}.json"
    if path.name != expected:
        raise fault(path, "its name", path.name, expected)
    study = STUDIES[result["study"]]
    _compare(path, "part", result["part"], study.part)
    check_keys(result["data"], {"name": str, "digest": str}, path, "data.")
    for index, environment in enumerate(result["environments"]):
        check_keys(environment, ENVIRONMENT, path, f"environments[{index}].")
        found = environment["backend"]
        name = f"environments[{index}].backend"
        _compare(path, name, found, result["backend"])
    if not result["variants"]:
        raise fault(path, "variants", [], "one or more")
    allowed = [variant.name for variant in study.variants]
    for index, variant in enumerate(result["variants"]):
        name = f"variants[{index}]"
        _check_variant(variant, result, path, name)
        if variant["name"] not in allowed:
            raise fault(
                path, f"{name}.name", variant["name"], f"one of {allowed}"
            )
        # The next one is another, and stands behind it in the study.
        allowed = allowed[allowed.index(variant["name"]) + 1 :]
    return result


def _check_variant(variant, result: dict, path, name: str) -> None:
    check_keys(variant, _VARIANT, path, f"{name}.")
    config, runs = variant["config"], variant["runs"]
    try:
        settled = TrainConfig(**config)
        base = recipe(variant["recipe"])
    except (TypeError, ConfigError) as error:
        said = str(error)
        raise fault(path, f"{name}.config", said, "a TrainConfig") from error
    # Else the epoch that is scored would be one that was chosen.
    _compare(path, f"{name}.config.validation", settled.validation, 0)
    for key, value in variant["changes"].items():
        if key not in {field.name for field in dataclasses.fields(base)}:
            raise fault(path, f"{name}.changes", key, "a field of TrainConfig")
        if not result["quick"]:
            _compare(path, f"{name}.config.{key}", config.get(key), value)
    if not runs:
        raise fault(path, f"{name}.runs", [], "one or more")
    for index, run in enumerate(runs):
        where = f"{name}.runs[{index}]"
        _check_run(run, result, path, where)
        _compare(path, f"{where}.epochs", run["epochs"], settled.epochs)
    seeds = [run["seed"] for run in runs]
    if seeds != sorted(set(seeds)):
        raise fault(path, f"{name}.runs", seeds, "each seed once, in order")
    for key, value in summarize(runs).items():
        _compare(path, f"{name}.{key}", variant.get(key, "nothing"), value)


def _check_run(run, result: dict, path, name: str) -> None:
    check_keys(run, _RUN, path, f"{name}.")
    check_forms(run, path, f"{name}.")
    right, n = run["right"], run["n"]
    if not 0 <= right <= n or n < 1:
        raise fault(path, f"{name}.right", right, f"0 to n, which is {n}")
    if not result["quick"]:
        _compare(path, f"{name}.n", n, NUM_SCORED)
    _compare(path, f"{name}.accuracy", run["accuracy"], right / n)
    interval = run["interval"]
    if len(interval) != 2:
        raise fault(path, f"{name}.interval", interval, "low and high")
    for found, expected in zip(
        interval, wilson_interval(right, n), strict=True
    ):
        _compare(path, f"{name}.interval", found, expected)
    if run["environment"] not in range(len(result["environments"])):
        raise fault(
            *(path, f"{name}.environment", run["environment"]),
            "the place of one in environments",
        )
    for key in ("loss", "seconds", "seed"):
        if run[key] < 0:
            raise fault(path, f"{name}.{key}", run[key], "0 or more")


def _compare(path, name: str, found, expected) -> None:
    same = found == expected
    if is_number(found) and is_number(expected):
        same = math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)
    if not same:
        raise fault(path, name, found, expected)
