"""Waits for an accuracy on the test set, and whether it was reached.

A target counts as reached if at least nine of ten seeds reach it, out of ten or
more: one lucky seed is not a record.
"""

import math
from dataclasses import dataclass

from formats.spread import Spread
from pages.series import Series
from suites.suite_results import SUITES

TARGETS = tuple(name for name in SUITES if name.startswith("time_to_"))
SEEDS, SHARE = 10, 0.9


@dataclass(frozen=True)
class Wait:
    """How long one backend took to reach a target.

    Args:
        suite: its name.
        percent: the target.
        recipe: the recipe of the training.
        seconds: of whole processes.
        reached: how many seeds reached it.
    """

    suite: str
    percent: float
    recipe: str
    seconds: Spread
    reached: int

    @property
    def name(self) -> str:
        """Names the target: "99.4 %"."""
        return f"{self.percent:.1f} %"

    @property
    def counted(self) -> str:
        """Says how many seeds reached it: "9 of 10"."""
        return f"{self.reached} of {self.seconds.n}"

    @property
    def said(self) -> str:
        """Says what was reached: "99.4 % by 9 of 10 seeds"."""
        return f"{self.name} by {self.counted} seeds"

    @property
    def holds(self) -> bool:
        """Whether the target was reached."""
        n = self.seconds.n
        return n >= SEEDS and self.reached >= SHARE * n


def find_wait(one: Series, suite: str) -> Wait | None:
    """Finds how long a series took to reach a target.

    Args:
        one: the series.
        suite: one of `TARGETS`.

    Returns:
        The wait, or None if it was not measured.
    """
    times = one.select(suite, "seconds", dtype=None)
    scores = one.select(suite, "accuracy", dtype=None)
    if not times or not scores:
        return None
    case = times[0].case
    percent = float(case["target"])
    # 0.994 is below 99.4 / 100 by rounding alone.
    least = percent / 100 * (1 - math.ulp(1.0))
    reached = sum(score >= least for score in scores[0].values)
    return Wait(suite, percent, str(case["recipe"]), times[0].spread, reached)


def list_waits(one: Series) -> list[Wait]:
    """Lists how long a series took to reach each measured target."""
    return [wait for suite in TARGETS if (wait := find_wait(one, suite))]
