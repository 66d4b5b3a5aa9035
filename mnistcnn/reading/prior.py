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
    "one": (0.28, -0.58),
    "joined": (-0.11, 0.03),
    "short": (-2.07, 0.88),
    "low": (-0.48, -0.02),
    "tall": (-2.02, 0.97),
    "wide": (-1.94, -1.61),
    "apart": (-2.69, 2.39),
    "beside": (-3.04, -1.13),
    "shared": (2.97, 1.21),
    "cuts": (-0.12, -1.15),
    "sliced": (-1.09, -0.62),
    "near": (-0.19, -0.10),
    "stacked": (-1.09, -0.27),
    "crossed": (-0.70, -0.16),
    "covered": (-1.20, 0.04),
    "encloses": (-2.46, 4.18),
    "all": (-0.12, 3.87),
    "corner": (-0.57, -0.67),
    "tee": (0.04, -0.07),
    "cross": (-0.28, -0.49),
    "corners": (0.47, 1.04),
    "tees": (-0.50, 0.54),
    "crosses": (-0.54, 1.60),
    "sure": (1.10, -0.07),
    "unsure": (-0.11, 0.03),
    "none": (-0.15, -0.02),
    "unsure at all": (-0.31, -0.05),
    "none at all": (-0.21, -0.06),
    "stems": (-0.53, -1.13),
    "stem's corner": (-1.13, -0.57),
    "stem's tee": (-0.49, 0.02),
    "stem's cross": (-0.05, -1.07),
    "unsure, cuts": (0.14, 0.17),
    "unsure, joined": (0.10, 0.34),
    "unsure, all": (-0.01, 0.21),
    "unsure, wide": (-0.09, -0.38),
    "none, cuts": (0.21, 0.21),
    "none, joined": (0.09, 0.31),
    "none, all": (-0.19, 0.05),
    "none, wide": (-0.44, -0.30),
    "like 0": (0.24, -1.32),
    "like 1": (-0.63, -3.03),
    "like 2": (1.17, -1.22),
    "like 3": (1.53, -1.11),
    "like 4": (1.28, -1.00),
    "like 5": (1.50, -1.41),
    "like 6": (1.61, -1.73),
    "like 7": (0.48, -2.07),
    "like 8": (2.46, -0.50),
    "like 9": (3.20, 0.20),
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
