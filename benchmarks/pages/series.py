"""Series: a backend's results on one machine, which the pages compare.

A folder holds one machine's results. If several folders are given, the same
backend in two of them is two series.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from formats.spread import Spread, summarize
from mnistcnn.errors import DataError
from mnistcnn.report import name_apart
from suites.suite_results import Measurement, SuiteResult

DTYPE = "float32"  # the default if a case names no dtype


@dataclass(frozen=True)
class Series:
    """A backend with its suites.

    Args:
        label: the backend's name, and what distinguishes it from other series
            of the same backend.
        backend: the backend, as Keras names it.
        results: at least one result, each of a different suite.
    """

    label: str
    backend: str
    results: tuple[SuiteResult, ...]

    def select(
        self, suite: str, *metrics: str, **case: Any
    ) -> list[Measurement]:
        """Finds measurements of a suite whose case matches the arguments.

        Args:
            suite: the suite's name.
            *metrics: the metrics' names; any metric if none is given.
            **case: required entries of the case; without `dtype`, the case
                must have float32 or no dtype. `dtype=None` accepts any.

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
            if wanted.items() <= ({"dtype": DTYPE} | measurement.case).items()
        ]

    def find(self, suite: str, metric: str, **case: Any) -> Spread | None:
        """Finds the spread of what `select` finds, or None.

        If several cases match, such as one for each seed, their repeats are
        combined.
        """
        found = self.select(suite, metric, **case)
        if len(found) == 1:
            return found[0].spread
        values = [value for some in found for value in some.values]
        return summarize(values) if values else None


def group_results(results: Mapping[Path, SuiteResult]) -> list[Series]:
    """Groups the suites of a backend in one folder, fastest first.

    Args:
        results: of `suite_results.read_results`.

    Returns:
        The series by the epoch seconds of their engine; those without, last.

    Raises:
        DataError: two results of one folder have the same suite and backend, or
            two have different versions of one suite.
    """
    _check_versions(results)
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
    series = []
    for (backend, folder), suites in found.items():
        folders = [path for name, path in found if name == backend]
        label = name_apart(
            backend,
            folders,
            folders.index(folder),
            {"folder": lambda path: path.replace("\\", "/").split("/")[-1]},
        )
        some = tuple(results[file] for file in suites.values())
        series.append(Series(label, backend, some))
    return sorted(series, key=_rank)


def _check_versions(results: Mapping[Path, SuiteResult]) -> None:
    """Refuses to compare measurements of two versions of a suite."""
    first: dict[str, tuple[Path, int]] = {}
    for file, result in results.items():
        other, version = first.setdefault(result.suite, (file, result.version))
        if version != result.version:
            raise DataError(
                f"{other} is of version {version} of the suite "
                f"{result.suite}, {file} of {result.version}. Expected one "
                "version, since they measure different things: measure the "
                "older one anew, or leave it out."
            )


def list_cases(
    series: Iterable[Series], suite: str, metric: str, name: str
) -> list:
    """Lists the values that an entry of the cases takes, in order.

    Args:
        series: whose measurements are searched.
        suite: the suite.
        metric: the metric.
        name: the name in the case, such as "batch_size".

    Returns:
        The values, numbers before texts.
    """
    found = {
        measurement.case[name]
        for one in series
        for measurement in one.select(suite, metric, dtype=None)
        if name in measurement.case
    }
    return sorted(found, key=lambda value: (isinstance(value, str), value))


def list_results(series: Sequence[Series]) -> list[SuiteResult]:
    """Lists the results of all series."""
    return [result for one in series for result in one.results]


def name_path(measurement: Measurement) -> str:
    """Names the path of a case, and its dtype if that is not float32."""
    path = str(measurement.case.get("path", ""))
    path = _PATHS.get(path, path)
    dtype = name_dtype(measurement)
    return path if dtype == DTYPE else f"{path}, {dtype}"


def name_dtype(measurement: Measurement) -> str:
    """Names the dtype of the computation."""
    return str(measurement.case.get("dtype", DTYPE))


def _rank(one: Series) -> tuple[float, str]:
    epochs = one.select("training", "epoch_seconds", path="engine")
    epochs.sort(key=lambda measurement: measurement.case.get("batch_size", 0))
    return epochs[0].median if epochs else float("inf"), one.label


_PATHS = {
    "best": "best native",
    "plain": "plain native",
    "keras": "Keras in the plain loop",
    "tuned": "fit, tuned",
}
