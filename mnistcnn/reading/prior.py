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
    "one": (0.29, -0.53),
    "joined": (-0.14, 0.03),
    "short": (-2.12, 0.78),
    "low": (-0.46, -0.02),
    "tall": (-1.57, 1.00),
    "wide": (-1.56, -1.31),
    "apart": (-2.68, 2.35),
    "beside": (-3.28, -1.01),
    "shared": (2.84, 1.33),
    "cuts": (-0.07, -1.16),
    "sliced": (-1.07, -0.62),
    "near": (-0.20, -0.11),
    "stacked": (-1.23, -0.33),
    "crossed": (-0.72, -0.14),
    "covered": (-1.17, 0.07),
    "encloses": (-2.56, 4.09),
    "all": (-0.30, 3.85),
    "corner": (-0.58, -0.65),
    "tee": (0.04, -0.07),
    "cross": (-0.25, -0.50),
    "corners": (0.57, 0.93),
    "tees": (-0.51, 0.58),
    "crosses": (-0.41, 1.44),
    "sure": (1.07, -0.04),
    "unsure": (-0.08, 0.03),
    "none": (-0.10, -0.01),
    "unsure at all": (-0.36, -0.04),
    "none at all": (-0.24, -0.04),
    "stems": (-0.63, -1.14),
    "stem's corner": (-1.19, -0.52),
    "stem's tee": (-0.48, -0.12),
    "stem's cross": (-0.19, -1.00),
    "unsure, cuts": (0.18, 0.18),
    "unsure, joined": (0.03, 0.33),
    "unsure, all": (-0.03, 0.14),
    "unsure, wide": (-0.07, -0.33),
    "none, cuts": (0.20, 0.19),
    "none, joined": (0.12, 0.30),
    "none, all": (-0.23, 0.09),
    "none, wide": (-0.25, -0.34),
    "like 0": (0.43, -0.93),
    "like 1": (-0.54, -2.87),
    "like 2": (0.98, -1.38),
    "like 3": (1.73, -0.63),
    "like 4": (1.10, -0.97),
    "like 5": (1.42, -1.32),
    "like 6": (1.45, -1.49),
    "like 7": (0.25, -1.58),
    "like 8": (2.53, -0.60),
    "like 9": (3.08, 0.16),
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
