"""The page of benchmark results: what to take for what, and why.

It begins with a recommendation in one sentence and the reasons to distrust
it. Losses stand beside wins, and every number has its quartiles and its count.
"""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from mnistcnn import units
from mnistcnn.report.contenders import (
    Contender,
    find_warnings,
    group_results,
)
from mnistcnn.report.duels import (
    RIVALS,
    Duel,
    find_rival,
    list_duels,
    list_engines,
    name_batch,
)
from mnistcnn.report.html import (
    Markup,
    join,
    section,
    table,
    tag,
    warn,
    write_page,
)
from mnistcnn.report.recommendation import list_contests, recommend
from mnistcnn.report.results import Result, read_results
from mnistcnn.report.spread import Spread, write_range
from mnistcnn.report.suite_panels import draw_suites

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
    quick = any(r.facts["quick"] for one in contenders for r in one.results)
    banner = QUICK if quick else ""
    # A number and its unit stay on one line.
    advice = recommend(contenders)
    for unit in ("s", "ms", "µs", "GiB", "MiB", "images/s"):
        for end in ",);:.":
            advice = advice.replace(f" {unit}{end}", f"\u00a0{unit}{end}")
    with tempfile.TemporaryDirectory() as folder:
        panels = draw_suites(
            contenders, note=banner, folder=Path(pictures or folder)
        )
    duels = list_duels(contenders)
    body = join(
        tag(
            "header",
            tag("p", "mnistcnn · benchmarks", class_="over"),
            tag("h1", advice, class_="long"),
        ),
        warn(find_warnings(contenders)),
        _contests(contenders),
        _engines(contenders),
        _duels(duels),
        tag("div", *panels, class_="columns"),
        *_measurements(contenders),
        _environment(contenders),
        _files(contenders),
    )
    return write_page(out, title="Benchmarks", body=body, banner=banner)


def _contests(contenders: Sequence[Contender]) -> Markup:
    """Who is first in what, and by how much."""
    rows = []
    for contest in list_contests(contenders):
        if len(contest.entries) < 2:
            continue
        alike = len(contest.winners) > 1
        names = [entry[0].label for entry in contest.winners]
        other = contest.next or contest.entries[1]
        lead = contest.factor(other)
        rows.append(
            [
                contest.name,
                " or ".join(names) if alike else names[0],
                _cell(contest.metric, contest.entries[0][1]),
                other[0].label,
                _cell(contest.metric, other[1]),
                _cell("ratio", lead),
            ]
        )
    if not rows:
        return Markup()
    head = ["for", "best", "its number", "next", "its number", "lead"]
    note = (
        "Medians; below them the quartiles and the count of repeats. Two names "
        "under “best”: their quartile ranges overlap."
    )
    return section(
        "Which backend for what",
        table(rows, head=head, words=2),
        tag("p", note, class_="note"),
    )


def _engines(contenders: Sequence[Contender]) -> Markup:
    """The engine's times, and how many times as fast as its rivals it is."""
    rows = []
    for one in contenders:
        ceiling = one.find("training", "gflops_per_second", path="matmul")
        for ours in list_engines(one):
            row = [f"{one.label}, {name_batch(ours)}"]
            row.append(_cell("epoch_seconds", ours.spread))
            for rival in RIVALS:
                theirs = find_rival(one, ours, rival)
                if theirs is None:
                    row.append(units.DASH)
                    continue
                duel = Duel(one, "", rival, ours.metric, ours.spread, theirs)
                row.append(_cell("ratio", duel.factor, duel.verdict))
            case = {"dtype": None} | dict(ours.case)
            rate = one.find("training", "gflops_per_second", **case)
            share = rate and ceiling and rate.over(ceiling)
            row.append(_cell("accuracy", share))
            rows.append(row)
    if not rows:
        return Markup()
    head = ["engine", "an epoch", "to fit", "to plain native"]
    head += ["to best native", "of the ceiling"]
    note = (
        "Ratios: how many times as fast as that rival the engine is; below 1× "
        "it is slower. Their spread is the widest that both quartile ranges "
        "allow. Ceiling: the matrix product's rate in the same run. A rival "
        "without the engine's dtype stands in with float32."
    )
    return section(
        "The engine beside fit and native loops",
        table(rows, head=head, words=1),
        tag("p", note, class_="note"),
    )


def _duels(duels: Sequence[Duel]) -> Markup:
    """Counts wins and losses, and names each loss."""
    if not duels:
        return Markup()
    counts = {
        verdict: sum(duel.verdict == verdict for duel in duels)
        for verdict in ("faster", "alike", "slower")
    }
    summary = (
        f"Of {len(duels)} comparisons with fit and native code on the same "
        f"backend, ours is faster in {counts['faster']}, slower in "
        f"{counts['slower']}, and within the spread in {counts['alike']}."
    )
    named = [duel.sentence for duel in duels if duel.verdict == "slower"]
    named += [duel.sentence for duel in duels if duel.verdict == "alike"]
    items = tag("ul", *[tag("li", text) for text in named])
    return section(
        "Where ours is not faster", tag("p", summary), items if named else ""
    )


def _measurements(contenders: Sequence[Contender]) -> list[Markup]:
    """Every number of every suite."""
    suites = dict.fromkeys(r.suite for one in contenders for r in one.results)
    parts = []
    for suite in suites:
        cells: dict[str, dict[str, Markup]] = {}
        names: dict[str, str] = {}
        for one in contenders:
            for some in one.select(suite, dtype=None):
                metric = some.metric.replace("_", " ")
                names[some.key] = f"{metric}: {some.title}"
                cell = _cell(some.metric, some.spread)
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


def _describe(result: Result) -> dict[str, object]:
    facts = result.facts
    environment = facts["environment"]
    return {
        "device": environment["device"]["name"],
        "processor": environment["processor"],
        "cores": environment["cores"],
        "platform": environment.get("platform"),
        **environment["versions"],
        **environment["threads"],
        **environment["flags"],
        "commit": facts["commit"],
        "uncommitted changes": facts["dirty"],
        "date": facts["date"],
    }


def _files(contenders: Sequence[Contender]) -> Markup:
    """Every result file with its protocol."""
    rows = [
        [
            f"{one.label}, {result.suite.replace('_', ' ')}",
            "; ".join(
                f"{name.replace('_', ' ')} {units.plain(value)}"
                for name, value in result.facts["protocol"].items()
            ),
        ]
        for one in contenders
        for result in one.results
    ]
    return section("Protocol of every suite", table(rows))


def _cell(metric: str, spread: Spread | None, verdict: str = "") -> Markup:
    """A median with its quartiles below; a loss is said in a word."""
    if spread is None:
        return join(units.DASH)
    median = units.quantity(metric, spread.median)
    below = f"{write_range(metric, spread)}, " if spread.n > 1 else ""
    words = {"slower": "slower", "alike": "within the spread"}.get(verdict, "")
    return join(
        tag("b", median, class_="loss") if verdict == "slower" else median,
        tag("small", f"{below}n {spread.n}"),
        tag("small", words, class_=verdict) if words else "",
    )
