"""Runs that may be averaged: alike in everything but their seed.

A comparison compares groups. A group has means and spreads; its label names
the backend, and where several groups share one, what sets them apart.
"""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mnistcnn.report.labels import name_apart


@dataclass(frozen=True)
class Group:
    """Runs that differ in nothing but their seed.

    Args:
        label: the backend's name, and what sets the group apart from others
            of the same backend.
        runs: at least one run as `runs.read_run` gives it.
    """

    label: str
    runs: tuple[dict[str, Any], ...]

    @property
    def backend(self) -> str:
        """The backend that all the runs share."""
        return self.runs[0]["environment"]["backend"]

    @property
    def tests(self) -> list[dict[str, Any]]:
        """The tests of the runs that were tested."""
        return [run["test"] for run in self.runs if run["test"]]

    @property
    def accuracy(self) -> float | None:
        """The mean test accuracy."""
        return _mean(test["accuracy"] for test in self.tests)

    @property
    def bounds(self) -> tuple[float, float] | None:
        """From the lowest to the highest end of the runs' intervals."""
        if not self.tests:
            return None
        ends = [test["interval"] for test in self.tests]
        return min(low for low, _ in ends), max(high for _, high in ends)

    @property
    def epochs(self) -> list[float]:
        """Seconds of a steady epoch, of the runs that have one."""
        return self.values(lambda run: run["timing"]["steady_epoch"] or None)

    @property
    def epoch(self) -> float | None:
        """The mean of `epochs`."""
        return _mean(self.epochs)

    def time_over(self, other: "Group") -> float | None:
        """How many times another group's steady epoch takes here."""
        if not (self.epoch and other.epoch):
            return None
        return self.epoch / other.epoch

    def is_above(self, other: "Group") -> bool:
        """Whether all the intervals lie above all of another group's."""
        if not (self.bounds and other.bounds):
            return False
        return self.bounds[0] > other.bounds[1]

    def values(self, read: Callable[[dict], float | None]) -> list[float]:
        """Reads a number of each run and leaves out those without it."""
        return [value for run in self.runs if (value := read(run)) is not None]

    def mean(self, read: Callable[[dict], float | None]) -> float | None:
        """The mean of `values`, None where no run has the number."""
        return _mean(self.values(read))


def group_runs(runs: Sequence[dict[str, Any]]) -> list[Group]:
    """Puts runs that differ only in their seed together, fastest first.

    Args:
        runs: runs as `runs.read_run` gives them.

    Returns:
        The groups by the seconds of their steady epoch; those without, last.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        aspects = list_aspects(run).items()
        key = repr([(name, read(run)) for name, read in aspects])
        found.setdefault(run["environment"]["backend"] + key, []).append(run)
    members = list(found.values())
    groups = [
        Group(_label(index, members), tuple(some))
        for index, some in enumerate(members)
    ]
    return sorted(groups, key=lambda group: group.epoch or float("inf"))


def list_aspects(run: dict[str, Any]) -> dict[str, Callable[[dict], Any]]:
    """Lists what must be alike in runs for a fair comparison.

    Args:
        run: a run as `runs.read_run` gives it.

    Returns:
        Per name of an aspect the function that reads it from a run.
    """
    aspects: dict[str, Callable[[dict], Any]] = {
        f"config {key}": lambda run, key=key: run["config"].get(key)
        for key in run["config"]
        if key != "seed"
    }
    return aspects | {
        "data digest": lambda run: run["data"]["digest"][:12],
        "data sizes": lambda run: run["data"]["sizes"],
        "device": lambda run: run["environment"]["device"]["name"],
        "processor": lambda run: run["environment"]["processor"],
        "cores": lambda run: run["environment"].get("cores"),
        "versions": lambda run: run["environment"]["versions"],
    }


def find_best(run: dict[str, Any]) -> dict[str, Any] | None:
    """Finds the first epoch of the highest validation accuracy.

    Args:
        run: a run as `runs.read_run` gives it.

    Returns:
        The epoch's row of the history; None where nothing was validated.
    """
    rows = [row for row in run["history"] if "val_accuracy" in row]
    return max(rows, key=lambda row: row["val_accuracy"], default=None)


def time_to(run: dict[str, Any], accuracy: float) -> float | None:
    """Adds up the training time until a validation accuracy was reached.

    Args:
        run: a run as `runs.read_run` gives it.
        accuracy: 0 to 1.

    Returns:
        Seconds up to the end of the first epoch that reached it, or None.
    """
    seconds = 0.0
    for row in run["history"]:
        seconds += row["seconds"]
        if row.get("val_accuracy", -1.0) >= accuracy:
            return seconds
    return None


def time_to_best(run: dict[str, Any]) -> float | None:
    """Adds up the training time until the best validation accuracy.

    Args:
        run: a run as `runs.read_run` gives it.

    Returns:
        Seconds up to the end of that epoch; None where nothing was validated.
    """
    best = find_best(run)
    return None if best is None else time_to(run, best["val_accuracy"])


def _label(index: int, members: Sequence[Sequence[dict[str, Any]]]) -> str:
    """Names a group by backend and by what other groups of it do not share."""
    backend = members[index][0]["environment"]["backend"]
    rivals = [some[0] for some in members]
    rivals = [run for run in rivals if run["environment"]["backend"] == backend]
    number = [run is members[index][0] for run in rivals].index(True)
    aspects = list_aspects(rivals[0])
    aspects.pop("versions")  # too long for a name
    return name_apart(backend, rivals, number, aspects)


def _mean(values: Iterable[float]) -> float | None:
    values = list(values)
    return statistics.fmean(values) if values else None
