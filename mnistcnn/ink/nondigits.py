"""The generator of non-digits: letters, shapes, scribbles, accidents.

A network that has seen only digits takes everything for a digit. These are
drawn for training, where they make up the rejection class.
"""

import functools
import math

import numpy as np

from mnistcnn.ink.curves import parse
from mnistcnn.ink.generator import Path, draw_digit, write

# How often each kind is drawn.
KINDS = {"letter": 5, "shape": 2, "scribble": 2, "lines": 1, "accident": 3}
# Digits that are no longer digits when they are rotated by 90 degrees (0 stays
# what it is, 1 is a dash, 5 and 2 can pass for each other), or mirrored.
TURNABLE = (3, 4, 6, 7, 8, 9)
MIRRORABLE = (3, 4, 6, 7, 9)
# Skeletons of letters that nobody takes for a digit. Those that look like
# digits (o, D, Q; I, i, l, j; Z; S; G, b; B; g, q, y) are not among them, nor
# is X, a cross.
LETTERS = {
    "A": ("10 100, 50 0*, 90 100 / 26 62, 76 62",),
    "C": ("84 18, 50 0, 16 40, 24 86, 56 100, 86 84",),
    "E": (
        "80 2, 20 2*, 20 100*, 82 98 / 20 50, 66 48",
        "78 10, 44 0, 24 20, 50 46*, 20 70, 44 100, 82 88",
    ),
    "F": ("80 2, 22 2*, 22 100 / 22 48, 68 46",),
    "H": ("16 0, 16 100 / 82 0, 82 100 / 16 50, 82 48",),
    "J": ("66 2, 66 76, 44 100, 14 74 / 36 2, 92 2",),
    "K": ("18 0, 18 100 / 80 0, 18 54*, 82 100",),
    "L": ("20 0, 20 100*, 80 98", "60 10, 36 0, 30 60, 12 98, 40 94, 84 100"),
    "M": ("8 100, 16 0*, 50 66*, 84 0*, 92 100",),
    "N": ("16 100, 16 0*, 82 100*, 82 0",),
    "P": ("20 100, 20 0 / 20 4, 66 2, 82 26, 60 52, 20 52",),
    "R": ("20 100, 20 2*, 66 2, 80 24, 60 48, 22 50*, 84 100",),
    "T": ("8 2, 92 2 / 50 2, 50 100",),
    "U": ("14 0, 18 72, 50 100, 80 72, 84 0",),
    "V": ("8 0, 48 100*, 90 0",),
    "W": ("4 0, 26 100*, 50 30*, 74 100*, 96 0",),
    "Y": ("10 0, 50 48*, 90 0 / 50 48, 50 100",),
    "a": (
        "76 6, 36 4, 14 50, 38 96, 74 60, 78 2*, 80 98",
        "24 12, 54 0, 76 20, 78 100 / 76 46, 30 50, 22 84, 50 96, 76 76",
    ),
    "d": ("78 0, 78 98 / 76 56, 44 40, 18 70, 40 100, 76 84",),
    "e": ("20 54, 80 50, 70 10, 34 6, 14 50, 40 98, 84 84",),
    "f": ("84 10, 60 0, 46 20, 46 100 / 18 40, 76 40",),
    "h": ("20 0, 20 100*, 22 60, 54 40, 76 60, 76 100",),
    "k": ("22 0, 22 100 / 72 36, 22 70*, 76 100",),
    "m": (
        "10 0, 12 100*, 14 40, 32 0, 48 40, 48 100*, 50 40, 70 0, 88 40, "
        "88 100",
    ),
    "n": ("20 0, 20 100*, 22 40, 52 0, 78 40, 78 100",),
    "p": ("20 2, 20 100 / 20 20, 56 4, 80 30, 54 58, 20 46",),
    "r": ("26 0, 26 100*, 28 40, 48 4, 80 10",),
    "t": ("44 0, 44 84, 66 100, 84 90 / 14 30, 78 30",),
    "u": ("16 0, 18 74, 46 98, 76 70, 78 0*, 80 100",),
    "w": ("6 0, 20 90, 46 80, 50 10*, 56 90, 84 80, 94 0",),
}


def draw_nondigit(
    rng: np.random.Generator, *, pairs: bool = True
) -> list[Path]:
    """Draws a non-digit.

    Args:
        rng: where every choice comes from.
        pairs: whether two digits side by side are among them: they are a
            non-digit as a single image, but two digits on a page.

    Returns:
        Strokes, each `(n, 2)` float32, `n >= 2`, x right and y down, roughly
        within the unit box.

    Example:
        >>> strokes = draw_nondigit(np.random.default_rng(0))
        >>> strokes[0].shape[1], strokes[0].dtype
        (2, dtype('float32'))
    """
    shares = np.cumsum(list(KINDS.values()))
    index = np.searchsorted(shares, rng.uniform(0, shares[-1]), side="right")
    kind = list(KINDS)[index]
    if kind == "accident" and not pairs:
        strokes = _accident(rng, pairs=False)
    else:
        strokes = _DRAW[kind](rng)
    return [np.asarray(stroke, np.float32) for stroke in strokes]


def _letter(rng):
    forms = _letters()
    return write(forms[rng.integers(len(forms))], rng)


@functools.cache
def _letters():
    return [
        [parse(stroke) for stroke in text.split("/")]
        for forms in LETTERS.values()
        for text in forms
    ]


def _shape(rng):
    """Draws a polygon, a star, a zigzag, a wave, a spiral or an arch."""
    kind = rng.integers(6)
    if kind < 2:
        # With more corners it would be a 0; a star connects every second
        # corner.
        n, step = (int(rng.integers(3, 5)), 1) if kind else (5, 2)
        corner = np.arange(n + 1) * step % n
        turns = corner * 2 * math.pi / n
        radii = rng.uniform(0.7, 1, n)[corner]
        path = radii[:, None] * _circle(turns + rng.uniform(0, 2 * math.pi))
        return [_squeeze(path, rng)]
    n = int(rng.integers(3, 8))
    if kind == 2:
        path = np.stack([np.arange(n + 1) / n, np.arange(n + 1) % 2], 1)
        path = path * (1, rng.uniform(0.2, 0.8))
    elif kind == 3:
        along = np.linspace(0, 1, 40)
        wave = rng.uniform(0.1, 0.3) * np.sin(along * math.pi * n)
        path = np.stack([along, wave], 1)
    elif kind == 4:
        turns = np.linspace(0, 2 * math.pi * rng.uniform(1.6, 3.5), 80)
        path = (0.15 + turns[:, None] / 6) * _circle(turns)
    else:
        turns = np.linspace(math.pi, 2 * math.pi, 20)
        path = _circle(turns) * (0.5, rng.uniform(0.2, 0.7))
    return [_squeeze(path + rng.normal(0, 0.01, path.shape), rng)]


def _scribble(rng):
    """Draws a scribble: a pen that goes to and fro at random."""
    strokes = []
    for _ in range(rng.integers(1, 3)):
        n = int(rng.integers(5, 16))
        form = [(rng.uniform(0, 1, (n, 2)), tuple(range(n)) * rng.integers(2))]
        strokes += write(form, rng)
    return strokes


def _lines(rng):
    """Draws a few straight lines at random."""
    return [rng.uniform(0, 1, (2, 2)) for _ in range(rng.integers(3, 7))]


def _accident(rng, pairs=True):
    """Draws digits turned, mirrored, struck out or run together."""
    kind = rng.integers(4 if pairs else 3)
    if kind == 0:
        strokes = draw_digit(int(rng.choice(TURNABLE)), rng)
        turn = np.array([[0, 1], [-1, 0]]) * rng.choice([-1, 1])
        return [stroke @ turn for stroke in strokes]
    if kind == 1:
        strokes = draw_digit(int(rng.choice(MIRRORABLE)), rng)
        return [stroke * (-1, 1) for stroke in strokes]
    one = draw_digit(int(rng.integers(10)), rng)
    if pairs and kind == 2:
        two = draw_digit(int(rng.integers(10)), rng)
        right = np.concatenate(one)[:, 0].max()
        left = np.concatenate(two)[:, 0].min()
        gap = np.array([right - left + rng.uniform(0, 0.3), 0])
        return [*one, *(stroke + gap for stroke in two)]
    # A single stroke through it would make a slashed 0 or a crossed 7.
    n = int(rng.integers(4, 9))
    strike = np.stack([np.arange(n) % 2, np.linspace(0.2, 0.8, n)], 1)
    return [*one, strike + rng.normal(0, 0.1, strike.shape)]


def _circle(turns):
    return np.stack([np.cos(turns), np.sin(turns)], -1)


def _squeeze(path, rng):
    """Makes a path wider or narrower, and leans it."""
    turn = rng.uniform(0, 2 * math.pi)
    cos, sin = math.cos(turn), math.sin(turn)
    path = path @ np.array([[cos, -sin], [sin, cos]])
    return path * np.exp(rng.normal(0, 0.2, 2))


_DRAW = {
    "letter": _letter,
    "shape": _shape,
    "scribble": _scribble,
    "lines": _lines,
    "accident": _accident,
}
