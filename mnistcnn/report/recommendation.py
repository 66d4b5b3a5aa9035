"""Which backend is fastest for what, and the advice that follows from it.

A contest is one question with a number for each contender. It has one winner
only where no other's quartile range reaches into that of the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mnistcnn import units
from mnistcnn.report.contenders import Contender, find_warnings, list_cases
from mnistcnn.report.duels import Duel, list_duels
from mnistcnn.report.labels import join_words, qualify
from mnistcnn.report.spread import Spread

Entry = tuple[Contender, Spread]


@dataclass(frozen=True)
class Contest:
    """One question, and who came to what.

    Args:
        name: the question, as a sentence has it after "for".
        metric: what was measured.
        entries: the contenders with a number, best first.
    """

    name: str
    metric: str
    entries: tuple[Entry, ...]

    @property
    def winners(self) -> tuple[Entry, ...]:
        """The best, and who is within its spread."""
        best = self.entries[0][1]
        return tuple(e for e in self.entries if e[1].overlaps(best))

    @property
    def next(self) -> Entry | None:
        """The best of those that lost, or None."""
        return next((e for e in self.entries if e not in self.winners), None)

    def factor(self, entry: Entry) -> Spread | None:
        """How many times better the best is than an entry."""
        best, other = self.entries[0][1], entry[1]
        if self.metric in _HIGHER:
            return best.over(other)
        return other.over(best)


def list_contests(contenders: Sequence[Contender]) -> list[Contest]:
    """Lists the questions that the measurements answer.

    Args:
        contenders: the contenders of `contenders.group_results`.

    Returns:
        Training by batch size, then the others that were measured.
    """
    batches = list_cases(contenders, "training", "epoch_seconds", "batch_size")
    asked = [
        (
            f"training at batch {size}",
            "training",
            "epoch_seconds",
            {"path": "engine", "batch_size": size},
        )
        for size in batches
    ]
    contests = []
    for name, suite, metric, case in [*asked, *_QUESTIONS]:
        entries = [
            (one, spread)
            for one in contenders
            if (spread := one.find(suite, metric, **case))
        ]
        sign = -1 if metric in _HIGHER else 1
        entries.sort(key=lambda entry, sign=sign: sign * entry[1].median)
        if entries:
            contests.append(Contest(name, metric, tuple(entries)))
    return contests


def recommend(contenders: Sequence[Contender]) -> str:
    """Says in one sentence what to take for what.

    Args:
        contenders: the contenders of `contenders.group_results`.

    Returns:
        The winners with their lead, how the engine stands against `fit` and
        against the best native loops, and how far all this can be trusted.
    """
    contests = list_contests(contenders)
    if len(contenders) < 2:
        said = [f"{c.name} {_write(c, c.entries[0])}" for c in contests]
        parts = [f"nothing to choose from: only {contenders[0].label} was run"]
        parts += [", ".join(said)] if said else []
    else:
        parts = _advise([c for c in contests if len(c.entries) > 1])
    duels = list_duels(contenders)
    parts += [_judge_fit(duels), _judge_best(duels)]
    sentence = "; ".join(part for part in parts if part) + "."
    return qualify(sentence, find_warnings(contenders))


def _advise(contests: Sequence[Contest]) -> list[str]:
    """Says who wins what, a part of the sentence per winner."""
    if not contests:
        return ["which is fastest is not known: nothing was measured twice"]
    found: dict[tuple[str, ...], list[Contest]] = {}
    for contest in contests:
        who = tuple(entry[0].label for entry in contest.winners)
        found.setdefault(who, []).append(contest)
    parts = []
    for who, won in found.items():
        said = [f"{contest.name} {_lead(contest)}" for contest in won]
        parts.append(f"{' or '.join(who)} for {join_words(said)}")
    return [f"take {parts[0]}", *parts[1:]]


def _lead(contest: Contest) -> str:
    """Writes the best number and its distance to the next."""
    best = _write(contest, contest.entries[0])
    if len(contest.winners) > 1:
        others = [_write(contest, entry) for entry in contest.winners[1:]]
        return f"({join_words([best, *others])}: alike within the spread)"
    if contest.next is None or not (lead := contest.factor(contest.next)):
        return f"({best})"
    ahead = units.ratio(lead.median)
    return f"({best}, {ahead} ahead of {contest.next[0].label})"


def _judge_fit(duels: Sequence[Duel]) -> str:
    against = [duel for duel in duels if duel.rival == "fit" and duel.factor]
    if not against:
        return ""
    factors = sorted(duel.factor.median for duel in against)
    low, high = units.ratio(factors[0]), units.ratio(factors[-1])
    said = low if low == high else f"{low.rstrip('×')} to {high}"
    return f"the engine has {said} the speed of Keras' fit"


def _judge_best(duels: Sequence[Duel]) -> str:
    against = [duel for duel in duels if duel.rival == "best"]
    lost = [duel for duel in against if duel.verdict == "slower"]
    if lost:
        said = [
            f"on {duel.contender.label} at {duel.case}"
            + (f" ({units.ratio(duel.factor.median)})" if duel.factor else "")
            for duel in lost
        ]
        return (
            f"the engine is slower than the best native loop {join_words(said)}"
        )
    if against:
        return "no native loop is faster than the engine beyond the spread"
    return ""


def _write(contest: Contest, entry: Entry) -> str:
    return units.quantity(contest.metric, entry[1].median)


_HIGHER = ("images_per_second",)  # metrics of which more is better
_QUESTIONS = (
    (
        "reaching the target accuracy from a cold start",
        "time_to_accuracy",
        "seconds",
        {},
    ),
    ("single images", "latency", "microseconds", {"path": "classifier"}),
    (
        "many images at once",
        "latency",
        "images_per_second",
        {"path": "classifier"},
    ),
    (
        "the first label after a cold start",
        "cold_start",
        "seconds",
        {"stage": "process_to_first_label"},
    ),
    (
        "little memory in training",
        "memory",
        "bytes",
        {"what": "host_peak_training", "path": "engine"},
    ),
    (
        "little device memory",
        "memory",
        "bytes",
        {"what": "device_peak_training", "path": "engine"},
    ),
)
