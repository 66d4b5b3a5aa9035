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
# Of strokes, for a digit and for none, and the same two of pictures, whose ink
# is cut more often.
WEIGHTS = {
    "one": (0.28, -0.58, 0.14, -0.62),
    "joined": (-0.11, 0.03, -0.31, 0.09),
    "short": (-2.07, 0.88, -1.61, 1.43),
    "low": (-0.48, -0.02, -1.06, 0.10),
    "tall": (-2.02, 0.97, -2.13, -0.60),
    "wide": (-1.94, -1.61, -2.09, -1.07),
    "apart": (-2.69, 2.39, 0.22, 0.85),
    "beside": (-3.04, -1.13, -2.22, -1.35),
    "shared": (2.97, 1.21, 2.54, 3.75),
    "cuts": (-0.12, -1.15, -0.30, -1.34),
    "sliced": (-1.09, -0.62, -1.04, -0.52),
    "near": (-0.19, -0.10, 0.16, 0.19),
    "stacked": (-1.09, -0.27, -1.09, -1.20),
    "crossed": (-0.70, -0.16, -0.64, -0.51),
    "covered": (-1.20, 0.04, 0.83, 1.20),
    "encloses": (-2.46, 4.18, -3.21, 5.19),
    "all": (-0.12, 3.87, -1.48, 2.99),
    "corner": (-0.57, -0.67, -0.48, -3.17),
    "tee": (0.04, -0.07, -3.97, -2.79),
    "cross": (-0.28, -0.49, 13.09, -2.86),
    "corners": (0.47, 1.04, 0.61, 1.54),
    "tees": (-0.50, 0.54, 0.95, 4.16),
    "crosses": (-0.54, 1.60, -7.19, -4.83),
    "sure": (1.10, -0.07, 0.80, -0.01),
    "unsure": (-0.11, 0.03, 0.03, 0.11),
    "none": (-0.15, -0.02, -0.07, 0.01),
    "unsure at all": (-0.31, -0.05, -0.45, 0.02),
    "none at all": (-0.21, -0.06, -0.35, -0.03),
    "stems": (-0.53, -1.13, -0.71, -0.21),
    "stem's corner": (-1.13, -0.57, 0.32, -8.26),
    "stem's tee": (-0.49, 0.02, 0.68, -10.19),
    "stem's cross": (-0.05, -1.07, 13.02, -14.86),
    "unsure, cuts": (0.14, 0.17, 0.28, 0.09),
    "unsure, joined": (0.10, 0.34, 0.17, 0.08),
    "unsure, all": (-0.01, 0.21, 0.11, 0.12),
    "unsure, wide": (-0.09, -0.38, -0.23, -0.15),
    "none, cuts": (0.21, 0.21, 0.16, 0.08),
    "none, joined": (0.09, 0.31, 0.08, 0.09),
    "none, all": (-0.19, 0.05, -0.34, 0.15),
    "none, wide": (-0.44, -0.30, -0.32, -0.47),
    "like 0": (0.24, -1.32, 0.79, -0.60),
    "like 1": (-0.63, -3.03, -0.98, -3.24),
    "like 2": (1.17, -1.22, 0.73, -0.74),
    "like 3": (1.53, -1.11, 0.97, -0.54),
    "like 4": (1.28, -1.00, 0.13, -2.06),
    "like 5": (1.50, -1.41, 0.75, -1.88),
    "like 6": (1.61, -1.73, 1.06, -1.59),
    "like 7": (0.48, -2.07, 0.14, -2.09),
    "like 8": (2.46, -0.50, 1.29, -0.41),
    "like 9": (3.20, 0.20, 1.33, -1.00),
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


def score(
    seen: npt.NDArray[np.floating], *, ink: bool = False
) -> npt.NDArray[np.float64]:
    """Scores signs as digits and as none.

    Args:
        seen: of `describe_signs`.
        ink: whether they are a picture's, and not strokes.

    Returns:
        `(2, n)`; a path's score is the sum over its signs.
    """
    names = FEATURES[: seen.shape[1]]
    weights = np.array([WEIGHTS[name] for name in names], np.float64)
    return (weights[:, 2:] if ink else weights[:, :2]).T @ seen.T
