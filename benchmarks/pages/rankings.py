"""Rankings: which backend is fastest, or smallest, for what.

A ranking is one question with a number for each series. It has one winner
only where no other's quartile range reaches into that of the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spread import Spread

from pages.series import Series, list_cases

TRAINED = "epoch_seconds"
WAIT = "time_to_accuracy"
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
    """One question, and who came to what.

    Args:
        name: the question, as a sentence has it after "for".
        metric: what was measured.
        entries: the series with a number, best first.
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
            if (spread := find_entry(one, suite, metric, **case))
        ]
        sign = -1 if metric in _HIGHER else 1
        entries.sort(key=lambda entry, sign=sign: sign * entry[1].median)
        if entries:
            rankings.append(Ranking(name, metric, tuple(entries)))
    return rankings


def find_entry(
    one: Series, suite: str, metric: str, **case: Any
) -> Spread | None:
    """Finds a number of a series, as `Series.find`.

    Who waits for an accuracy waits as long as the recipe's own choice of a
    dtype takes.
    """
    if suite == WAIT:
        case = {**case, "dtype": one.fastest_dtype(suite)}
    return one.find(suite, metric, **case)


_HIGHER = ("images_per_second",)  # metrics of which more is better
_DEVICE = {"what": "device_peak_training", "path": "engine"}
_QUESTIONS: tuple[tuple[str, Measured], ...] = (
    ("the time to accuracy", (WAIT, "seconds", {})),
    ("single images", SINGLE_IMAGE),
    ("many images at once", MANY_IMAGES),
    ("cold start", COLD_START),
    ("memory", MEMORY),
    ("device memory", ("memory", "bytes", _DEVICE)),
)
