"""Adding runs to a study's result file.

A file has one study, backend, data set and state of the package, so that a mean
over seeds is over like runs.
"""

from pathlib import Path

from mnistcnn.errors import ConfigError
from mnistcnn.training import parse_recipe, write_recipe
from studies.study_results import summarize
from studies.variants import Study, Variant


def begin(study: Study, machine: dict, *, quick: bool) -> dict:
    """Makes a file without runs.

    Args:
        study: the study that is measured.
        machine: the current `data`, `environment` and `package`.
        quick: whether it is only a quick look.
    """
    return {
        "format": 1,
        "study": study.name,
        "backend": machine["environment"]["backend"],
        "part": study.part,
        "quick": quick,
        "data": machine["data"],
        "package": machine["package"],
        "environments": [],
        "variants": [],
    }


def check_same(found: dict, today: dict, study: Study, path: Path) -> None:
    """Refuses to mix the runs of a file with differing new ones.

    Args:
        found: the file's contents.
        today: of `begin`.
        study: the study that is measured.
        path: of the file.

    Raises:
        ConfigError: they differ in more than their runs.
    """
    pairs = {
        key: (found[key], today[key])
        for key in ("study", "backend", "quick", "data", "package")
    }
    kept = {
        variant["name"]: write_recipe(parse_recipe(variant["config"]))
        for variant in found["variants"]
    }
    for variant in study.variants:
        config = write_recipe(variant.find_recipe(quick=found["quick"]))
        pairs[variant.name] = (kept.get(variant.name, config), config)
    for name, (old, new) in pairs.items():
        if old != new:
            raise ConfigError(
                f"{path} has runs whose {name} is {_differences(old, new)}. "
                "Expected runs of one thing, for one mean: give another "
                "--out, or move that file away to measure anew."
            )


def find_run(result: dict, variant: Variant, seed: int) -> dict | None:
    """Finds the run of a seed, if it is there."""
    runs = (
        run
        for one in result["variants"]
        for run in one["runs"]
        if one["name"] == variant.name and run["seed"] == seed
    )
    return next(runs, None)


def merge(
    result: dict, study: Study, variant: Variant, run: dict, environment: dict
) -> dict:
    """Adds a run.

    Args:
        result: the file's contents; not modified.
        study: the study that is measured; it defines the variants' order.
        variant: the one that was trained.
        run: its `seed`, score and circumstances.
        environment: where it ran.

    Returns:
        The file's new contents, with updated means and standard deviations.
    """
    environments = list(result["environments"])
    if environment not in environments:
        environments.append(environment)
    run = {**run, "environment": environments.index(environment)}
    variants = {one["name"]: one for one in result["variants"]}
    old = variants.get(variant.name, {"runs": []})["runs"]
    runs = [one for one in old if one["seed"] != run["seed"]]
    runs = sorted([*runs, run], key=lambda one: one["seed"])
    variants[variant.name] = {
        "name": variant.name,
        "recipe": variant.recipe,
        "changes": variant.changes,
        "config": variant.config(quick=result["quick"]),
        "runs": runs,
        **summarize([one["accuracy"] for one in runs]),
    }
    order = [one.name for one in study.variants if one.name in variants]
    return {
        **result,
        "environments": environments,
        "variants": [variants[name] for name in order],
    }


def _differences(old, new) -> str:
    if not isinstance(old, dict):
        return f"{old}, not {new}"
    return ", ".join(
        f"{key} {old.get(key)}, not {value}"
        for key, value in new.items()
        if old.get(key) != value
    )
