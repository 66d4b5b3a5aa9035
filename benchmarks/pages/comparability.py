"""Sentences on what makes a comparison of results unfair."""

from collections.abc import Callable, Sequence
from typing import Any

from mnistcnn.report import SHARED_VERSIONS, list_differences
from pages.series import Series, list_results
from pages.waits import list_waits
from suites.suite_results import SuiteResult

ALIKE = 0.003  # accuracies that differ by less are considered equal
FEW = 3  # with fewer repeats, the quartiles say little
# What has to be the same for a fair comparison.
ASPECTS: dict[str, Callable[[SuiteResult], Any]] = {
    "device": lambda result: result.environment.device.name,
    "processor": lambda result: result.environment.processor,
    "cores": lambda result: result.environment.cores,
    "threads": lambda result: _name_threads(result),
} | {
    f"{name} version": lambda result, name=name: (
        result.environment.versions.get(name)
    )
    for name in SHARED_VERSIONS
}


def find_warnings(series: Sequence[Series]) -> list[str]:
    """Finds the reasons why the series cannot be compared fairly.

    Args:
        series: of `group_results`.

    Returns:
        One sentence per reason, none if only the backend differs.
    """
    members = [(one.label, one.results) for one in series]
    warnings = list_differences(members, ASPECTS, within=True)
    results = list_results(series)
    commits = sorted({result.commit for result in results})
    if len(commits) > 1:
        warnings.append(f"Measured at several commits: {', '.join(commits)}.")
    for one in series:
        misses = [wait for wait in list_waits(one) if not wait.holds]
        if misses:
            said = [f"{w.name} reached by {w.counted} seeds" for w in misses]
            warnings.append(
                f"{one.label}, a target that fewer than nine of ten seeds are "
                f"shown to reach: {', '.join(said)}."
            )
    suites = {result.suite for result in results}
    for one in series:
        for text, marked in _MARKS.items():
            names = [r.suite for r in one.results if marked(r)]
            if names:
                warnings.append(f"{one.label}, {text}: {', '.join(names)}.")
        missing = sorted(suites - {result.suite for result in one.results})
        if missing:
            names = ", ".join(missing)
            warnings.append(f"{one.label} was not measured in: {names}.")
    return warnings


def _name_threads(result: SuiteResult) -> str:
    """The variables that are set; unset and unrecorded ones are the same."""
    threads = sorted(result.environment.threads.items())
    set_ones = [f"{name}={value}" for name, value in threads if value]
    return " ".join(set_ones) or "as they come"


def _is_rarely_repeated(result: SuiteResult) -> bool:
    """Whether a time has too few repeats to know its noise."""
    return any(
        measurement.metric.endswith("seconds") and measurement.n < FEW
        for measurement in result.measurements
    )


_MARKS: dict[str, Callable[[SuiteResult], bool]] = {
    "quick form, not for quoting": lambda result: result.quick,
    "measured with uncommitted changes": lambda result: result.dirty,
    f"some times repeated less than {FEW} times": _is_rarely_repeated,
}
