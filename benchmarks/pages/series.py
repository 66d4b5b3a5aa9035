"""What the benchmarks compare: a backend, as one folder of results has it.

A folder holds one machine's results. Where several folders are given, the
same backend in two of them is two contenders.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spread import Spread, summarize
from suite_results import Measurement, SuiteResult

from mnistcnn import units
from mnistcnn.errors import DataError
from mnistcnn.report import SHARED_VERSIONS, list_differences, name_apart

DTYPE = "float32"  # what is meant where a case names no dtype
ALIKE = 0.003  # accuracies that differ by less come to the same
FEW = 3  # repeats below which the quartiles say little
# What has to be alike for a fair comparison.
ASPECTS = {
    "device": lambda result: result.environment.device.name,
    "processor": lambda result: result.environment.processor,
    "cores": lambda result: result.environment.cores,
    "threads": lambda result: result.environment.threads,
} | {
    f"{name} version": lambda result, name=name: (
        result.environment.versions.get(name)
    )
    for name in SHARED_VERSIONS
}


@dataclass(frozen=True)
class Contender:
    """A backend with its suites.

    Args:
        label: the backend's name, and what sets it apart from others of it.
        backend: the backend, as Keras names it.
        results: at least one result, each of another suite.
    """

    label: str
    backend: str
    results: tuple[SuiteResult, ...]

    def select(self, suite: str, *metrics: str, **case: Any) -> list:
        """Finds measurements of a suite whose case agrees with what is given.

        Args:
            suite: the suite's name.
            *metrics: the metrics' names; any metric if none is given.
            **case: what the case must say; a dtype that is not asked for
                must be float32 or unsaid. `dtype=None` takes any.

        Returns:
            The measurements in the file's order.
        """
        wanted = {"dtype": DTYPE} | case
        if wanted["dtype"] is None:
            del wanted["dtype"]
        return [
            measurement
            for result in self.results
            if result.suite == suite
            for measurement in result.measurements
            if not metrics or measurement.metric in metrics
            if wanted.items()
            <= ({"dtype": DTYPE} | dict(measurement.case)).items()
        ]

    def quickest_dtype(self, suite: str) -> str:
        """The dtype of a suite's fewest seconds: what "auto" chooses."""
        found = self.select(suite, "seconds", dtype=None)
        times: dict[str, list[float]] = {}
        for some in found:
            dtype = some.case.get("dtype", DTYPE)
            times.setdefault(dtype, []).extend(some.values)
        medians = {d: statistics.median(v) for d, v in times.items()}
        return min(medians, key=medians.get, default=DTYPE)

    def find(self, suite: str, metric: str, **case: Any) -> Spread | None:
        """Finds the spread of what `select` finds, or None.

        Where several cases fit, as one for each seed, their repeats are put
        together.
        """
        found = self.select(suite, metric, **case)
        if len(found) == 1:
            return found[0].spread
        values = [value for some in found for value in some.values]
        return summarize(values) if values else None


def group_results(results: Mapping[Path, SuiteResult]) -> list[Contender]:
    """Puts the suites of a backend in one folder together, fastest first.

    Args:
        results: results as `results.read_results` gives them.

    Returns:
        The contenders by the epoch seconds of their engine; those without,
        last.

    Raises:
        DataError: two results of one folder are of one suite and backend.
    """
    found: dict[tuple[str, str], dict[str, Path]] = {}
    for file, result in results.items():
        folder = str(file.resolve().parent)
        suites = found.setdefault((result.backend, folder), {})
        if result.suite in suites:
            raise DataError(
                f"Expected one result of the suite {result.suite} on "
                f"{result.backend}. Received: {suites[result.suite]} and "
                f"{file}. Give one of them."
            )
        suites[result.suite] = file
    contenders = []
    for backend, folder in found:
        folders = [path for name, path in found if name == backend]
        label = name_apart(
            backend,
            folders,
            folders.index(folder),
            {"folder": lambda path: path.replace("\\", "/").split("/")[-1]},
        )
        some = tuple(results[file] for file in found[backend, folder].values())
        contenders.append(Contender(label, backend, some))
    return sorted(contenders, key=_rank)


def find_warnings(contenders: Sequence[Contender]) -> list[str]:
    """Finds what keeps the contenders from being compared fairly.

    Args:
        contenders: the contenders of `group_results`.

    Returns:
        One sentence per reason, none where only the backend differs.
    """
    members = [(one.label, one.results) for one in contenders]
    warnings = list_differences(members, ASPECTS, within=True)
    suites = {result.suite for one in contenders for result in one.results}
    commits = _collect(contenders, lambda r: r.commit)
    if len(commits) > 1:
        warnings.append(f"Measured at several commits: {', '.join(commits)}.")
    reached = {
        one.label: spread.median
        for one in contenders
        if (spread := one.find("time_to_accuracy", "accuracy"))
    }
    if reached and max(reached.values()) - min(reached.values()) > ALIKE:
        texts = [f"{k} {units.percent(v)}" for k, v in reached.items()]
        said = ", ".join(texts)
        warnings.append(f"Times to accuracies that are not alike: {said}.")
    for one in contenders:
        for text, marked in _MARKS.items():
            names = [r.suite for r in one.results if marked(r)]
            if names:
                warnings.append(f"{one.label}, {text}: {', '.join(names)}.")
        missing = suites - {result.suite for result in one.results}
        if missing:
            names = ", ".join(sorted(missing))
            warnings.append(f"{one.label} was not measured in: {names}.")
    return warnings


def list_cases(
    contenders: Iterable[Contender], suite: str, metric: str, name: str
) -> list:
    """Lists the values that a case's name takes, in order.

    Args:
        contenders: whose measurements are looked at.
        suite: the suite.
        metric: the metric.
        name: the name in the case, such as "batch_size".

    Returns:
        The values, numbers before texts.
    """
    found = {
        measurement.case[name]
        for one in contenders
        for measurement in one.select(suite, metric, dtype=None)
        if name in measurement.case
    }
    return sorted(found, key=lambda value: (isinstance(value, str), value))


def name_path(measurement: Measurement) -> str:
    """Names the path of a case, and its dtype where that is not float32."""
    path = str(measurement.case.get("path", ""))
    path = _PATHS.get(path, path)
    dtype = measurement.case.get("dtype", DTYPE)
    return path if dtype == DTYPE else f"{path}, {dtype}"


def _rank(one: Contender) -> tuple[float, str]:
    epochs = one.select("training", "epoch_seconds", path="engine")
    epochs.sort(key=lambda measurement: measurement.case.get("batch_size", 0))
    return epochs[0].spread.median if epochs else float("inf"), one.label


def _collect(contenders: Iterable[Contender], read: Any) -> list[str]:
    return sorted({read(r) for one in contenders for r in one.results})


def _is_single(result: SuiteResult) -> bool:
    """Whether a time was measured so rarely that its noise is unknown."""
    return any(
        measurement.metric.endswith("seconds") and measurement.spread.n < FEW
        for measurement in result.measurements
    )


_PATHS = {"best": "best native", "plain": "plain native"}
_MARKS = {
    "quick form, not for quoting": lambda result: result.quick,
    "measured with uncommitted changes": lambda r: r.dirty,
    f"some times repeated less than {FEW} times": _is_single,
}
