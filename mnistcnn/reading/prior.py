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
LITTLE = 0.003  # how far it counts beside that, with a weight of its own
FEATURES = (
    *SHAPES,
    "sure",  # of the likeliest digit, as a logarithm
    "unsure",  # of all else
    "none",  # of its being none
    "unsure at all",  # the same two, to LITTLE
    "none at all",
    "stems",  # cuts, where it looks like a 1, as parts of letters do
    "stem's corner",  # and how it meets others there
    "stem's tee",
    "stem's cross",
)
STEMS = ("cuts", "corner", "tee", "cross")
# What is drawn is a digit more often than in the examples: the logarithm of
# how much more often. It tells a digit from none, and not where it begins.
LIKELIER = 0.5
WEIGHTS = {
    "one": (0.50, -0.70),
    "joined": (0.09, -0.55),
    "short": (-1.77, 1.11),
    "low": (-0.87, 0.06),
    "tall": (1.59, 3.88),
    "wide": (-1.90, -1.14),
    "apart": (-4.54, 3.01),
    "beside": (0.41, -2.54),
    "shared": (3.38, 2.78),
    "cuts": (-0.37, -1.25),
    "sliced": (-1.36, -0.99),
    "near": (-0.18, -0.01),
    "stacked": (-0.43, 0.11),
    "crossed": (-0.31, -0.31),
    "covered": (-0.54, 0.26),
    "encloses": (-3.89, 4.75),
    "all": (0.38, 3.11),
    "corner": (-1.01, -2.06),
    "tee": (0.08, -1.13),
    "cross": (-1.17, -1.28),
    "corners": (1.90, 2.10),
    "tees": (0.12, 1.36),
    "crosses": (0.87, 2.37),
    "sure": (0.73, 0.44),
    "unsure": (-0.15, 0.17),
    "none": (-0.12, 0.18),
    "unsure at all": (-0.25, 0.04),
    "none at all": (-0.22, 0.05),
    "stems": (-1.76, -3.57),
    "stem's corner": (0.69, -4.16),
    "stem's tee": (-0.84, -1.61),
    "stem's cross": (-1.06, -2.96),
}


def describe_signs(
    shapes: npt.NDArray[np.floating],
    rows: npt.NDArray[np.floating] | None,
    classes: Sequence[str],
) -> npt.NDArray[np.float64]:
    """Computes what the prior looks at.

    Args:
        shapes: `(n, len(SHAPES))` of a lattice.
        rows: `(n, classes)` probabilities; None where no network has looked.
        classes: their names; `""` is the rejection class.

    Returns:
        `(n, len(FEATURES))`, without rows `(n, len(SHAPES))`.
    """
    if rows is None:
        return shapes.astype(np.float64)
    digits = [place for place, name in enumerate(classes) if name]
    shares = rows[:, digits].astype(np.float64)
    top = shares.max(1)
    # A network without a rejection class says it by equal shares.
    none = np.clip(1 - shares.sum(1) + len(digits) * shares.min(1), 0, 1)
    seen = [top, 1 - top + DOUBT, none + DOUBT, 1 - top + LITTLE, none + LITTLE]
    ones = rows[:, [k for k in digits if classes[k] == "1"]].sum(1)
    stems = shapes[:, [SHAPES.index(name) for name in STEMS]] * ones[:, None]
    seen = np.log(np.maximum(seen, 1e-4)).T
    return np.column_stack([shapes, seen, stems]).astype(np.float64)


def score(seen: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Scores signs as digits and as none.

    Args:
        seen: of `describe_signs`.

    Returns:
        `(2, n)`; a path's score is the sum over its signs.
    """
    names = FEATURES[: seen.shape[1]]
    weights = np.array([WEIGHTS[name] for name in names], np.float64)
    return weights.T @ seen.T
