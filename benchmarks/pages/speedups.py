"""The library against its rivals, on one backend: won, lost or alike.

The rivals of the engine are Keras' `fit` and native loops, plain and best;
those of the classifier are the framework's own forward passes. A duel is won
or lost only where the quartile ranges do not overlap.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from spread import Spread, write_spread
from suite_results import Measurement

from mnistcnn import units
from pages.series import DTYPE, Contender

RIVALS = {  # by their path in the case
    "fit": "Keras' fit",
    "plain": "the plain native loop",
    "best": "the best native loop",
}


@dataclass(frozen=True)
class Duel:
    """One of ours against one rival in the same case.

    Args:
        contender: on what backend and machine.
        case: what they met in ("batch 32").
        rival: the rival's path.
        metric: what was measured.
        ours: our spread.
        theirs: the rival's.
        dtype: of the engine.
    """

    contender: Contender
    case: str
    rival: str
    metric: str
    ours: Spread
    theirs: Spread
    dtype: str = DTYPE

    @property
    def factor(self) -> Spread | None:
        """How many times as fast as the rival we are."""
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
        """Says how it went, with both numbers."""
        ours = write_spread(self.metric, self.ours)
        theirs = write_spread(self.metric, self.theirs)
        who, rival = _OURS[self.metric], RIVALS.get(self.rival, "native code")
        times = ""
        if self.factor:
            times = f", {units.ratio(self.factor.median)} its speed"
        said = _SAID[self.verdict]
        return (
            f"{self.contender.label}, {self.case}: {who} {said} {rival}: "
            f"{ours} against {theirs}{times}."
        )


def list_duels(contenders: Sequence[Contender]) -> list[Duel]:
    """Lists what can be set against a rival.

    Args:
        contenders: the contenders of `contenders.group_results`.

    Returns:
        The duels of training by contender, batch size and rival, then those
        of classifying.
    """
    found = []
    for one in contenders:
        for ours in list_engines(one):
            if not _pays(one, ours):
                continue
            for rival in RIVALS:
                theirs = find_rival(one, ours, rival)
                if theirs:
                    case = name_batch(ours)
                    found.append(
                        Duel(
                            one,
                            case,
                            rival,
                            ours.metric,
                            ours.spread,
                            theirs,
                            ours.case.get("dtype", DTYPE),
                        )
                    )
    for metric, case in _CLASSIFYING.items():
        for one in contenders:
            ours = one.find("latency", metric, path="classifier")
            theirs = one.find("latency", metric, path="native")
            if ours and theirs:
                found.append(Duel(one, case, "native", metric, ours, theirs))
    return found


def list_engines(one: Contender) -> list[Measurement]:
    """Lists the epochs of a contender's engine, in any dtype.

    Args:
        one: the contender.

    Returns:
        The measurements by batch size, float32 first.
    """
    return sorted(
        one.select("training", "epoch_seconds", path="engine", dtype=None),
        key=lambda ours: (
            ours.case.get("batch_size", 0),
            ours.case.get("dtype", DTYPE) != DTYPE,
        ),
    )


def _pays(one: Contender, ours: Measurement) -> bool:
    """Whether the engine is offered so: in float32, or faster than that.

    A precision that does not pay on a backend is never chosen there; it
    stands among the engines, and fights for nobody.
    """
    case = {**ours.case, "dtype": DTYPE}
    exact = one.find("training", ours.metric, **case)
    return exact is None or ours.spread.median <= exact.median


def find_rival(one: Contender, ours: Measurement, rival: str) -> Spread | None:
    """Finds a rival's epoch in the engine's case.

    Args:
        one: the contender.
        ours: the engine's measurement.
        rival: the rival's path.

    Returns:
        The rival's spread in the same dtype, else in float32, else None.
    """
    case = dict(ours.case) | {"path": rival}
    metric = ours.metric
    found = one.find("training", metric, **case)
    return found or one.find("training", metric, **case | {"dtype": DTYPE})


def name_batch(ours: Measurement) -> str:
    """Names the case of an engine's measurement: "batch 32, bfloat16"."""
    dtype = ours.case.get("dtype", DTYPE)
    text = f"batch {ours.case.get('batch_size', units.DASH)}"
    return text if dtype == DTYPE else f"{text}, {dtype}"


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
