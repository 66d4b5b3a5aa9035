"""Which backend is fastest for what, and the advice that follows from it.

A contest is one question with a number for each contender. It has one winner
only where no other's quartile range reaches into that of the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
        said = [f"{c.name}: {_write(c)}" for c in contests]
        parts = [f"nothing to choose from: only {contenders[0].label} was run"]
        parts += [", ".join(said)] if said else []
    else:
        parts = _advise([c for c in contests if len(c.entries) > 1])
    parts.append(_judge_engine(list_duels(contenders)))
    sentence = "; ".join(part for part in parts if part) + "."
    return qualify(sentence, find_warnings(contenders))


def _advise(contests: Sequence[Contest]) -> list[str]:
    """Says who wins what, a part of the sentence per winner."""
    if not contests:
        return ["which is fastest is not known: nothing was run on two of them"]
    found: dict[tuple[str, ...], list[Contest]] = {}
    for contest in contests:
        # The order of those that are alike is noise.
        who = sorted(entry[0].label for entry in contest.winners)
        found.setdefault(tuple(who), []).append(contest)
    parts, alike = [], []
    for who, won in found.items():
        trained = [c for c in won if c.metric == TRAINED]
        swept = len(trained) == sum(c.metric == TRAINED for c in contests)
        if len(trained) > 1 and swept:
            size = trained[0].name.removeprefix("training at ")
            name = f"training at every batch size, as at {size}"
            first = replace(trained[0], name=name)
            won = [first, *[c for c in won if c not in trained]]
        said = [f"{contest.name}{_lead(contest)}" for contest in won]
        if len(who) > 1:
            alike.append(f"{join_words(who)} are alike in {join_words(said)}")
        else:
            parts.append(f"{who[0]} for {join_words(said)}")
    return [*([f"take {parts[0]}", *parts[1:]] if parts else []), *alike]


def _lead(contest: Contest) -> str:
    """Writes the best number and its distance to the next."""
    if contest.next is None or not (lead := contest.factor(contest.next)):
        return f" ({_write(contest)})"
    ahead = f"{units.ratio(lead.median)} ahead of {contest.next[0].label}"
    return f" ({_write(contest)}, {ahead})"


def _judge_engine(duels: Sequence[Duel]) -> str:
    """Says how the engines stand to `fit` and to the best native loops."""
    fits = [duel for duel in duels if duel.rival == "fit"]
    bests = [duel for duel in duels if duel.rival == "best"]
    parts = [f"has {_range(fits)} the speed of Keras' fit"] if fits else []
    lost: dict[str, list[Duel]] = {}
    for duel in bests:
        if duel.verdict == "slower":
            lost.setdefault(duel.contender.label, []).append(duel)
    if lost:
        where = join_words(
            f"on {label} at {join_words(duel.case for duel in some)} "
            f"({_range(some)} its speed)"
            for label, some in lost.items()
        )
        parts.append(f"is slower than the best native loop {where}")
    elif bests:
        parts.append(
            "is nowhere slower than the best native loop by more than noise"
        )
    between = ", but " if lost else " and "
    return f"the engine {between.join(parts)}" if parts else ""


def _range(duels: Sequence[Duel]) -> str:
    factors = sorted(duel.factor.median for duel in duels if duel.factor)
    ends = [units.ratio(factor) for factor in factors[:1] + factors[-1:]]
    if not ends or ends[0] == ends[-1]:
        return ends[0] if ends else units.DASH
    return f"{ends[0].rstrip('×')} to {ends[-1]}"


def _write(contest: Contest) -> str:
    text = units.quantity(contest.metric, contest.entries[0][1].median)
    return f"{text} an epoch" if contest.metric == TRAINED else text


TRAINED = "epoch_seconds"
_HIGHER = ("images_per_second",)  # metrics of which more is better
_QUESTIONS = (
    (
        "the time to accuracy",
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
        "cold start",
        "cold_start",
        "seconds",
        {"stage": "process_to_first_label"},
    ),
    (
        "memory",
        "memory",
        "bytes",
        {"what": "host_peak_training", "path": "engine"},
    ),
    (
        "device memory",
        "memory",
        "bytes",
        {"what": "device_peak_training", "path": "engine"},
    ),
)
