"""The generator of non-digits: letters, shapes, scribbles, accidents.

A network that has seen nothing but digits takes everything for one. These
are drawn for training, where they are the rejection class.
"""

import functools
import math

import numpy as np

from mnistcnn.ink.generator import Path, draw_digit, parse, write
from mnistcnn.ink.skeletons import LETTERS

# How often each kind is drawn.
KINDS = {"letter": 5, "shape": 2, "scribble": 2, "lines": 1, "accident": 3}
# Digits that are none when they are turned by a quarter (0 stays what it is,
# 1 is a dash, 5 and 2 can pass for each other), or seen in a mirror.
TURNABLE = (3, 4, 6, 7, 8, 9)
MIRRORABLE = (3, 4, 6, 7, 9)


def draw_nondigit(rng: np.random.Generator) -> list[Path]:
    """Draws a non-digit.

    Args:
        rng: where every choice comes from.

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
    strokes = _DRAW[list(KINDS)[index]](rng)
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
        # More corners are a 0; a star goes on to the next corner but one.
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
    """Draws a pen that goes to and fro without a plan."""
    strokes = []
    for _ in range(rng.integers(1, 3)):
        n = int(rng.integers(5, 16))
        form = [(rng.uniform(0, 1, (n, 2)), tuple(range(n)) * rng.integers(2))]
        strokes += write(form, rng)
    return strokes


def _lines(rng):
    """Draws a few straight lines that make nothing."""
    return [rng.uniform(0, 1, (2, 2)) for _ in range(rng.integers(3, 7))]


def _accident(rng):
    """Draws digits turned, mirrored, run together or struck out."""
    kind = rng.integers(4)
    if kind == 0:
        strokes = draw_digit(int(rng.choice(TURNABLE)), rng)
        turn = np.array([[0, 1], [-1, 0]]) * rng.choice([-1, 1])
        return [stroke @ turn for stroke in strokes]
    if kind == 1:
        strokes = draw_digit(int(rng.choice(MIRRORABLE)), rng)
        return [stroke * (-1, 1) for stroke in strokes]
    one = draw_digit(int(rng.integers(10)), rng)
    if kind == 2:
        two = draw_digit(int(rng.integers(10)), rng)
        right = np.concatenate(one)[:, 0].max()
        left = np.concatenate(two)[:, 0].min()
        gap = np.array([right - left + rng.uniform(0, 0.3), 0])
        return [*one, *(stroke + gap for stroke in two)]
    # Once through would be a slashed 0 or a crossed 7.
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
