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
FEATURES = (
    *SHAPES,
    "sure",  # of the likeliest digit, as a logarithm
    "unsure",  # of all else
    "none",  # of its being none
    "stems",  # cuts, where it looks like a 1, as parts of letters do
)
# What is drawn is a digit more often than in the examples: the logarithm of
# how much more often. It tells a digit from none, and not where it begins.
LIKELIER = 0.5
WEIGHTS = {
    "one": (0.30, -0.70),
    "joined": (0.45, -0.44),
    "short": (-2.04, 0.35),
    "low": (-1.04, 0.12),
    "tall": (0.21, 3.53),
    "wide": (-2.15, -1.88),
    "apart": (-6.68, -0.03),
    "beside": (-2.93, 1.36),
    "shared": (3.07, 3.38),
    "cuts": (-0.30, -1.32),
    "sliced": (-1.39, -0.94),
    "near": (-0.27, -0.35),
    "stacked": (-0.93, 0.12),
    "crossed": (-0.08, 0.12),
    "covered": (-0.85, 0.33),
    "encloses": (-3.68, 4.28),
    "all": (-0.25, 2.88),
    "sure": (0.70, 0.47),
    "unsure": (-0.50, 0.32),
    "none": (-0.44, 0.24),
    "stems": (-1.97, -3.21),
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
    seen = np.stack([top, 1 - top + DOUBT, none + DOUBT], 1)
    ones = rows[:, [k for k in digits if classes[k] == "1"]].sum(1)
    stems = shapes[:, SHAPES.index("cuts")] * ones
    seen = np.log(np.maximum(seen, 1e-4))
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
