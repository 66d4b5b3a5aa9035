"""The page that puts runs side by side.

It begins with what follows from the numbers, in one sentence, and with the
reasons to distrust it. The pictures and tables below let the reader check.
"""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mnistcnn import units
from mnistcnn.errors import DataError
from mnistcnn.report.groups import Group, group_runs, time_to, time_to_best
from mnistcnn.report.page import Table, write_page
from mnistcnn.report.panels import draw_panels
from mnistcnn.report.runs import read_run
from mnistcnn.report.verdict import conclude, find_warnings

TARGET = 0.99  # the validation accuracy that the time to it is given for


def write_comparison(
    paths: Iterable[str | Path],
    out: str | Path,
    *,
    pictures: str | Path | None = None,
) -> Path:
    """Writes one page that compares runs.

    Args:
        paths: run directories or `metrics.json` files, at least one.
        out: where the page goes; parent folders are made.
        pictures: a folder to keep the page's pictures in as PNG files, or
            `None` to have them in the page alone.

    Returns:
        `out`.

    Raises:
        DataError: there is no path, or one is no run: missing, not JSON, a
            result of the benchmarks, or without a key that is compared.
    """
    runs = [read_run(path) for path in paths]
    if not runs:
        raise DataError(
            "Expected at least one run to compare. Received: none. Give run "
            "directories that `mnistcnn train` wrote."
        )
    groups = group_runs(runs)
    # A share and its sign stay on one line.
    conclusion = conclude(groups).replace(" %", "\u00a0%")
    banner = _find_generated(runs)
    with tempfile.TemporaryDirectory() as folder:
        panels = draw_panels(
            groups, note=banner, folder=Path(pictures or folder)
        )
    return write_page(
        out,
        "comparison.html",
        title="Comparison of runs",
        banner=banner,
        conclusion=conclusion,
        warnings=find_warnings(groups),
        summary=_summarize(groups),
        panels=panels,
        tables={
            "Environment and versions": _tabulate_environment(groups),
            "Configuration": _tabulate_configuration(groups),
            "Every run": _tabulate_runs(groups),
        },
    )


def _find_generated(runs: Sequence[Mapping]) -> str:
    """Names the stand-ins for MNIST that were trained on, if any."""
    data = [run["data"] for run in runs if run["data"]["generated"]]
    names = ", ".join(sorted({some["name"] for some in data}))
    return f"some runs: {names}" if 0 < len(data) < len(runs) else names


def _summarize(groups: Sequence[Group]) -> Table:
    """The numbers behind the pictures, a column per group."""
    rows: list[list[object]] = [
        ["runs", *[len(group.runs) for group in groups]],
        ["test accuracy", *[units.percent(group.accuracy) for group in groups]],
        ["95 % interval", *[_write_range(group.bounds) for group in groups]],
    ]
    if any(len(group.runs) > 1 for group in groups):
        spreads = [[test["accuracy"] for test in g.tests] for g in groups]
        rows.append(["lowest to highest", *map(_write_range, spreads)])
    rows.append(
        ["steady epoch", *[units.duration(group.epoch) for group in groups]]
    )
    if any(len(group.epochs) > 1 for group in groups):
        rows.append(["lowest to highest", *[_write_times(g) for g in groups]])
    ratios = [group.time_over(groups[0]) for group in groups]
    rows.append(["against the fastest", *map(units.ratio, ratios)])
    for name, read in _TIMES.items():
        times = [group.mean(read) for group in groups]
        rows.append([name, *map(units.duration, times)])
    for name, read in _SIZES.items():
        sizes = [group.mean(read) for group in groups]
        rows.append([name, *map(units.memory, sizes)])
    return Table(rows, head=_head(groups), words=1)


def _tabulate_environment(groups: Sequence[Group]) -> Table:
    """Where each group ran, and on which versions."""
    read: dict[str, Callable[[Mapping], Any]] = {
        "device": lambda run: run["environment"]["device"]["name"],
        "processor": lambda run: run["environment"]["processor"],
        "cores": lambda run: run["environment"].get("cores"),
        "platform": lambda run: run["environment"].get("platform"),
        "data": lambda run: run["data"]["name"],
        "data SHA-256": lambda run: run["data"]["digest"][:12],
    }
    versions = _keys(groups, lambda run: run["environment"]["versions"])
    read |= {
        name: lambda run, name=name: run["environment"]["versions"].get(name)
        for name in versions
    }
    return _tabulate(groups, read)


def _tabulate_configuration(groups: Sequence[Group]) -> Table:
    """What each group was told to do."""
    read = {
        name: lambda run, name=name: run["config"].get(name)
        for name in _keys(groups, lambda run: run["config"])
        if name != "seed"
    }
    return _tabulate(groups, read)


def _tabulate_runs(groups: Sequence[Group]) -> Table:
    """Every run by itself: means must not be all that one can see."""
    rows = [
        [
            group.label,
            run["config"].get("seed", units.DASH),
            len(run["history"]),
            units.percent(run["test"] and run["test"]["accuracy"]),
            units.duration(run["timing"]["steady_epoch"]),
            units.duration(run["timing"]["total"]),
        ]
        for group in groups
        for run in group.runs
    ]
    head = ["run", "seed", "epochs", "accuracy", "steady epoch", "total"]
    return Table(rows, head=head, words=1)


def _tabulate(groups: Sequence[Group], read: Mapping[str, Callable]) -> Table:
    rows = [
        [name, *[units.plain(value(group.runs[0])) for group in groups]]
        for name, value in read.items()
    ]
    return Table(rows, head=_head(groups))


def _keys(groups: Sequence[Group], read: Callable) -> list[str]:
    """The keys of all groups, in the order of their first appearance."""
    return list(
        dict.fromkeys(k for group in groups for k in read(group.runs[0]))
    )


def _head(groups: Sequence[Group]) -> list[str]:
    return ["", *[group.label for group in groups]]


def _write_range(shares: Sequence[float] | None) -> str:
    if not shares or len(shares) < 2:
        return units.DASH
    low, high = (f"{100 * share:.2f}" for share in (min(shares), max(shares)))
    return f"{low} to {high}"


def _write_times(group: Group) -> str:
    if len(group.epochs) < 2:
        return units.DASH
    low, high = min(group.epochs), max(group.epochs)
    return f"{units.duration(low)} to {units.duration(high)}"


_TIMES: dict[str, Callable[[dict], float | None]] = {
    "to the best validation": time_to_best,
    f"to {units.percent(TARGET, digits=0)} validation": lambda run: time_to(
        run, TARGET
    ),
    "import": lambda run: run["timing"]["import"],
    "build": lambda run: run["timing"]["build"],
    "first step": lambda run: run["timing"]["first_step"],
    "total": lambda run: run["timing"]["total"],
}
_SIZES: dict[str, Callable[[dict], float | None]] = {
    "peak memory": lambda run: run["memory"]["peak_host_bytes"],
    "peak device memory": lambda run: run["memory"]["peak_device_bytes"],
}
