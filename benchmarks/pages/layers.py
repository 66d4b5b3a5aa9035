"""The cost of Keras' layers: the network in the native loop, and in Keras.

(keras issue 22561: the same model is slower through Keras than native.)
"""

from collections.abc import Iterator, Sequence

from formats.spread import Spread
from pages.series import Series
from pages.speedups import find_factor, name_batch
from suites.suite_results import Measurement

THROUGH_KERAS = {  # compared with the native loop, by path
    "keras": "Keras model in that loop",
    "fit": "by fit",
    "tuned": "by fit, tuned",
    "engine": "by the engine",
}


def compare_layers(
    series: Sequence[Series],
) -> Iterator[tuple[str, Measurement, list[Spread | None]]]:
    """Compares the same network in Keras with the plain native loop.

    Yields:
        By series and batch size: its name, the loop's measurement, and the
        speed of each of `THROUGH_KERAS` relative to it, if it was measured.
    """
    for one in series:
        for plain in one.select("training", "epoch_seconds", path="plain"):
            factors = []
            for path in THROUGH_KERAS:
                case = plain.case | {"path": path}
                found = one.select("training", plain.metric, **case)
                factors.append(find_factor(found[0], plain) if found else None)
            yield f"{one.label}, {name_batch(plain)}", plain, factors
