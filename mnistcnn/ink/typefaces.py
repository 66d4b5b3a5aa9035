"""Printed digits, as centre lines of the strokes that typefaces draw."""

import numpy as np

from mnistcnn.ink.curves import curve, parse
from mnistcnn.ink.strokeset import StrokeSet

PRINTED = "print"  # as a writer's name
JITTER = 0.012  # of the height: how far typefaces differ
WIDTH, SLANT = 0.12, 0.06  # standard deviations of log-width, and of slant

# As in `mnistcnn.ink.skeletons`: sans-serif forms first, then others.
TYPEFACES = {
    0: (
        "29 0, 8 10, 0 50, 8 90, 29 100, 50 90, 58 50, 50 10, 29 0, 20 3",
        "29 0, 6 8, 2 50, 6 92, 29 100, 52 92, 56 50, 52 8, 29 0, 20 3",
    ),
    1: (
        "8 20, 32 0*, 32 100",
        "6 24, 24 17, 32 0*, 32 100",
        "6 20, 30 0*, 30 100 / 6 100, 54 100",
        "14 10, 30 0*, 30 100 / 12 100, 48 100",
    ),
    2: (
        "2 30, 6 8, 29 0, 52 8, 56 28, 46 48, 14 78, 0 100*, 58 100",
        "4 26, 12 4, 34 0, 54 14, 50 40, 2 100*, 58 100",
    ),
    3: (
        "2 26, 10 4, 29 0, 52 8, 52 36, 24 47*, 54 58, 58 78, 46 96, 28 100, "
        "8 94, 0 74",
        "2 0, 54 0*, 24 38*, 50 48, 58 72, 46 96, 24 100, 0 88",
        "4 16, 26 0, 50 14, 46 36, 20 46*, 50 56, 56 78, 40 98, 20 100, 0 92",
    ),
    4: (
        "44 100, 44 0*, 0 68*, 60 68",
        "42 100, 42 0*, 2 74*, 58 74",
        "42 100, 42 0*, 2 64*, 62 64 / 28 100, 56 100",
    ),
    5: (
        "52 0, 12 0*, 4 48*, 26 36, 50 44, 58 68, 48 94, 26 100, 6 92, 0 76",
        "54 0, 10 0*, 6 46*, 24 38, 50 46, 56 70, 44 94, 22 100, 0 92",
    ),
    6: (
        "56 24, 48 4, 30 0, 10 14, 0 50, 6 88, 28 100, 50 92, 58 68, 48 44, "
        "28 38, 8 48, 2 64",
        "42 0, 12 40, 0 70, 12 94, 30 100, 50 92, 58 70, 48 48, 28 42, 6 56",
        "52 4, 24 12, 4 44, 2 74, 14 96, 32 100, 52 90, 56 66, 44 44, 24 44, "
        "6 58",
    ),
    7: (
        "0 0, 58 0*, 34 40, 22 100",
        "2 0, 56 0*, 16 100",
        "2 16, 2 0*, 56 0*, 28 50, 20 100",
    ),
    8: (
        "29 46, 8 38, 4 22, 10 6, 29 0, 48 6, 54 22, 50 38, 29 46, 6 56, "
        "0 74, 8 94, 29 100, 50 94, 58 74, 52 56, 29 46",
        "50 16, 40 2, 18 2, 8 16, 14 34, 44 56, 54 76, 44 96, 16 98, 4 80, "
        "14 58, 42 38, 50 16",
    ),
    9: (
        "2 76, 10 96, 28 100, 48 86, 58 50, 52 12, 30 0, 8 8, 0 32, 10 56, "
        "30 62, 50 52, 56 36",
        "16 100, 46 60, 58 30, 46 6, 28 0, 8 8, 0 30, 10 52, 30 58, 52 44",
        "6 96, 34 88, 54 56, 56 26, 44 4, 26 0, 6 10, 2 34, 14 56, 34 56, "
        "52 42",
    ),
}


def print_digits(number: int, rng: np.random.Generator) -> StrokeSet:
    """Makes printed digits, each equally often, in typefaces' forms.

    Args:
        number: how many, 1 or more.
        rng: draws forms, widths and slants.

    Returns:
        That number of digits, all of one writer, `PRINTED`.

    Example:
        >>> digits = print_digits(20, np.random.default_rng(0))
        >>> len(digits), digits.labels[:3].tolist()
        (20, ['0', '1', '2'])
    """
    characters = []
    for index in range(number):
        forms = TYPEFACES[index % 10]
        wide = np.exp(rng.normal(0, WIDTH))
        matrix = np.array([[wide, 0], [rng.normal(0, SLANT), 1]])
        form = forms[rng.integers(len(forms))]
        characters.append(
            [_draw(stroke, rng) @ matrix for stroke in form.split("/")]
        )
    labels = [str(index % 10) for index in range(number)]
    return StrokeSet.of(characters, labels, [PRINTED] * number)


def _draw(stroke: str, rng: np.random.Generator) -> np.ndarray:
    points, corners = parse(stroke)
    points = points + rng.normal(0, JITTER, points.shape)
    return curve(len(points), corners, 8) @ points
