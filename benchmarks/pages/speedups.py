"""Speed-ups of the library over its baselines, on one backend.

The baselines of the engine are Keras' `fit` and native loops, plain and best;
those of the classifier are the framework's own forward passes. A speed-up is
faster or slower only where the quartile ranges do not overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from spread import Spread, write_spread
from suite_results import Measurement

from mnistcnn import units
from pages.series import DTYPE, Series, name_dtype

BASELINES = {  # by their path in the case
    "fit": "Keras' fit",
    "plain": "the plain native loop",
    "best": "the best native loop",
}


@dataclass(frozen=True)
class Speedup:
    """One of ours beside one baseline in the same case.

    Args:
        series: on what backend and machine.
        case: what both were measured in ("batch 32").
        baseline: the baseline's path.
        metric: what was measured.
        ours: our spread.
        theirs: the baseline's.
        dtype: of the engine.
    """

    series: Series
    case: str
    baseline: str
    metric: str
    ours: Spread
    theirs: Spread
    dtype: str = DTYPE

    @property
    def factor(self) -> Spread | None:
        """How many times as fast as the baseline we are."""
        if self.metric.endswith("seconds"):
            return self.theirs.over(self.ours)
        return self.ours.over(self.theirs)

    @property
    def verdict(self) -> str:
        """Returns "faster", "slower" or "alike"."""
        if self.ours.overlaps(self.theirs):
            return "alike"
        factor = self.factor
        return "faster" if factor and factor.median > 1 else "slower"

    @property
    def sentence(self) -> str:
        """Says how the two compare, with both numbers."""
        ours = write_spread(self.metric, self.ours)
        theirs = write_spread(self.metric, self.theirs)
        who = _OURS[self.metric]
        baseline = BASELINES.get(self.baseline, "native code")
        times = ""
        if self.factor:
            times = f", {units.ratio(self.factor.median)} its speed"
        return (
            f"{self.series.label}, {self.case}: {who} {_SAID[self.verdict]} "
            f"{baseline}: {ours} against {theirs}{times}."
        )


def list_speedups(series: Sequence[Series]) -> list[Speedup]:
    """Lists what can be set beside a baseline.

    Args:
        series: of `series.group_results`.

    Returns:
        The speed-ups of training by series, batch size and baseline, then
        those of classifying.
    """
    found = [
        speedup
        for one in series
        for ours in list_engines(one)
        if _is_offered(one, ours)
        for baseline in BASELINES
        if (speedup := compare_engine(one, ours, baseline))
    ]
    for metric, case in _CLASSIFYING.items():
        for one in series:
            ours = one.find("latency", metric, path="classifier")
            theirs = one.find("latency", metric, path="native")
            if ours and theirs:
                found.append(Speedup(one, case, "native", metric, ours, theirs))
    return found


def list_engines(one: Series) -> list[Measurement]:
    """Lists the epochs of a series' engine, in any dtype.

    Args:
        one: the series.

    Returns:
        The measurements by batch size, float32 first.
    """
    return sorted(
        one.select("training", "epoch_seconds", path="engine", dtype=None),
        key=lambda ours: (
            ours.case.get("batch_size", 0),
            name_dtype(ours) != DTYPE,
        ),
    )


def compare_engine(
    one: Series, ours: Measurement, baseline: str
) -> Speedup | None:
    """Sets an epoch of the engine beside a baseline's in the same case.

    Args:
        one: the series.
        ours: the engine's measurement.
        baseline: the baseline's path.

    Returns:
        The speed-up over the baseline in the same dtype, else in float32,
        else None.
    """
    case = ours.case | {"path": baseline}
    theirs = one.find("training", ours.metric, **case) or one.find(
        "training", ours.metric, **case | {"dtype": DTYPE}
    )
    if theirs is None:
        return None
    batch, dtype = name_batch(ours), name_dtype(ours)
    return Speedup(
        one, batch, baseline, ours.metric, ours.spread, theirs, dtype
    )


def name_batch(ours: Measurement) -> str:
    """Names the case of an engine's measurement: "batch 32, bfloat16"."""
    text = f"batch {ours.case.get('batch_size', units.DASH)}"
    dtype = name_dtype(ours)
    return text if dtype == DTYPE else f"{text}, {dtype}"


def _is_offered(one: Series, ours: Measurement) -> bool:
    """Whether the engine runs so by itself: in float32, or faster than that.

    A precision that does not pay on a backend is never chosen there; it
    stands among the engines, and is compared with nothing.
    """
    case = {**ours.case, "dtype": DTYPE}
    exact = one.find("training", ours.metric, **case)
    return exact is None or ours.median <= exact.median


_CLASSIFYING = {
    "microseconds": "single image",
    "images_per_second": "many images at once",
}
_OURS = {
    "epoch_seconds": "the engine",
    "microseconds": "the classifier",
    "images_per_second": "the classifier",
}
_SAID = {
    "faster": "is faster than",
    "slower": "is slower than",
    "alike": "is within the spread of",
}
