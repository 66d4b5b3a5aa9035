"""The tables of the page: their cells and rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from formats.quantities import write_quantity
from formats.spread import Spread, write_range
from mnistcnn import units
from mnistcnn.pages import Table
from pages.layers import THROUGH_KERAS, compare_layers
from pages.rankings import list_rankings
from pages.series import Series
from pages.speedups import (
    BASELINES,
    Speedup,
    compare_engine,
    list_engines,
    name_batch,
)
from suites.suite_results import SUITES, SuiteResult


@dataclass(frozen=True)
class Cell:
    """A number with the text below it, in `templates/results.html`.

    Args:
        text: the median.
        spread: its quartiles and the count of repeats, or nothing.
        verdict: "slower" or "alike" is shown; other values are ignored.
        note: a sentence, or nothing.
    """

    text: str
    spread: str = ""
    verdict: str = ""
    note: str = ""


def make_cell(
    metric: str, spread: Spread | None, *, verdict: str = "", note: str = ""
) -> Cell:
    """Makes the cell of a median, or a dash for None."""
    if spread is None:
        return Cell(units.DASH)
    text = write_quantity(metric, spread.median)
    below = f"{write_range(metric, spread)}, " if spread.n > 1 else ""
    return Cell(text, f"{below}n {spread.n}", verdict, note)


def tabulate_rankings(series: Sequence[Series]) -> Table:
    """Lists which series is best, and by how much; a row per question."""
    rows = []
    for ranking in list_rankings(series):
        if len(ranking.entries) < 2:
            continue
        best, best_spread = ranking.entries[0]
        names = [one.label for one, _ in ranking.winners]
        following = ranking.next or ranking.entries[1]
        rows.append(
            [
                ranking.name,
                " or ".join(names) if len(names) > 1 else best.label,
                following[0].label,
                make_cell(ranking.metric, best_spread),
                make_cell(ranking.metric, following[1]),
                make_cell("ratio", ranking.factor(following)),
            ]
        )
    head = ["for", "best", "next", "the best", "the next", "lead"]
    return Table(rows, head=head, words=3)


def tabulate_engines(series: Sequence[Series]) -> Table:
    """Lists the engine's times and speed-ups; a row per series and case."""
    rows = []
    for one in series:
        ceiling = one.find("training", "gflops_per_second", path="matmul")
        for ours in list_engines(one):
            row: list[object] = [f"{one.label}, {name_batch(ours)}"]
            row.append(make_cell(ours.metric, ours.spread))
            for baseline in BASELINES:
                found = compare_engine(one, ours, baseline)
                cell = Cell(units.DASH)
                if found:
                    verdict = found.verdict
                    cell = make_cell("ratio", found.factor, verdict=verdict)
                row.append(cell)
            case = {"dtype": None} | ours.case
            rate = one.find("training", "gflops_per_second", **case)
            share = rate.over(ceiling) if rate and ceiling else None
            row.append(make_cell("accuracy", share))
            rows.append(row)
    head = ["engine", "an epoch", "to fit", "to fit, tuned"]
    head += ["to plain native", "to best native", "of the ceiling"]
    return Table(rows, head=head, words=1)


def tabulate_layers(series: Sequence[Series]) -> Table:
    """Lists the cost of a Keras model; a row per series and batch size."""
    rows = [
        [
            name,
            make_cell(plain.metric, plain.spread),
            *[make_cell("ratio", factor) for factor in factors],
        ]
        for name, plain, factors in compare_layers(series)
    ]
    head = ["plain native loop", "an epoch", *THROUGH_KERAS.values()]
    return Table(rows, head=head, words=1)


def count_verdicts(speedups: Sequence[Speedup]) -> dict[str, int]:
    """Counts how often ours is faster, alike or slower."""
    verdicts = [speedup.verdict for speedup in speedups]
    return {one: verdicts.count(one) for one in ("faster", "alike", "slower")}


def tabulate_suites(series: Sequence[Series]) -> dict[str, Table]:
    """Lists all numbers: a table per suite, row per case, column per series."""
    named = {result.suite for one in series for result in one.results}
    labels = [one.label for one in series]
    tables = {}
    # In the order of presentation; the board's comes last.
    for suite in [suite for suite in SUITES if suite in named]:
        cells: dict[str, dict[str, Cell]] = {}
        names: dict[str, str] = {}
        for one in series:
            for some in one.select(suite, dtype=None):
                metric = some.metric.replace("_", " ")
                names[some.key] = f"{metric}: {some.title}"
                cell = make_cell(some.metric, some.spread, note=some.note or "")
                cells.setdefault(some.key, {})[one.label] = cell
        rows = [
            [names[key], *[row.get(label, units.DASH) for label in labels]]
            for key, row in cells.items()
        ]
        tables[suite] = Table(rows, head=["", *labels], words=1)
    return tables


def tabulate_environments(series: Sequence[Series]) -> Table:
    """Lists where each series ran: versions, flags, threads, commit."""
    facts: dict[str, dict[str, dict[str, None]]] = {}
    for one in series:
        for result in one.results:
            for name, value in _describe(result).items():
                texts = facts.setdefault(name, {}).setdefault(one.label, {})
                texts[units.plain(value)] = None
    labels = [one.label for one in series]
    rows = [
        [name, *["; ".join(texts.get(label, [units.DASH])) for label in labels]]
        for name, texts in facts.items()
    ]
    return Table(rows, head=["", *labels])


def tabulate_protocols(series: Iterable[Series]) -> Table:
    """Lists how each suite was run."""
    rows = []
    for one in series:
        for result in one.results:
            said = [
                f"{name.replace('_', ' ')}: {units.plain(value)}"
                for name, value in result.protocol.model_dump().items()
                # Lists and objects are for programs: they stay in the file.
                if not isinstance(value, list | dict)
            ]
            name = f"{one.label}, {result.suite.replace('_', ' ')}"
            rows.append([name, "; ".join(said)])
    return Table(rows)


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
