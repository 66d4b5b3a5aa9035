"""The README's table of benchmark results."""

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path

from formats.spread import write_spread
from mnistcnn import units
from pages.markdown import describe_origin, format_table, list_once
from pages.rankings import COLD_START, MEMORY, SINGLE_IMAGE
from pages.series import DTYPE, Series, group_results, list_results
from pages.speedups import find_factor
from pages.waits import TARGETS, Wait, find_wait
from suites.suite_results import read_results

BATCHES = (32, 128)
_PATHS = {
    "engine": "engine",
    "best": "best native loop",
    "plain": "plain native loop",
    "tuned": "Keras' `fit`, tuned",
    "fit": "Keras' `fit`",
}
_LAST = {
    "single image": SINGLE_IMAGE,
    "start of the process to a first label": COLD_START,
    "peak memory in training": MEMORY,
}

_write = functools.partial(write_spread, counted=False)


def write_table(paths: Iterable[str | Path]) -> str:
    """Writes the table, in Markdown.

    Args:
        paths: result files of the benchmarks, or folders with some.

    Returns:
        A column per backend; medians with their quartiles, and below the
        table where and when they were measured. A dash if nothing was.

    Raises:
        DataError: a result is missing or invalid.
    """
    series = group_results(read_results(paths))
    rows = []
    for size in BATCHES:
        case = {"batch_size": size, "dtype": DTYPE}
        measured = {
            path: [
                one.select("training", "epoch_seconds", path=path, **case)
                for one in series
            ]
            for path in _PATHS
        }
        for path, name in _PATHS.items():
            if not any(measured[path]):
                continue  # not measured on any backend
            start = f"an epoch at batch {size}: " if path == "engine" else ""
            found = [
                some[0].spread if some else None for some in measured[path]
            ]
            cells = [_write("epoch_seconds", one) for one in found]
            rows.append([f"{start}{name}", *cells])
        for path in (p for p in list(_PATHS)[1:] if any(measured[p])):
            pairs = zip(measured["engine"], measured[path], strict=True)
            ratios = [
                find_factor(a[0], b[0]) if a and b else None for a, b in pairs
            ]
            cells = [_write("ratio", one) for one in ratios]
            rows.append([f"{_PATHS[path]} / engine", *cells])
    for suite in TARGETS:
        waits = [find_wait(one, suite) for one in series]
        known = next(filter(None, waits), None)
        if known:
            name = f"{known.name} by `train --recipe {known.recipe}`"
            rows.append([name, *map(_write_wait, waits)])
    for name, (suite, metric, case) in _LAST.items():
        found = [one.find(suite, metric, **case) for one in series]
        rows.append([name, *[_write(metric, one) for one in found]])
    head = ["", *[one.label for one in series]]
    return format_table([head, *rows], _describe(series))


def _write_wait(wait: Wait | None) -> str:
    if wait is None:
        return units.DASH
    return f"{_write('seconds', wait.seconds)}, {wait.counted} seeds"


def _describe(series: Sequence[Series]) -> str:
    """Says where, when and how often, below the table."""
    results = list_results(series)
    counts = {
        m.spread.n
        for r in results
        for m in r.measurements
        if m.metric in ("epoch_seconds", "microseconds", "seconds", "bytes")
    }
    repeats = list_once(str(count) for count in sorted(counts))
    quick = any(r.quick for r in results)
    origin = describe_origin([r.environment for r in results], results)
    return (
        f"{'Quick form, not for quoting. ' if quick else ''}Medians with their "
        f"quartiles, {repeats} repeats, each with ratios of its own, on "
        f"{origin}. Memory of the host."
    )
