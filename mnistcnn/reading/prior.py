"""The prior: scores of signs by shape and by the network's probabilities.

Weights of a log-linear model of whole paths, fitted by `benchmarks/fitting.py`
on numbers composed from writers' strokes. Of several fits, this one was chosen
on other writers. A sign is either a digit, or not, and then read as "?".
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.reading.lattice import SHAPES
from mnistcnn.reading.looks import Look

# Confidence beyond this adds nothing: a part of a digit may look like a 1 with
# full confidence.
DOUBT = 0.03
LITTLE = 0.003  # the same limit for a second pair of features
INK = 64  # grey level, 0 to 255, from which a pixel is ink
MOST_BENT = 0.3  # of a height: larger bends count as this
STEMS = ("cuts", "corner", "tee", "cross")
PARTED = ("cuts", "joined", "all", "wide")
FEATURES = (
    *SHAPES,
    "sure",  # log-probability of the likeliest digit
    "unsure",  # of everything else
    "none",  # of its not being a digit
    "unsure at all",  # the same two, but with LITTLE for DOUBT
    "none at all",
    "stems",  # cuts, if it looks like a 1, as parts of letters do
    "stem's corner",  # and how such a sign meets others
    "stem's tee",
    "stem's cross",
    "stem's bend",
    # Doubt weighs differently for parts, several pieces, all ink, wide signs.
    *(f"{look}, {name}" for look in ("unsure", "none") for name in PARTED),
    *(f"like {digit}" for digit in range(10)),  # its probability
)
WEIGHTS = {
    "one": (0.00, -0.28),
    "joined": (-0.11, -0.17),
    "short": (-2.80, -0.42),
    "low": (-0.35, -0.09),
    "tall": (-1.35, 0.37),
    "wide": (-2.30, -2.68),
    "apart": (-3.49, 1.88),
    "beside": (-2.80, -2.76),
    "shared": (3.16, 2.13),
    "cuts": (0.10, -1.84),
    "sliced": (-0.91, -0.96),
    "near": (-0.19, -0.23),
    "stacked": (-1.32, -0.95),
    "crossed": (-0.53, -0.50),
    "covered": (-1.05, -0.02),
    "encloses": (-3.37, 3.79),
    "all": (-0.41, 0.96),
    "corner": (-0.47, -0.89),
    "tee": (0.14, -0.32),
    "cross": (-0.12, -0.36),
    "corners": (0.76, 0.96),
    "tees": (-0.35, 0.69),
    "crosses": (-0.19, 0.92),
    "sure": (1.28, -0.40),
    "unsure": (0.00, 0.02),
    "none": (-0.09, -0.01),
    "unsure at all": (-0.37, -0.00),
    "none at all": (-0.31, 0.00),
    "stems": (-0.69, -1.01),
    "stem's corner": (-1.57, -0.54),
    "stem's tee": (-1.16, -0.10),
    "stem's cross": (-0.58, -1.23),
    "stem's bend": (7.37, -7.53),
    "unsure, cuts": (0.20, 0.17),
    "unsure, joined": (0.11, 0.24),
    "unsure, all": (-0.01, 0.14),
    "unsure, wide": (-0.22, -0.55),
    "none, cuts": (0.23, 0.16),
    "none, joined": (0.15, 0.15),
    "none, all": (-0.14, -0.17),
    "none, wide": (-0.53, -0.48),
    "like 0": (-0.28, -0.84),
    "like 1": (-1.42, -1.72),
    "like 2": (0.09, -0.81),
    "like 3": (0.67, -0.39),
    "like 4": (0.35, -0.72),
    "like 5": (0.50, -0.13),
    "like 6": (0.99, -0.81),
    "like 7": (-0.35, -1.25),
    "like 8": (1.50, 0.58),
    "like 9": (1.67, 0.24),
}


def describe_signs(
    shapes: npt.NDArray[np.floating],
    looks: Sequence[Look] | None,
    classes: Sequence[str],
) -> npt.NDArray[np.float64]:
    """Computes the prior's features.

    Args:
        shapes: `(n, len(SHAPES))` of a lattice.
        looks: an image of each and its probabilities; `None` if no network was
            run.
        classes: the network's; `""` is the rejection class.

    Returns:
        `(n, len(FEATURES))`; without looks `(n, len(SHAPES))`.
    """
    if looks is None:
        return shapes.astype(np.float64)
    rows = np.stack([row for _, row in looks])
    bends = abs(measure_bends(np.stack([image for image, _ in looks])))
    digits = [place for place, name in enumerate(classes) if name]
    shares = rows[:, digits].astype(np.float64)
    top = shares.max(1)
    # A network without a rejection class spreads that probability equally.
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
            np.minimum(bends, MOST_BENT) * like[1],
            parted * seen[:, 1:2],
            parted * seen[:, 2:3],
            *like,
        ]
    ).astype(np.float64)


def measure_bends(
    images: npt.NDArray[np.uint8],
) -> npt.NDArray[np.float64]:
    """Measures how far strokes from top to bottom bend to the left.

    Args:
        images: `(n, 28, 28)` uint8, bright ink on black.

    Returns:
        `(n,)`, the sagitta of the best-fitting parabola, in units of the ink's
        height; negative if it bends to the right.

    Example:
        >>> image = np.zeros((1, 28, 28), np.uint8)
        >>> image[0, 4:24, 14] = 255
        >>> bool(abs(measure_bends(image)[0]) < 1e-9)
        True
        >>> image[0, 10:18] = np.roll(image[0, 10:18], -3, axis=1)
        >>> round(float(measure_bends(image)[0]), 2)
        0.17
    """
    ink = images.astype(np.float64)
    _, tall, wide = ink.shape
    inked = images.max(axis=2) >= INK
    x = ink @ np.arange(wide) / np.maximum(ink.sum(axis=2), 1)
    first = inked.argmax(axis=1)
    last = tall - 1 - inked[:, ::-1].argmax(axis=1)
    along = 2 * np.arange(tall) - (first + last)[:, None]
    square = (along / np.maximum(last - first, 1)[:, None]) ** 2
    # Rows without ink, as between the points of a colon, do not count.
    mean = np.average(square, axis=1, weights=inked + 1e-12)
    square = (square - mean[:, None]) * inked
    away = (square * x).sum(axis=1)
    return (
        away / np.maximum((square**2).sum(axis=1), 1e-12) / (last - first + 1)
    )


def score(seen: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Scores signs as digits and as non-digits.

    Args:
        seen: of `describe_signs`.

    Returns:
        `(2, n)`; a path's score is the sum over its signs.
    """
    names = FEATURES[: seen.shape[1]]
    weights = np.array([WEIGHTS[name] for name in names], np.float64)
    return weights.T @ seen.T
