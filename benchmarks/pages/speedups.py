"""Speed-ups of the library over its baselines, on one backend.

The baselines of the engine are Keras' `fit`, by default and tuned, and native
loops, plain and best; those of the classifier are the framework's own forward
passes. The repeats of a suite are interleaved, so that each repeat has its own
ratio: a speed-up is faster or slower only if the quartiles of the ratios do not
include 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from formats.spread import Spread, pair, write_spread
from mnistcnn import units
from pages.series import DTYPE, Series, name_dtype
from suites.suite_results import Measurement

BASELINES = {  # by their path in the case
    "fit": "Keras' fit",
    "tuned": "Keras' fit, tuned",
    "plain": "the plain native loop",
    "best": "the best native loop",
}


@dataclass(frozen=True)
class Speedup:
    """One of our measurements and a baseline in the same case.

    Args:
        series: the backend and machine.
        case: the case of both ("batch 32").
        baseline: the baseline's path.
        ours: our measurement.
        theirs: the baseline's.
    """

    series: Series
    case: str
    baseline: str
    ours: Measurement
    theirs: Measurement

    @property
    def metric(self) -> str:
        """What was measured."""
        return self.ours.metric

    @property
    def dtype(self) -> str:
        """The dtype of our computation."""
        return name_dtype(self.ours)

    @property
    def factor(self) -> Spread | None:
        """How many times as fast as the baseline we are, by repeat."""
        return find_factor(self.ours, self.theirs)

    @property
    def verdict(self) -> str:
        """Returns "faster", "slower" or "alike"."""
        factor = self.factor
        if not factor or factor.low <= 1 <= factor.high:
            return "alike"
        return "faster" if factor.low > 1 else "slower"

    @property
    def sentence(self) -> str:
        """Says how the two compare, with both numbers."""
        ours = write_spread(self.metric, self.ours.spread)
        theirs = write_spread(self.metric, self.theirs.spread)
        who = _OURS[self.metric]
        baseline = BASELINES.get(self.baseline, "native code")
        times = ""
        if self.factor:
            times = f", {write_spread('ratio', self.factor)} its speed"
        return (
            f"{self.series.label}, {self.case}: {who} {_SAID[self.verdict]} "
            f"{baseline}: {ours} against {theirs}{times}."
        )


def find_factor(ours: Measurement, theirs: Measurement) -> Spread | None:
    """How many times as fast as another one is, by the ratio of each repeat.

    Args:
        ours: of a suite.
        theirs: of the same run of it, in the same metric.

    Returns:
        Above 1 if ours is faster; None if they cannot be paired.
    """
    if ours.better == "higher":
        return pair(ours.values, theirs.values)
    return pair(theirs.values, ours.values)


def list_speedups(series: Sequence[Series]) -> list[Speedup]:
    """Lists all comparisons with a baseline.

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
            ours = one.select("latency", metric, path="classifier")
            theirs = one.select("latency", metric, path="native")
            if ours and theirs:
                found.append(Speedup(one, case, "native", ours[0], theirs[0]))
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
    """Compares an epoch of the engine with a baseline's in the same case.

    Args:
        one: the series.
        ours: the engine's measurement.
        baseline: the baseline's path.

    Returns:
        The speed-up over the baseline in the same dtype, otherwise in float32,
        otherwise None.
    """
    case = ours.case | {"path": baseline}
    theirs = one.select("training", ours.metric, **case) or one.select(
        "training", ours.metric, **case | {"dtype": DTYPE}
    )
    if not theirs:
        return None
    return Speedup(one, name_batch(ours), baseline, ours, theirs[0])


def name_batch(ours: Measurement) -> str:
    """Names the case of an engine's measurement: "batch 32, bfloat16"."""
    text = f"batch {ours.case.get('batch_size', units.DASH)}"
    dtype = name_dtype(ours)
    return text if dtype == DTYPE else f"{text}, {dtype}"


def _is_offered(one: Series, ours: Measurement) -> bool:
    """Whether the engine would choose this: float32, or faster than that.

    A precision that is not faster on a backend is never chosen there; it is
    listed among the engines, but compared with nothing.
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
