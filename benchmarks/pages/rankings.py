"""Rankings: which backend is fastest, or smallest, for what.

A ranking is one question with a number for each series. It has a single winner
only if no other's quartile range overlaps that of the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from formats.spread import Spread
from pages.series import Series, list_cases
from pages.waits import TARGETS, find_wait

TRAINED = "epoch_seconds"
AT_BATCH = "training at batch "
Entry = tuple[Series, Spread]
Measured = tuple[str, str, dict[str, Any]]  # suite, metric, case
SINGLE_IMAGE: Measured = ("latency", "microseconds", {"path": "classifier"})
MANY_IMAGES = ("latency", "images_per_second", {"path": "classifier"})
_START, _PEAK = "process_to_first_label", "host_peak_training"
COLD_START: Measured = ("cold_start", "seconds", {"stage": _START})
MEMORY: Measured = ("memory", "bytes", {"what": _PEAK, "path": "engine"})


@dataclass(frozen=True)
class Ranking:
    """One question, and the number of each series.

    Args:
        name: the question, worded to follow "for" in a sentence.
        suite: the suite that answers it.
        metric: what was measured.
        case: the case in which it was measured.
        entries: the series with a number, best first.
    """

    name: str
    suite: str
    metric: str
    case: dict[str, Any]
    entries: tuple[Entry, ...]

    @property
    def winners(self) -> tuple[Entry, ...]:
        """The best, and those within its spread."""
        best = self.entries[0][1]
        return tuple(e for e in self.entries if e[1].overlaps(best))

    @property
    def next(self) -> Entry | None:
        """The best of those that did not win, or None."""
        return next((e for e in self.entries if e not in self.winners), None)

    def factor(self, entry: Entry) -> Spread | None:
        """Returns how many times better the best is than an entry."""
        best, other = self.entries[0][1], entry[1]
        if self.metric in _HIGHER:
            return best.over(other)
        return other.over(best)


def list_rankings(series: Sequence[Series]) -> list[Ranking]:
    """Lists the questions that the measurements answer.

    Args:
        series: of `series.group_results`.

    Returns:
        Training by batch size, then the others that were measured.
    """
    batches = list_cases(series, "training", TRAINED, "batch_size")
    asked: list[tuple[str, Measured]] = []
    for size in batches:
        case = {"path": "engine", "batch_size": size}
        asked.append((f"{AT_BATCH}{size}", ("training", TRAINED, case)))
    rankings = []
    for name, (suite, metric, case) in [*asked, *_QUESTIONS]:
        entries = [
            (one, spread)
            for one in series
            if (spread := _find(one, suite, metric, case))
        ]
        sign = -1 if metric in _HIGHER else 1
        entries.sort(key=lambda entry, sign=sign: sign * entry[1].median)
        if entries:
            found = Ranking(name, suite, metric, case, tuple(entries))
            rankings.append(found)
    return rankings


def _find(one: Series, suite: str, metric: str, case: dict) -> Spread | None:
    """Finds a number; that of a target only if it was reached."""
    wait = find_wait(one, suite) if suite in TARGETS else None
    return None if wait and not wait.holds else one.find(suite, metric, **case)


_HIGHER = ("images_per_second",)  # metrics for which higher is better
_DEVICE = {"what": "device_peak_training", "path": "engine"}
_QUESTIONS: tuple[tuple[str, Measured], ...] = (
    *(
        (
            f"the wait for {name.removeprefix('time_to_')} %",
            (name, "seconds", {}),
        )
        for name in TARGETS
    ),
    ("single images", SINGLE_IMAGE),
    ("many images at once", MANY_IMAGES),
    ("cold start", COLD_START),
    ("memory", MEMORY),
    ("device memory", ("memory", "bytes", _DEVICE)),
)
