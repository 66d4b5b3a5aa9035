"""The generator of handwriting: digits as pen strokes.

Every digit starts as one of the skeletons, is deformed as handwriting is, and
comes out as the path of a pen. Nothing here was learned from MNIST's images.
"""

import functools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError
from mnistcnn.ink.curves import Skeleton, curve, parse
from mnistcnn.ink.skeletons import SKELETONS

PEN_WIDTHS = (1.2, 4.6)  # pixels of a 20x20 box; what lies beyond is cut
MEDIAN_WIDTH = 2.3
JITTER = 0.033  # of the height: how far control points stray

Path = npt.NDArray[np.float32]


def draw_digit(
    label: int, rng: np.random.Generator, *, form: int | None = None
) -> list[Path]:
    """Writes one digit by hand.

    Args:
        label: the digit, 0 to 9.
        rng: the source of all random choices; the same generator in the same
            state writes the same strokes.
        form: which of the digit's `SKELETONS` to write; by default one is drawn
            at random, with the frequency that people write it.

    Returns:
        The strokes in the order and direction of writing, each `(n, 2)`
        float32, `n >= 2`, x right and y down, in units of the digit's height,
        roughly within the unit box, sampled densely enough to be joined by
        straight lines.

    Raises:
        DataError: the label is not a digit, or has no such form.

    Example:
        >>> strokes = draw_digit(7, np.random.default_rng(0))
        >>> strokes[0].shape[1], strokes[0].dtype
        (2, dtype('float32'))
    """
    if label not in SKELETONS:
        raise DataError(
            f"Expected a digit from 0 to 9. Received: {label!r}. "
            "Pass label as an int."
        )
    forms, shares = _forms(int(label))
    if form is None:
        form = int(np.searchsorted(shares, rng.random(), side="right"))
    if not 0 <= form < len(forms):
        raise DataError(
            f"Expected a form of {label} from 0 to {len(forms) - 1}. Received: "
            f"{form!r}. Leave form out to take any."
        )
    return write(forms[form], rng)


def write(form: Sequence[Skeleton], rng: np.random.Generator) -> list[Path]:
    """Writes one form by hand: bent, slanted and shaky.

    Args:
        form: its strokes, each as `parse` makes them.
        rng: where every choice comes from.

    Returns:
        As `draw_digit`.

    Example:
        >>> write([parse("50 0, 50 100")], np.random.default_rng(0))[0].ndim
        2
    """
    paths = [
        curve(len(points), corners, int(rng.integers(5, 11)))
        @ (points + rng.normal(0, JITTER, points.shape))
        for points, corners in form
    ]
    ends = np.cumsum([len(path) for path in paths])[:-1]
    path = _warp(np.concatenate(paths), rng) + _tremor(ends, paths, rng)
    return np.split(path.astype(np.float32), ends)


def pen_width(rng: np.random.Generator) -> float:
    """Picks a pen.

    Args:
        rng: where the choice comes from.

    Returns:
        The pen's width in pixels where the digit fills MNIST's 20x20 box.

    Example:
        >>> width = pen_width(np.random.default_rng(0))
        >>> PEN_WIDTHS[0] <= width <= PEN_WIDTHS[1]
        True
    """
    width = MEDIAN_WIDTH * math.exp(rng.normal(0, 0.32))
    return float(min(max(width, PEN_WIDTHS[0]), PEN_WIDTHS[1]))


@functools.cache
def _forms(label):
    shares = np.cumsum([share for share, _ in SKELETONS[label]])
    forms = [
        [parse(stroke) for stroke in text.split("/")]
        for _, text in SKELETONS[label]
    ]
    return forms, shares / shares[-1]


def _warp(path, rng):
    """Warps a path: parts, waves, aspect, slant, rotation, place."""
    x, y = (path - 0.5).T
    grow, bow, lean, squeeze = rng.normal(0, (0.35, 0.17, 0.15, 0.33))
    y = y + squeeze * (0.25 - y * y)
    x = x * (1 + grow * y) + bow * (y * y - 0.08)
    y = y + lean * x
    wave = rng.normal(0, 0.018, (2, 2))
    phase = rng.uniform(0, 2 * math.pi, (2, 2))
    pitch = rng.uniform(3, 7, (2, 2))
    for k in range(2):
        x = x + wave[k, 0] * np.sin(pitch[k, 0] * y + phase[k, 0])
        y = y + wave[k, 1] * np.sin(pitch[k, 1] * x + phase[k, 1])
    x = x * math.exp(rng.normal(0, 0.3))
    x = x - (0.12 + rng.normal(0, 0.25)) * y
    turn = rng.normal(0, 0.12)
    cos, sin = math.cos(turn), math.sin(turn)
    size = 0.9 * math.exp(rng.normal(0, 0.08))
    place = rng.normal(0.5, 0.02, 2)
    return size * np.stack([cos * x - sin * y, sin * x + cos * y], 1) + place


def _tremor(ends, paths, rng):
    """Draws a hand's tremor: noise smoothed over five points."""
    n = sum(len(path) for path in paths)
    noise = rng.normal(0, rng.uniform(0, 0.008), (n + 4, 2))
    return (
        noise[:-4] + noise[1:-3] + noise[2:-2] + noise[3:-1] + noise[4:]
    ) / 2
