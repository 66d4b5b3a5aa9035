"""The tables of the benchmarks' page: who wins, and where ours loses."""

from collections.abc import Sequence

from spread import Spread, write_range

from mnistcnn import units
from mnistcnn.report.html import Markup, bind, join, section, table, tag
from pages.recommendation import list_contests
from pages.series import Contender
from pages.speedups import (
    RIVALS,
    Duel,
    find_rival,
    list_engines,
    name_batch,
)


def tabulate_contests(contenders: Sequence[Contender]) -> Markup:
    """Who is first in what, and by how much.

    Args:
        contenders: the contenders of `contenders.group_results`.

    Returns:
        The section, or nothing where nothing was measured.
    """
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
                other[0].label,
                write_cell(contest.metric, contest.entries[0][1]),
                write_cell(contest.metric, other[1]),
                write_cell("ratio", lead),
            ]
        )
    if not rows:
        return Markup()
    head = ["for", "best", "next", "the best", "the next", "lead"]
    note = (
        "Medians; below them the quartiles and the count of repeats. Several "
        "names under “best”: their quartile ranges overlap. Cold start: from "
        "the process's start to its first label. Time to accuracy: a whole "
        "mnistcnn train --recipe fast."
    )
    return section(
        "Which backend for what",
        table(rows, head=head, words=3),
        tag("p", note, class_="note"),
    )


def tabulate_engines(contenders: Sequence[Contender]) -> Markup:
    """The engine's times, and how many times as fast as its rivals it is.

    Args:
        contenders: the contenders of `contenders.group_results`.

    Returns:
        The section, or nothing where nothing was measured.
    """
    rows = []
    for one in contenders:
        ceiling = one.find("training", "gflops_per_second", path="matmul")
        for ours in list_engines(one):
            row = [f"{one.label}, {name_batch(ours)}"]
            row.append(write_cell("epoch_seconds", ours.spread))
            for rival in RIVALS:
                theirs = find_rival(one, ours, rival)
                if theirs is None:
                    row.append(units.DASH)
                    continue
                duel = Duel(one, "", rival, ours.metric, ours.spread, theirs)
                row.append(write_cell("ratio", duel.factor, duel.verdict))
            case = {"dtype": None} | dict(ours.case)
            rate = one.find("training", "gflops_per_second", **case)
            share = rate and ceiling and rate.over(ceiling)
            row.append(write_cell("accuracy", share))
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


def tabulate_duels(duels: Sequence[Duel]) -> Markup:
    """Counts wins and losses, and names each loss.

    Args:
        duels: the duels of `duels.list_duels`.

    Returns:
        The section, or nothing where nothing was measured.
    """
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
    items = tag("ul", *[tag("li", bind(text)) for text in named])
    return section(
        "Where ours is not faster", tag("p", summary), items if named else ""
    )


def write_cell(metric: str, spread: Spread | None, verdict: str = "") -> Markup:
    """Writes a median with its quartiles below, and a loss in a word.

    Args:
        metric: the metric's name, which holds the unit.
        spread: the numbers, or None.
        verdict: "slower" or "alike" to say so, else nothing.

    Returns:
        The markup of a table's cell, a dash for None.
    """
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
