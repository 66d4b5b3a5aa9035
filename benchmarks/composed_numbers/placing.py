"""Where the signs of a composed number go, and how large they are."""

from collections.abc import Sequence

import numpy as np

# Relative to the mean width of the two digits beside a gap; touching digits are
# moved until their ink meets, whatever their boxes.
GAPS = {
    "touching": None,
    "under 0.1": (0.0, 0.1),
    "0.1 to 0.4": (0.1, 0.4),
    "0.4 to 1": (0.4, 1.0),
}
OVERLAP = 0.3  # of the narrower of two touching digits, at most
# Non-digits, and their height in a line of height 1.
SIGNS = {"+": 0.55, "-": 0.03, "=": 0.25, ".": 0.08, ",": 0.2, ":": 0.5}

Strokes = Sequence[np.ndarray]


def draw_ring(strokes: Strokes, rng: np.random.Generator) -> np.ndarray:
    """A circle drawn around a digit to mark it."""
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    room = np.sqrt(2) * (high - low) / 2 + rng.uniform(0.05, 0.25, 2)
    turns = np.linspace(0, 2 * np.pi * rng.uniform(0.97, 1.05), 40)
    return (low + high) / 2 + room * np.stack([np.sin(turns), np.cos(turns)], 1)


def draw_slash(strokes: Strokes, rng: np.random.Generator) -> np.ndarray:
    """A slash through a 0, roughly from corner to corner."""
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    ends = np.array([[high[0], low[1]], [low[0], high[1]]])
    return ends + rng.normal(0, 0.08, (2, 2)) * (high - low).max()


def draw_bar(strokes: Strokes, rng: np.random.Generator) -> np.ndarray:
    """A nearly horizontal bar through the middle of a 0, and beyond it."""
    middle, size = _find_middle(strokes, rng)
    reach = rng.uniform(1.1, 2) * size[0] / 2
    side = np.array([1, rng.normal(0, 0.1)])
    return middle + reach * np.stack([-side, side])


def draw_point(strokes: Strokes, rng: np.random.Generator) -> np.ndarray:
    """A point in the middle of a 0, or a short stroke."""
    middle, size = _find_middle(strokes, rng)
    reach = rng.uniform(0, 0.12, 2) * size.max() / 2
    return middle + np.stack([-reach, reach])


def _find_middle(
    strokes: Strokes, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A digit's middle, slightly randomized, and its size."""
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    size = high - low
    return (low + high) / 2 + rng.normal(0, 0.06, 2) * size, size


def scale_sign(
    strokes: Strokes, label: str, rng: np.random.Generator, short: float
) -> list[np.ndarray]:
    """Scales a sign to a line from 0 to 1, its left edge at 0."""
    points = np.concatenate(strokes).astype(np.float64)
    low, high = points.min(0), points.max(0)
    wide, tall = np.maximum(high - low, 1e-6)
    height = float(np.exp(rng.normal(0, 0.1)))
    middle = 0.5 + rng.normal(0, 0.05)
    if not label.isdecimal():
        height = SIGNS.get(label, 0.9) * rng.uniform(0.7, 1.3)
        middle = 0.97 if label in ".," else middle
    scale = height / tall
    if label in "-=.":
        limit = 0.1 if label == "." else 0.6
        scale = rng.uniform(0.6, 1.3) * limit / max(wide, tall)
        if label == "." and rng.random() < 0.5:
            return [np.array([[0.0, middle], [rng.uniform(0, 0.03), middle]])]
    elif rng.random() < short and label.isdecimal():
        # A short digit beside tall ones.
        scale *= rng.uniform(0.4, 0.75)
    centre = (low + high) / 2
    return [
        (np.asarray(s, np.float64) - (low[0], centre[1])) * scale + (0, middle)
        for s in strokes
    ]


def find_place(
    before: Strokes,
    drawn: Strokes,
    right: float | None,
    gap: str,
    rng: np.random.Generator,
) -> float:
    """Finds how far a sign has to be moved to the right."""
    if right is None:
        return 0.0
    left = min(float(s[:, 0].min()) for s in before)
    width = max(float(s[:, 0].max()) for s in drawn)
    if GAPS[gap] is None:
        # Nobody writes a digit entirely under the arm of another.
        most = right - OVERLAP * max(min(right - left, width), 0.1)
        touch = _touch(before, drawn) + rng.uniform(-0.04, 0.02)
        return max(touch, most)
    mean = max((right - left + width) / 2, 0.35)
    return right + rng.uniform(*GAPS[gap]) * mean


def _touch(before, drawn):
    """The offset to the right at which a sign's paths just touch the others."""
    one, two = (np.concatenate([_fill(s) for s in p]) for p in (before, drawn))
    near = np.abs(one[:, None, 1] - two[None, :, 1]) < 0.04
    if not near.any():
        return one[:, 0].max()
    return float((one[:, None, 0] - two[None, :, 0])[near].max())


def _fill(stroke):
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0, along[-1], max(2, int(along[-1] / 0.03)))
    return np.stack([np.interp(wanted, along, stroke[:, k]) for k in (0, 1)], 1)
