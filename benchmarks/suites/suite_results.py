"""The result file of a suite: what was measured, where, and how it spread."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from formats.records import METRICS, Metric
from formats.result_faults import agree, fault, require
from formats.result_files import (
    Backend,
    Commit,
    Date,
    Environment,
    Format,
    Model,
    NotNegative,
    read,
)
from formats.spread import Spread, summarize
from mnistcnn.errors import DataError
from running.machine import slug
from suites.cases import check_case

Suite = Literal[
    "training",
    "time_to_99.0",
    "time_to_99.4",
    "time_to_99.6",
    "latency",
    "cold_start",
    "memory",
    "parity",
    "scaling",
    "attempts",
    "photos",
    "board",
]
SUITES: tuple[str, ...] = get_args(Suite)

PATTERN = "*--*.json"  # <suite>--<backend>.json


class Protocol(Model, extra="allow"):
    """How a suite was run, and what else it found out."""

    repeats: int
    warmup: int
    interleaved: bool
    seconds: float


class Measurement(Model):
    """What one thing came to, in one case.

    Args:
        case: what was varied: names to text or numbers.
        metric: what was measured; the name ends in the unit.
        better: which way is.
        values: the repeats, in their order.
        median: of the values.
        low: their lower quartile.
        high: their upper quartile.
        n: how many there are.
        note: a sentence, or nothing.
    """

    case: Annotated[dict[str, str | int | float], Field(min_length=1)]
    metric: Metric
    better: Literal["lower", "higher", "none"]
    values: Annotated[list[NotNegative], Field(min_length=1)]
    median: float
    low: float
    high: float
    n: int
    note: str | None = None

    @model_validator(mode="after")
    def _follows(self) -> Self:
        better = METRICS[self.metric]
        require(self.better == better, "better", self.better, better)
        for key, expected in asdict(summarize(self.values)).items():
            found = getattr(self, key)
            require(agree(found, expected), key, found, expected)
        return self

    @property
    def spread(self) -> Spread:
        """Median, quartiles and count of the values."""
        return Spread(self.median, self.low, self.high, self.n)

    @property
    def key(self) -> str:
        """Names the case and the metric, the same in every file."""
        case = json.dumps(self.case, sort_keys=True, ensure_ascii=False)
        return f"{self.metric} {case}"

    @property
    def title(self) -> str:
        """Writes the case in readable form."""
        return ", ".join(
            value if isinstance(value, str) else f"{name} {value:g}"
            for name, value in self.case.items()
        )


class SuiteResult(Model):
    """One suite on one backend.

    Args:
        version: of the suite: it grows when what it measures changes, and
            results of two versions are not compared.
    """

    format: Format
    suite: Suite
    version: Annotated[int, Field(ge=1)]
    backend: Backend
    date: Date
    commit: Commit
    dirty: bool
    quick: bool
    environment: Environment
    protocol: Protocol
    measurements: Annotated[list[Measurement], Field(min_length=1)]

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        found = self.environment.backend
        right = found == self.backend
        require(right, "environment.backend", found, self.backend)
        seen: set[str] = set()
        for index, one in enumerate(self.measurements):
            place, said = f"measurements[{index}].case", "it only once"
            require(one.key not in seen, place, one.key, said)
            seen.add(one.key)
            check_case(self.suite, one.case, place)
        return self


def check_file(path: str | Path) -> SuiteResult:
    """Reads a result file and checks it, its name included.

    Args:
        path: `<machine>/<suite>--<backend>.json`.

    Returns:
        The file's contents.

    Raises:
        DataError: the file is not strict JSON of the form in README.md.
    """
    path = Path(path)
    result = read(path, SuiteResult)
    name = f"{result.suite}--{result.backend}.json"
    if path.name != name:
        raise fault(path, "its name", path.name, name)
    machine = slug(result.environment.model_dump())
    if path.parent.name != machine:
        raise fault(path, "its folder", path.parent.name, machine)
    return result


def read_results(paths: Iterable[str | Path]) -> dict[Path, SuiteResult]:
    """Reads result files, wherever they are.

    Args:
        paths: files, or folders that are searched for files named
            `<suite>--<backend>.json`, except those of studies. Duplicates
            are read once.

    Returns:
        The results by their files, in the order of the paths; those of a
        folder by name.

    Raises:
        DataError: there is no file, or one is not a result file.
    """
    files: dict[Path, Path] = {}
    wanted = f"a benchmark result file, or a folder with some ({PATTERN})"
    for path in map(Path, paths):
        found = sorted(path.rglob(PATTERN)) if path.is_dir() else [path]
        # Files of studies have similar names, but belong to no machine.
        found = [file for file in found if file.parent.name != "accuracy"]
        if not found:
            raise DataError(
                f"Expected {wanted}. Received: the folder {path}, which holds "
                "none. Run the benchmarks first."
            )
        files |= {file.resolve(): file for file in found}
    if not files:
        raise DataError(
            f"Expected {wanted}. Received: none. Give at least one."
        )
    return {file: read(file, SuiteResult) for file in files.values()}
