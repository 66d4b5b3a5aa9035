"""The result file of a study: its variants, and their runs by seed."""

import statistics
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, JsonValue, NonNegativeInt, model_validator

from formats.result_faults import agree, fault, require
from formats.result_files import (
    Backend,
    Commit,
    Count,
    Date,
    Environment,
    Format,
    Model,
    NotNegative,
    Share,
    read,
)
from mnistcnn.calibration import wilson_interval
from mnistcnn.errors import ConfigError
from mnistcnn.training import RENAMED, TrainConfig, parse_recipe, recipe
from studies.variants import BESIDES, NUM_SCORED, STUDIES, check_teacher


class Run(Model):
    """A training by one seed, and how much its last epoch read right."""

    seed: NonNegativeInt
    right: NonNegativeInt
    n: Annotated[int, Field(ge=1)]
    accuracy: Share
    interval: Annotated[list[Share], Field(min_length=2, max_length=2)]
    loss: NotNegative
    seconds: NotNegative
    precision: str
    epochs: int
    date: Date
    commit: Commit
    dirty: bool
    environment: NonNegativeInt
    # Without rotations; and for held-out writers, if pens are trained on.
    once: Count | None = None
    pens: Count | None = None

    @model_validator(mode="after")
    def _follows(self) -> Self:
        right, n = self.right, self.n
        require(right <= n, "right", right, f"0 to n, which is {n}")
        same = agree(self.accuracy, right / n)
        require(same, "accuracy", self.accuracy, right / n)
        interval = wilson_interval(right, n)
        for found, end in zip(self.interval, interval, strict=True):
            require(agree(found, end), "interval", found, end)
        return self


class VariantResult(Model):
    """A variant of a study: its config, its runs, their mean and spread."""

    name: str
    recipe: str
    changes: dict[str, JsonValue]
    config: dict[str, JsonValue]
    runs: Annotated[list[Run], Field(min_length=1)]
    mean: Share
    sd: NotNegative | None

    @model_validator(mode="after")
    def _follows(self) -> Self:
        try:
            config = parse_recipe(self.config).config
            recipe(self.recipe)
        except (TypeError, ConfigError) as error:
            require(False, "config", error, "a TrainConfig of a recipe")
            raise
        # Otherwise the scored epoch would be a selected one.
        validation = config.validation
        require(validation == 0, "config.validation", validation, 0)
        fields = {*TrainConfig.__dataclass_fields__, *RENAMED, *BESIDES}
        for key in self.changes:
            require(key in fields, "changes", key, "a field of TrainConfig")
        for index, run in enumerate(self.runs):
            place, epochs = f"runs[{index}].epochs", config.epochs
            require(run.epochs == epochs, place, run.epochs, epochs)
        seeds = [run.seed for run in self.runs]
        in_order = seeds == sorted(set(seeds))
        require(in_order, "runs", seeds, "each seed once, in order")
        expected = summarize([run.accuracy for run in self.runs])
        for key, value in expected.items():
            found = getattr(self, key)
            require(agree(found, value), key, found, value)
        return self


class Data(Model):
    """The data set that was trained on and scored."""

    name: str
    digest: str
    strokes: list[str] | None = None  # the collections, if any


class StudyResult(Model):
    """One study on one backend."""

    format: Format
    study: str
    backend: Backend
    part: str
    quick: bool
    data: Data
    package: str
    environments: list[Environment]
    variants: Annotated[list[VariantResult], Field(min_length=1)]

    @property
    def runs(self) -> list[Run]:
        """The runs of all variants."""
        return [run for one in self.variants for run in one.runs]

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        known = self.study in STUDIES
        require(known, "study", self.study, f"one of {[*STUDIES]}")
        study = STUDIES[self.study]
        require(self.part == study.part, "part", self.part, study.part)
        drawn = bool(self.data.strokes)
        same = self.quick or drawn == study.strokes
        require(same, "data.strokes", self.data.strokes, study.strokes)
        for index, one in enumerate(self.environments):
            place, backend = f"environments[{index}].backend", self.backend
            require(one.backend == backend, place, one.backend, backend)
        names = [variant.name for variant in study.variants]
        for index, variant in enumerate(self.variants):
            place = f"variants[{index}]"
            self._check_variant(variant, place)
            found = variant.name
            require(found in names, f"{place}.name", found, f"one of {names}")
            # The next one must be a different one, later in the study.
            names = names[names.index(found) + 1 :]
        return self

    def _check_variant(self, variant: VariantResult, place: str) -> None:
        for number, run in enumerate(variant.runs):
            inner = f"{place}.runs[{number}]"
            there = run.environment < len(self.environments)
            said = "the place of one in environments"
            require(there, f"{inner}.environment", run.environment, said)
            full = self.quick or run.n == NUM_SCORED
            require(full, f"{inner}.n", run.n, NUM_SCORED)
        config = check_teacher(variant, place)
        for key in variant.changes.keys() - BESIDES:
            found = getattr(config, RENAMED.get(key, key))
            value = variant.changes[key]
            same = self.quick or agree(found, value)
            require(same, f"{place}.config.{key}", found, value)


def check_file(path: str | Path) -> StudyResult:
    """Reads a study's result file and checks it, its name included.

    Args:
        path: `<study>--<backend>.json`.

    Returns:
        The file's contents.

    Raises:
        DataError: a key is missing, a value has another type or does not
            agree with the others.
    """
    path = Path(path)
    result = read(path, StudyResult)
    name = f"{result.study}--{result.backend}.json"
    if path.name != name:
        raise fault(path, "its name", path.name, name)
    return result


def summarize(accuracies: list[float]) -> dict:
    """Returns the `mean` of accuracies and their standard deviation `sd`.

    Args:
        accuracies: of one or more runs.

    Returns:
        For a single run `sd` is `None`; for more, that of a sample, by n-1.

    Example:
        >>> summarize([0.5, 0.75])["mean"]
        0.625
    """
    several = len(accuracies) > 1
    return {
        "mean": statistics.fmean(accuracies),
        "sd": statistics.stdev(accuracies) if several else None,
    }
