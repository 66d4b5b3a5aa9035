"""Generated characters, in forms that are rare among real writers."""

import itertools
from collections.abc import Sequence

import numpy as np

from composed_numbers.composing import Number, put_alone
from mnistcnn.ink import draw_digit

LIFTED = 0.3  # share of generated characters with the pen lifted at corners
CORNER = 0.9  # radians: a corner is where a path turns by more
# Letters of straight lines that do not look like a digit; those that look like
# rows of 1s are chosen more often.
STRAIGHT = "AEFHKLMNTVWYkvw" + 2 * "MNVWvw"
SLIP = 0.02  # of the height: how far off the pen continues after a lift


def generate_writer(rng: np.random.Generator) -> dict[str, list]:
    """Draws digits, some of rare forms.

    A slashed 0, an 8 of two rings, a 9 with its stem beside the ring.
    """
    digits = {
        str(label): [draw_digit(label, rng) for _ in range(2)]
        for label in range(10)
    }
    turns = np.linspace(0, 2 * np.pi, 30)
    ring = np.stack([np.sin(turns), -np.cos(turns)], 1)
    top, bottom = rng.uniform(0.2, 0.3, (2, 2))
    gap = np.array([0, top[1] + bottom[1] + rng.uniform(-0.02, 0.06)])
    for digit in digits["0"]:
        points = np.concatenate(digit)
        low, high = points.min(0), points.max(0)
        ends = np.array([[high[0], low[1]], [low[0], high[1]]])
        digit.append(ends + rng.normal(0, 0.08, (2, 2)))
    digits["0"].append(draw_digit(0, rng))
    digits["8"] += [[ring * top, ring * bottom + gap]] * 2
    stem = np.array([[0, -top[1]], [rng.uniform(-0.1, 0.05), 0.75]])
    aside = np.array([top[0] + rng.uniform(0, 0.06), rng.uniform(0, 0.1)])
    digits["9"] += [[ring * top, stem + aside]] * 2
    return {
        label: [lift_pen(strokes, rng) for strokes in drawn]
        for label, drawn in digits.items()
    }


def lift_pen(
    strokes: Sequence[np.ndarray],
    rng: np.random.Generator,
    share: float = LIFTED,
) -> list[np.ndarray]:
    """Splits strokes at sharp corners, as some writers always do."""
    if rng.random() >= share:
        return list(strokes)
    found = []
    for stroke in strokes:
        turns = np.diff(np.unwrap(np.arctan2(*np.diff(stroke, axis=0).T)))
        corners = np.flatnonzero(np.abs(turns) > CORNER) + 1
        edges = [0, *corners.tolist(), len(stroke) - 1]
        found += [
            stroke[start : end + 1] + rng.normal(0, SLIP, 2) * (start > 0)
            for start, end in itertools.pairwise(edges)
        ]
    return found


def put_letter(
    signs: dict[str, list], rng: np.random.Generator, pen: float
) -> Number | None:
    """Makes a letter of straight lines, a stroke each; None if there is none.

    Args:
        signs: writers' letters, by name.
        rng: chooses the letter.
        pen: the width of the pen, 0 if only its path counts.
    """
    names = [name for name in STRAIGHT if name in signs]
    if not names:
        return None
    drawn = signs[names[rng.integers(len(names))]]
    lifted = lift_pen(drawn[rng.integers(len(drawn))], rng, 1.0)
    return put_alone(lifted, "?", rng, pen)


def put_stems(rng: np.random.Generator, pen: float) -> Number:
    """Makes a line of two to four 1s that all lean and bend alike."""
    down = np.linspace(0, 1, 25)
    lean, bend = rng.normal(-0.1, 0.25), rng.normal(0, 0.06)
    aside = lean * down + 4 * bend * down * (1 - down)
    stem = np.stack([aside, down], 1)
    step, n = pen + rng.uniform(0.01, 0.12), int(rng.integers(2, 5))
    groups = tuple((k,) for k in range(n))
    strokes = tuple(np.add(stem, (k * step, 0)) for k in range(n))
    return Number(strokes, groups, ("1",) * n, (0,) * n, pen)
