"""The prior: how likely a sign of such a shape is, beside what it looks like.

Weights of a log-linear model of whole paths, fitted by `benchmarks/fitting.py`
on numbers that were put together from the strokes of writers, and chosen of
several fits by other writers. A sign is a digit, or none and read as "?".
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.reading.lattice import SHAPES

# Certainty beyond this is worth no more: a part of a digit
# may look like a 1 for certain.
DOUBT = 0.03
LOOKS = ("sure", "unsure", "none")
WEIGHTS = {
    "one": (0.46, -0.70),
    "joined": (-0.09, -1.49),
    "short": (-3.58, -1.19),
    "low": (-0.93, -0.00),
    "tall": (4.42, 9.66),
    "wide": (-5.40, -5.68),
    "apart": (-11.30, -5.66),
    "beside": (-8.99, -4.65),
    "shared": (3.37, 4.07),
    "cuts": (-1.11, -0.92),
    "sliced": (-1.15, -0.83),
    "near": (-0.26, 0.15),
    "stacked": (0.06, 1.17),
    "crossed": (0.48, 0.41),
    "covered": (-2.49, -0.87),
    "encloses": (-0.28, 6.07),
    "sure": (0.60, 0.76),
    "unsure": (-0.50, 0.30),
    "none": (-0.50, 0.25),
}


def describe_looks(
    rows: npt.NDArray[np.floating], classes: Sequence[str]
) -> npt.NDArray[np.float64]:
    """Computes what a network says of images, for the prior.

    Args:
        rows: `(n, classes)` probabilities.
        classes: their names; `""` is the rejection class.

    Returns:
        `(n, len(LOOKS))`: logarithms of the probability of the likeliest
        digit, of all else, and of its being none.
    """
    digits = [place for place, name in enumerate(classes) if name]
    shares = rows[:, digits].astype(np.float64)
    top = shares.max(1)
    # A network without a rejection class says it by equal shares.
    none = np.clip(1 - shares.sum(1) + len(digits) * shares.min(1), 0, 1)
    seen = np.stack([top, 1 - top + DOUBT, none + DOUBT], 1)
    return np.log(np.maximum(seen, 1e-4))


def score(
    shapes: npt.NDArray[np.floating], looks: npt.NDArray[np.floating] | None
) -> npt.NDArray[np.float64]:
    """Scores signs as digits and as none.

    Args:
        shapes: `(n, len(SHAPES))` of a lattice.
        looks: of `describe_looks`; None where no network has looked.

    Returns:
        `(2, n)`; a path's score is the sum over its signs.
    """
    names = SHAPES if looks is None else SHAPES + LOOKS
    seen = shapes if looks is None else np.hstack([shapes, looks])
    weights = np.array([WEIGHTS[name] for name in names], np.float64)
    return weights.T @ seen.astype(np.float64).T
