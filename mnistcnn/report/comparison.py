"""The page that puts runs side by side.

It begins with the conclusion from the numbers, in one sentence, and with the
reasons to distrust it. The pictures and tables below let the reader check it.
"""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mnistcnn import units
from mnistcnn.errors import DataError
from mnistcnn.pages import Table, write_page
from mnistcnn.report.groups import (
    Group,
    Run,
    group_runs,
    read_at,
    time_to,
    time_to_best,
)
from mnistcnn.report.panels import draw_panels
from mnistcnn.report.runs import check_page, read_run
from mnistcnn.report.verdict import conclude, find_warnings

TARGET = 0.99  # validation accuracy for which the time to reach it is given


def write_comparison(
    paths: Iterable[str | Path],
    out: str | Path,
    *,
    pictures: str | Path | None = None,
) -> Path:
    """Writes one page that compares runs.

    Args:
        paths: run directories or `metrics.json` files, at least one.
        out: where the page goes, `.html`; parent folders are made. An earlier
            comparison is replaced.
        pictures: a folder to also keep the page's pictures in as PNG files, or
            `None` to have them only in the page.

    Returns:
        `out`.

    Raises:
        DataError: there is no path, or one is not a run: missing, not JSON, a
            benchmark's result, or without a key that is compared; or `out` has
            another suffix, or is a run's own page or file.
        ConfigError: `pictures` holds a file of one of the pictures' names that
            is none of ours.
    """
    paths = [Path(path) for path in paths]
    check_page(Path(out), paths)
    runs = [read_run(path) for path in paths]
    if not runs:
        raise DataError(
            "Expected at least one run to compare. Received: none. Give run "
            "directories that `mnistcnn train` wrote."
        )
    groups = group_runs(runs)
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
        # A share and its sign stay on one line.
        conclusion=conclude(groups).replace(" %", "\u00a0%"),
        warnings=find_warnings(groups),
        summary=_summarize(groups),
        panels=panels,
        tables={
            "Environment and versions": _tabulate(groups, _list_places(groups)),
            "Configuration": _tabulate(groups, _list_options(groups)),
            "Every run": _tabulate_runs(groups),
        },
    )


def _find_generated(runs: Sequence[Run]) -> str:
    """Names the stand-ins for MNIST that were trained on, if any."""
    data = [run["data"] for run in runs if run["data"]["generated"]]
    names = ", ".join(sorted({some["name"] for some in data}))
    return f"some runs: {names}" if 0 < len(data) < len(runs) else names


def _summarize(groups: Sequence[Group]) -> Table:
    """Tabulates the numbers of the pictures, a column per group."""

    def row(name: str, write: Callable[[Group], object]) -> list[object]:
        return [name, *map(write, groups)]

    rows = [
        row("runs", lambda group: len(group.runs)),
        row("test accuracy", lambda group: units.percent(group.accuracy)),
        row("95 % interval", lambda group: _write_range(group.bounds)),
        row(_SPREAD, lambda group: _write_range(group.accuracies)),
        row("steady epoch", lambda group: units.duration(group.epoch)),
        row(_SPREAD, lambda one: _write_range(one.epochs, units.duration)),
        row(
            "against the fastest",
            lambda group: units.ratio(group.time_over(groups[0])),
        ),
    ]
    for name, (write, read) in _MEANS.items():
        rows.append(row(name, lambda g, w=write, r=read: w(g.mean(r))))
    # If each group is one run, none has a spread.
    rows = [r for r in rows if r[0] != _SPREAD or set(r[1:]) != {units.DASH}]
    return Table(rows, head=_head(groups), words=1)


def _tabulate_runs(groups: Sequence[Group]) -> Table:
    """Tabulates every single run, since means may hide differences."""
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


def _tabulate(groups: Sequence[Group], facts: Mapping[str, Callable]) -> Table:
    """Tabulates what all the runs of a group share, a column per group."""
    rows = [
        [name, *[units.plain(read(group.runs[0])) for group in groups]]
        for name, read in facts.items()
    ]
    return Table(rows, head=_head(groups))


def _list_places(groups: Sequence[Group]) -> dict[str, Callable[[Run], Any]]:
    """Lists where each group ran, and on which versions."""
    return {
        "device": read_at("environment", "device", "name"),
        **{
            name: read_at("environment", name)
            for name in ("processor", "cores", "platform")
        },
        "data": read_at("data", "name"),
        "data SHA-256": lambda run: run["data"]["digest"][:12],
    } | {
        name: read_at("environment", "versions", name)
        for group in groups
        for name in group.runs[0]["environment"]["versions"]
    }


def _list_options(groups: Sequence[Group]) -> dict[str, Callable[[Run], Any]]:
    """Lists the options of each group."""
    names = [name for group in groups for name in group.runs[0]["config"]]
    return {n: read_at("config", n) for n in names if n != "seed"}


def _head(groups: Sequence[Group]) -> list[str]:
    return ["", *[group.label for group in groups]]


def _write_share(share: float) -> str:
    return f"{100 * share:.2f}"


def _write_range(
    values: Sequence[float] | None,
    write: Callable[[float], str] = _write_share,
) -> str:
    if not values or len(values) < 2:
        return units.DASH
    return f"{write(min(values))} to {write(max(values))}"


_SPREAD = "lowest to highest"
_MEANS = {
    "to the best validation": (units.duration, time_to_best),
    f"to {units.percent(TARGET, digits=0)} validation": (
        units.duration,
        lambda run: time_to(run, TARGET),
    ),
    "import": (units.duration, read_at("timing", "import")),
    "build": (units.duration, read_at("timing", "build")),
    "first step": (units.duration, read_at("timing", "first_step")),
    "total": (units.duration, read_at("timing", "total")),
    "peak memory": (units.memory, read_at("memory", "peak_host_bytes")),
    "peak device memory": (
        units.memory,
        read_at("memory", "peak_device_bytes"),
    ),
}
