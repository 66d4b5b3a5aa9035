"""The tables of records: the fastest, its machine, and what it beat."""

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path

from formats.spread import write_spread
from mnistcnn import units
from pages.layers import THROUGH_KERAS, compare_layers
from pages.markdown import format_table, list_once
from pages.rankings import Entry, Ranking, list_rankings
from pages.series import Series, group_results, list_results
from pages.speedups import BASELINES, find_factor
from pages.waits import SEEDS, TARGETS, find_wait, list_waits
from suites.suite_results import SuiteResult, read_results

_write_factor = functools.partial(write_spread, "ratio", counted=False)
HEAD = ["", "record", "on", "by", "its speed, beside", "made by"]


def write_records(paths: Iterable[str | Path]) -> str:
    """Writes the records of every machine, in Markdown.

    Args:
        paths: result files of the benchmarks, or folders with some, one per
            machine.

    Returns:
        For each machine its records, dated, and below them the cost of the same
        network in Keras, and the attempts to make the engines faster. A target
        that fewer than nine of ten seeds reached is not a record, and is listed
        below the table.

    Raises:
        DataError: a result is missing or invalid.
    """
    results = read_results(paths)
    folders = dict.fromkeys(path.resolve().parent for path in results)
    parts = []
    for folder in folders:
        found = {
            p: r for p, r in results.items() if p.resolve().parent == folder
        }
        series = group_results(found)
        parts += [
            _write_machine(series),
            _write_layers(series),
            _write_attempts(series),
        ]
    return "\n\n".join(filter(None, parts))


def _write_machine(series: Sequence[Series]) -> str:
    rows = [_write_record(ranking) for ranking in list_rankings(series)]
    results = list_results(series)
    hardware = list_once(result.environment.hardware for result in results)
    software = list_once(s for r in results for s in r.environment.software)
    misses = [
        f"{one.label} {wait.said}"
        for one in series
        for wait in list_waits(one)
        if not wait.holds
    ]
    said = (
        f"On {hardware}; {software}. Medians with their quartiles, n repeats."
    )
    if misses:
        said += (
            f" No record, since nine of {SEEDS} seeds have to reach a target: "
            f"{'; '.join(misses)}."
        )
    return format_table([HEAD, *rows], said)


def _write_record(ranking: Ranking) -> list[str]:
    """A row: the best of a question, and the evidence for it."""
    best, spread = ranking.entries[0]
    result = next(r for r in best.results if r.suite == ranking.suite)
    names = [one.label for one, _ in ranking.winners]
    return [
        ranking.name,
        write_spread(ranking.metric, spread),
        " or ".join(names),
        _name_ours(ranking, best),
        "; ".join([*_list_native(ranking, best), *_list_others(ranking)])
        or units.DASH,
        _describe(result),
    ]


def _name_ours(ranking: Ranking, best: Series) -> str:
    wait = find_wait(best, ranking.suite) if ranking.suite in TARGETS else None
    if wait:
        return f"`train --recipe {wait.recipe}`, {wait.counted} seeds"
    return str(ranking.case.get("path", "classifier"))


def _list_native(ranking: Ranking, best: Series) -> list[str]:
    """The baselines in the same run, compared by the ratio of each repeat."""
    found = []
    ours = best.select(ranking.suite, ranking.metric, **ranking.case)
    for path, name in {**BASELINES, "native": "the native pass"}.items():
        case = ranking.case | {"path": path}
        theirs = best.select(ranking.suite, ranking.metric, **case)
        if "path" in ranking.case and ours and theirs:
            factor = find_factor(ours[0], theirs[0])
            found.append(f"{name} {_write_factor(factor)}")
    return found


def _list_others(ranking: Ranking) -> list[str]:
    others: list[Entry] = [
        e for e in ranking.entries if e not in ranking.winners
    ]
    return [
        f"{one.label} {_write_factor(ranking.factor((one, spread)))}"
        for one, spread in others
    ]


def _describe(result: SuiteResult) -> str:
    """Describes the command, commit and date of a result."""
    dirty = " with changes" if result.dirty else ""
    return (
        f"`nox -s bench-{result.backend} -- {result.suite}`, "
        f"{result.commit}{dirty}, {result.date}"
    )


def _write_layers(series: Sequence[Series]) -> str:
    """The same network with and without Keras; "" if not measured."""
    rows = [
        [
            name,
            write_spread(plain.metric, plain.spread),
            *map(_write_factor, factors),
        ]
        for name, plain, factors in compare_layers(series)
    ]
    head = ["", "plain native loop", *THROUGH_KERAS.values()]
    said = (
        "Ratios: how many times as fast as the native loop, each repeat's own; "
        "below 1 it is slower."
    )
    return format_table([head, *rows], said) if rows else ""


def _write_attempts(series: Sequence[Series]) -> str:
    """The attempts compared with the actual engines; "" if not measured."""
    rows = []
    for one in series:
        tried = one.select("attempts", "epoch_seconds", dtype=None)
        for some in tried:
            factor = find_factor(some, tried[0])
            name = some.note or "as it is"
            cells = [write_spread(some.metric, some.spread)]
            cells.append(_write_factor(factor) if some.note else units.DASH)
            rows.append([f"{one.label}: {name}", *cells])
    head = ["attempt", "an epoch at batch 128", "its speed, beside as it is"]
    said = (
        "Of `python benchmarks/run.py attempts`. Ratios: how many times as "
        "fast as the engine as it is, each repeat's own; below 1 it is slower."
    )
    return format_table([head, *rows], said) if rows else ""
