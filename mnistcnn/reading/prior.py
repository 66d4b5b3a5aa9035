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
STEMS = ("cuts", "corner", "tee", "cross")
PARTED = ("cuts", "joined", "all", "wide")
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
    # Doubt counts otherwise in parts, in several pieces, in all ink, in wide.
    *(f"{look}, {name}" for look in ("unsure", "none") for name in PARTED),
    *(f"like {digit}" for digit in range(10)),  # its probability
)
WEIGHTS = {
    "one": (0.28, -0.55),
    "joined": (-0.15, 0.01),
    "short": (-2.31, 0.75),
    "low": (-0.48, 0.00),
    "tall": (2.05, 1.22),
    "wide": (-1.59, -1.07),
    "apart": (-3.05, 2.13),
    "beside": (-3.34, -1.06),
    "shared": (2.88, 1.41),
    "cuts": (-0.03, -1.07),
    "sliced": (-1.09, -0.60),
    "near": (-0.16, -0.08),
    "stacked": (-0.29, -0.35),
    "crossed": (-0.53, -0.15),
    "covered": (-1.26, 0.08),
    "encloses": (-2.77, 4.19),
    "all": (-0.14, 3.94),
    "corner": (-0.62, -0.71),
    "tee": (0.02, -0.10),
    "cross": (-0.29, -0.60),
    "corners": (0.62, 1.01),
    "tees": (-0.49, 0.64),
    "crosses": (-0.30, 1.51),
    "sure": (1.14, 0.00),
    "unsure": (-0.09, 0.04),
    "none": (-0.07, -0.01),
    "unsure at all": (-0.36, -0.04),
    "none at all": (-0.23, -0.05),
    "stems": (-0.83, -1.02),
    "stem's corner": (-1.16, -0.59),
    "stem's tee": (-0.33, -0.16),
    "stem's cross": (0.15, -1.16),
    "unsure, cuts": (0.17, 0.15),
    "unsure, joined": (0.02, 0.34),
    "unsure, all": (0.03, 0.13),
    "unsure, wide": (-0.10, -0.34),
    "none, cuts": (0.20, 0.16),
    "none, joined": (0.12, 0.30),
    "none, all": (-0.29, 0.11),
    "none, wide": (-0.27, -0.35),
    "like 0": (0.36, -1.06),
    "like 1": (-0.49, -2.88),
    "like 2": (1.01, -1.50),
    "like 3": (1.85, -0.69),
    "like 4": (0.81, -1.33),
    "like 5": (1.43, -1.42),
    "like 6": (1.62, -1.34),
    "like 7": (0.28, -1.72),
    "like 8": (2.62, -0.53),
    "like 9": (2.73, -0.18),
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
    like = [
        rows[:, [k for k in digits if classes[k] == name]].sum(1)
        for name in "0123456789"
    ]
    seen = np.log(np.maximum(seen, 1e-4)).T
    stems = shapes[:, [SHAPES.index(name) for name in STEMS]]
    parted = shapes[:, [SHAPES.index(name) for name in PARTED]]
    return np.column_stack(
        [
            shapes,
            seen,
            stems * like[1][:, None],
            parted * seen[:, 1:2],
            parted * seen[:, 2:3],
            *like,
        ]
    ).astype(np.float64)


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
