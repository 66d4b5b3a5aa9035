"""The README's table of benchmark results, generated and put in place."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from mnistcnn import units
from mnistcnn.errors import DataError
from mnistcnn.files import write_atomically
from mnistcnn.report.contenders import Contender, group_results
from mnistcnn.report.recommendation import WAIT
from mnistcnn.report.results import read_results
from mnistcnn.report.spread import Spread, write_range

MARKER = "benchmarks"
BATCHES = (32, 128)
_PATHS = {"engine": "engine", "best": "best native loop", "fit": "Keras' `fit`"}
_WAIT = {
    "all of `train --recipe fast`": "seconds",
    "its accuracy on the test set": "accuracy",
}
_LAST = {  # name: suite, metric, case
    "single image": ("latency", "microseconds", {"path": "classifier"}),
    "start of the process to a first label": (
        "cold_start",
        "seconds",
        {"stage": "process_to_first_label"},
    ),
    "peak memory in training": (
        "memory",
        "bytes",
        {"what": "host_peak_training", "path": "engine"},
    ),
}


def write_table(paths: Iterable[str | Path]) -> str:
    """Writes the table, in Markdown.

    Args:
        paths: result files of the benchmarks, or folders with some.

    Returns:
        A column per backend; medians with their quartiles, and below the
        table where and when they were measured. A dash where nothing was.

    Raises:
        DataError: a result is missing or is not what it has to be.
    """
    contenders = group_results(read_results(paths))
    rows = []
    for size in BATCHES:
        spreads = {
            path: [
                one.find(
                    "training", "epoch_seconds", path=path, batch_size=size
                )
                for one in contenders
            ]
            for path in _PATHS
        }
        for path, name in _PATHS.items():
            start = f"an epoch at batch {size}: " if path == "engine" else ""
            cells = [_cell("epoch_seconds", one) for one in spreads[path]]
            rows.append([f"{start}{name}", *cells])
        for path in ("best", "fit"):
            pairs = zip(spreads[path], spreads["engine"], strict=True)
            ratios = [a.over(b) if a and b else None for a, b in pairs]
            cells = [_cell("ratio", one) for one in ratios]
            rows.append([f"{_PATHS[path]} / engine", *cells])
    for name, metric in _WAIT.items():
        found = [
            one.find(WAIT, metric, dtype=one.quickest_dtype(WAIT))
            for one in contenders
        ]
        rows.append([name, *[_cell(metric, one) for one in found]])
    for name, (suite, metric, case) in _LAST.items():
        found = [one.find(suite, metric, **case) for one in contenders]
        rows.append([name, *[_cell(metric, one) for one in found]])
    lines = [["", *[one.label for one in contenders]]]
    lines += [["---", *["--:"] * len(contenders)], *rows]
    table = "\n".join(f"| {' | '.join(map(_escape, row))} |" for row in lines)
    return f"{table}\n\n{_escape(_describe(contenders))}"


def insert_table(file: str | Path, table: str, *, marker: str = MARKER) -> Path:
    """Replaces what stands between the markers of a README.

    Args:
        file: a UTF-8 text with `<!-- benchmarks -->` and, behind it,
            `<!-- /benchmarks -->`, each once.
        table: what goes between them.
        marker: what the markers say in place of "benchmarks".

    Returns:
        The file.

    Raises:
        DataError: the file cannot be read, or its markers are not there.
    """
    file = Path(file)
    opening, closing = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    try:
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no UTF-8 text"
        raise DataError(
            f"Expected a text with the markers {opening} and {closing}. "
            f"Received: {file} ({reason}). Give the README."
        ) from error
    before, opened, rest = text.partition(opening)
    _, closed, after = rest.partition(closing)
    counts = [text.count(one) for one in (opening, closing)]
    if not opened or not closed or counts != [1, 1]:
        raise DataError(
            f"{file}: expected {opening} and then {closing}, each once. "
            f"Received: {counts[0]} and {counts[1]} of them. Put them where "
            "the table goes."
        )
    text = f"{before}{opening}\n\n{table}\n\n{closing}{after}"
    write_atomically(file, text.encode())
    return file


def _cell(metric: str, spread: Spread | None) -> str:
    if spread is None:
        return units.DASH
    text = units.quantity(metric, spread.median)
    return f"{text} ({write_range(metric, spread)})" if spread.n > 1 else text


def _describe(contenders: Sequence[Contender]) -> str:
    """Says where, when and how often, below the table."""
    results = [result for one in contenders for result in one.results]
    places = _list(
        f"{r.facts['environment']['processor']}, "
        f"{units.plain(r.facts['environment']['cores'])} cores"
        + (
            f", {r.facts['environment']['device']['name']}"
            if r.facts["environment"]["device"]["kind"] != "cpu"
            else ""
        )
        for r in results
    )
    versions = _list(
        f"{name} {version}"
        for r in results
        for name, version in r.facts["environment"]["versions"].items()
        if name in ("keras", r.backend)
    )
    commits = _list(
        str(r.facts["commit"]) + (" with changes" if r.facts["dirty"] else "")
        for r in results
    )
    counts = {
        m.spread.n
        for r in results
        for m in r.measurements
        if m.metric in ("epoch_seconds", "microseconds", "seconds", "bytes")
    }
    repeats = _list(str(count) for count in sorted(counts))
    dates = sorted({r.facts["date"] for r in results})
    days = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    quick = any(r.facts["quick"] for r in results)
    return (
        f"{'Quick form, not for quoting. ' if quick else ''}Medians with their "
        f"quartiles, {repeats} repeats, on {places}; {versions}; commit "
        f"{commits}; {days}. Memory of the host."
    )


def _list(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(texts))


def _escape(text: str) -> str:
    """Keeps a text in its cell, and what is no Markdown from becoming HTML."""
    text = " ".join(text.split()).replace("|", "\\|")
    return text.replace("&", "&amp;").replace("<", "&lt;")
