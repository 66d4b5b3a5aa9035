"""The page of benchmark results: what to take for what, and why.

It begins with a recommendation in one sentence and the reasons to distrust
it. Losses stand beside wins, and every number has its quartiles and its count.
"""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from suite_results import SuiteResult, read_results

from mnistcnn import units
from mnistcnn.report.html import (
    Markup,
    bind,
    join,
    section,
    table,
    tag,
    warn,
    write_page,
)
from pages.recommendation import recommend
from pages.series import (
    Contender,
    find_warnings,
    group_results,
)
from pages.speedups import list_duels
from pages.suite_figures import draw_suites
from pages.tables import (
    tabulate_contests,
    tabulate_duels,
    tabulate_engines,
    write_cell,
)

SUITES = (  # in the order in which they are told
    "training",
    "time_to_accuracy",
    "latency",
    "cold_start",
    "memory",
    "parity",
    "scaling",
)
QUICK = "quick form: not for quoting"


def write_benchmarks(
    paths: Iterable[str | Path],
    out: str | Path,
    *,
    pictures: str | Path | None = None,
) -> Path:
    """Writes one page of benchmark results.

    Args:
        paths: result files or folders with some.
        out: where the page goes; parent folders are made.
        pictures: a folder to keep the page's pictures in as PNG files, or
            `None` to have them in the page alone.

    Returns:
        `out`.

    Raises:
        DataError: a result is missing or is not what it has to be.
    """
    contenders = group_results(read_results(paths))
    quick = any(r.quick for one in contenders for r in one.results)
    banner = QUICK if quick else ""
    with tempfile.TemporaryDirectory() as folder:
        panels = draw_suites(
            contenders, note=banner, folder=Path(pictures or folder)
        )
    body = join(
        tag(
            "header",
            tag("p", "mnistcnn · benchmarks", class_="over"),
            tag("h1", bind(recommend(contenders)), class_="long"),
        ),
        warn(find_warnings(contenders)),
        tabulate_contests(contenders),
        tabulate_engines(contenders),
        tabulate_duels(list_duels(contenders)),
        tag("div", *panels, class_="columns"),
        *_measurements(contenders),
        _environment(contenders),
        _files(contenders),
    )
    return write_page(out, title="Benchmarks", body=body, banner=banner)


def _measurements(contenders: Sequence[Contender]) -> list[Markup]:
    """Every number of every suite."""
    named = {r.suite for one in contenders for r in one.results}
    suites = [suite for suite in SUITES if suite in named]
    suites += sorted(named - set(SUITES))
    parts = []
    for suite in suites:
        cells: dict[str, dict[str, Markup]] = {}
        names: dict[str, str] = {}
        for one in contenders:
            for some in one.select(suite, dtype=None):
                metric = some.metric.replace("_", " ")
                names[some.key] = f"{metric}: {some.title}"
                cell = write_cell(some.metric, some.spread)
                if some.note:
                    cell = join(cell, tag("small", some.note, class_="said"))
                cells.setdefault(some.key, {})[one.label] = cell
        labels = [one.label for one in contenders]
        rows = [
            [names[key], *[row.get(label, units.DASH) for label in labels]]
            for key, row in cells.items()
        ]
        title = f"Every number: {suite.replace('_', ' ')}"
        parts.append(section(title, table(rows, head=["", *labels], words=1)))
    return parts


def _environment(contenders: Sequence[Contender]) -> Markup:
    """Where each contender ran: versions, flags, threads, commit."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for one in contenders:
        for result in one.results:
            for name, value in _describe(result).items():
                texts = found.setdefault(name, {}).setdefault(one.label, {})
                texts[units.plain(value)] = None
    labels = [one.label for one in contenders]
    rows = [
        [name, *["; ".join(texts.get(label, [units.DASH])) for label in labels]]
        for name, texts in found.items()
    ]
    return section(
        "Environment, flags and commit", table(rows, head=["", *labels])
    )


def _describe(result: SuiteResult) -> dict[str, object]:
    environment = result.environment
    return {
        "device": environment.device.name,
        "processor": environment.processor,
        "cores": environment.cores,
        "platform": environment.platform,
        **environment.versions,
        **environment.threads,
        **environment.flags,
        "commit": result.commit,
        "uncommitted changes": result.dirty,
        "date": result.date,
    }


def _files(contenders: Sequence[Contender]) -> Markup:
    """Every result file with its protocol."""
    rows = [
        [
            f"{one.label}, {result.suite.replace('_', ' ')}",
            "; ".join(
                f"{name.replace('_', ' ')}: {units.plain(value)}"
                for name, value in result.protocol.model_dump().items()
                # Whole series are for programs: they stay in the file.
                if not isinstance(value, list | dict)
            ),
        ]
        for one in contenders
        for result in one.results
    ]
    return section("Protocol of every suite", table(rows))
