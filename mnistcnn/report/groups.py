"""Groups of runs that may be averaged: equal except for their seed.

A comparison compares groups. A group has means and spreads; its label names the
backend, and, if several groups share one, their differences.
"""

import functools
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mnistcnn.report.labels import name_apart

Run = dict[str, Any]  # as returned by `runs.read_run`


def read_at(*place: str) -> Callable[[Run], Any]:
    """Makes the function that reads one place of a run.

    Args:
        *place: the keys that lead there; the result is None if the last is
            missing.
    """
    *parts, last = place
    return lambda run: functools.reduce(dict.__getitem__, parts, run).get(last)


@dataclass(frozen=True)
class Group:
    """Runs that differ only in their seed.

    Args:
        label: the backend's name, and the differences from other groups of the
            same backend.
        runs: at least one run.
    """

    label: str
    runs: tuple[Run, ...]

    @property
    def backend(self) -> str:
        """The backend that all the runs share."""
        return self.runs[0]["environment"]["backend"]

    @property
    def tests(self) -> list[dict[str, Any]]:
        """The tests of the runs that were tested."""
        return [run["test"] for run in self.runs if run["test"]]

    @property
    def accuracies(self) -> list[float]:
        """The test accuracies of the runs that were tested."""
        return [test["accuracy"] for test in self.tests]

    @property
    def accuracy(self) -> float | None:
        """The mean test accuracy."""
        return _mean(self.accuracies)

    @property
    def bounds(self) -> tuple[float, float] | None:
        """From the lowest to the highest end of the runs' intervals."""
        ends = [end for test in self.tests for end in test["interval"]]
        return (min(ends), max(ends)) if ends else None

    @property
    def epochs(self) -> list[float]:
        """Seconds of a steady epoch, for the runs that have one."""
        return self.values(lambda run: run["timing"]["steady_epoch"] or None)

    @property
    def epoch(self) -> float | None:
        """The mean of `epochs`."""
        return _mean(self.epochs)

    def time_over(self, other: "Group") -> float | None:
        """The time of a steady epoch as a multiple of another group's."""
        if not (self.epoch and other.epoch):
            return None
        return self.epoch / other.epoch

    def is_above(self, other: "Group") -> bool:
        """Whether all the intervals lie above all of another group's."""
        if not (self.bounds and other.bounds):
            return False
        return self.bounds[0] > other.bounds[1]

    def values(self, read: Callable[[Run], float | None]) -> list[float]:
        """Reads a number of each run, without runs that lack it."""
        return [value for run in self.runs if (value := read(run)) is not None]

    def mean(self, read: Callable[[Run], float | None]) -> float | None:
        """The mean of `values`, None if no run has the number."""
        return _mean(self.values(read))


def group_runs(runs: Sequence[Run]) -> list[Group]:
    """Groups runs that differ only in their seed, fastest first.

    Returns:
        The groups by the seconds of their steady epoch; those without one last.
    """
    found: dict[str, list[Run]] = {}
    for run in runs:
        aspects = list_aspects(run).items()
        key = repr([(name, read(run)) for name, read in aspects])
        found.setdefault(run["environment"]["backend"] + key, []).append(run)
    members = list(found.values())
    groups = [
        Group(_label(some[0], [one[0] for one in members]), tuple(some))
        for some in members
    ]
    return sorted(groups, key=lambda group: group.epoch or float("inf"))


def list_aspects(run: Mapping[str, Any]) -> dict[str, Callable[[Run], Any]]:
    """Lists what must be equal in runs for a fair comparison.

    Returns:
        For each aspect's name, the function that reads it from a run.
    """
    aspects = {
        f"config {key}": read_at("config", key)
        for key in run["config"]
        if key != "seed"
    }
    return aspects | {
        "data digest": lambda run: run["data"]["digest"][:12],
        "data sizes": read_at("data", "sizes"),
        "device": read_at("environment", "device", "name"),
        "processor": read_at("environment", "processor"),
        "cores": read_at("environment", "cores"),
        "versions": read_at("environment", "versions"),
    }


def find_best(run: Run) -> dict[str, Any] | None:
    """Finds the first epoch with the highest validation accuracy, if any."""
    rows = [row for row in run["history"] if "val_accuracy" in row]
    return max(rows, key=lambda row: row["val_accuracy"], default=None)


def time_to(run: Run, accuracy: float) -> float | None:
    """Adds up the training time until a validation accuracy was reached.

    Returns:
        Seconds up to the end of the first epoch that reached it, or None.
    """
    seconds = 0.0
    for row in run["history"]:
        seconds += row["seconds"]
        if row.get("val_accuracy", -1.0) >= accuracy:
            return seconds
    return None


def time_to_best(run: Run) -> float | None:
    """Adds up the training time until the best validation accuracy, if any."""
    best = find_best(run)
    return None if best is None else time_to(run, best["val_accuracy"])


def _label(run: Run, others: Sequence[Run]) -> str:
    """Names a group by its backend and its differences from others of it."""
    backend = run["environment"]["backend"]
    siblings = [
        one for one in others if one["environment"]["backend"] == backend
    ]
    number = [one is run for one in siblings].index(True)
    aspects = list_aspects(siblings[0])
    aspects.pop("versions")  # too long for a name
    return name_apart(backend, siblings, number, aspects)


def _mean(values: Iterable[float]) -> float | None:
    values = list(values)
    return statistics.fmean(values) if values else None
