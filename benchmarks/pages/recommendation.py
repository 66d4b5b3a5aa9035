"""Which backend is fastest for what, and the advice that follows from it.

A contest is one question with a number for each contender. It has one winner
only where no other's quartile range reaches into that of the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from spread import Spread

from mnistcnn import units
from mnistcnn.report import join_words, qualify
from pages.series import (
    DTYPE,
    Contender,
    find_warnings,
    list_cases,
)
from pages.speedups import Duel, list_duels

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
            f"{_AT_BATCH}{size}",
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
            if (spread := _find(one, suite, metric, case))
        ]
        sign = -1 if metric in _HIGHER else 1
        entries.sort(key=lambda entry, sign=sign: sign * entry[1].median)
        if entries:
            contests.append(Contest(name, metric, tuple(entries)))
    return contests


def _find(one: Contender, suite: str, metric: str, case: dict):
    # Who waits for an accuracy waits as long as the recipe's own choice takes.
    if suite == WAIT:
        case = {**case, "dtype": one.quickest_dtype(suite)}
    return one.find(suite, metric, **case)


def recommend(contenders: Sequence[Contender]) -> str:
    """Says in one sentence what to take for what.

    Args:
        contenders: the contenders of `contenders.group_results`.

    Returns:
        The winners, how the engine stands against `fit` and against the best
        native loops, and how far all this can be trusted. The numbers behind
        it are the page's tables.
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
    """Says who wins what: one part of the sentence."""
    if not contests:
        return ["which is fastest is not known: nothing was run on two of them"]
    found: dict[tuple[str, ...], list[Contest]] = {}
    for contest in contests:
        # The order of those that are alike is noise.
        who = sorted(entry[0].label for entry in contest.winners)
        found.setdefault(tuple(who), []).append(contest)
    advice = [
        f"{join_words(who, 'or')} for {join_words(_name(won, contests))}"
        for who, won in found.items()
    ]
    return [f"take {', '.join(advice)}"]


def _name(won: Sequence[Contest], contests: Sequence[Contest]) -> list[str]:
    """The questions' names, the batch sizes of training together."""
    trained = [contest for contest in won if contest.metric == TRAINED]
    names = [contest.name for contest in won if contest.metric != TRAINED]
    if not trained:
        return names
    if len(trained) == sum(c.metric == TRAINED for c in contests):
        return ["training", *names]
    sizes = [contest.name.removeprefix(_AT_BATCH) for contest in trained]
    return [f"{_AT_BATCH}{join_words(sizes)}", *names]


def _judge_engine(duels: Sequence[Duel]) -> str:
    """Says how the engines stand to `fit` and to the best native loops."""
    rivals = {"fit": "Keras' fit", "best": "the best native loops"}
    # Of like with like: the rivals compute in float32.
    duels = [duel for duel in duels if duel.dtype == DTYPE]
    parts = [
        f"{_range(found)} that of {name}"
        for rival, name in rivals.items()
        if (found := [duel for duel in duels if duel.rival == rival])
    ]
    return f"the engine's speed is {join_words(parts)}" if parts else ""


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
WAIT = "time_to_accuracy"
_AT_BATCH = "training at batch "
_HIGHER = ("images_per_second",)  # metrics of which more is better
_QUESTIONS = (
    (
        "the time to accuracy",
        WAIT,
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
