"""Numbers beside signs and letters: sums, prices, shares, units, and words."""

from collections.abc import Sequence

import numpy as np

from composed_numbers.composing import Number
from composed_numbers.placing import draw_ring, find_place, scale_sign
from mnistcnn.ink import is_nondigit

# The minimum and maximum height of a sign in a line of height 1, and the
# position of its middle, with 0 at the top. Slash and brackets are left out:
# only the context distinguishes them from a 1.
FORMS = {
    **dict.fromkeys("!?$%#&@", ((0.9, 1.2), 0.5)),
    **dict.fromkeys("+*<>", ((0.4, 0.8), 0.5)),
    "=": ((0.2, 0.4), 0.5),
    "~": ((0.15, 0.3), 0.5),
    ":": ((0.35, 0.65), 0.6),
    ";": ((0.45, 0.8), 0.75),
}
# Letters that do not look like digits: small ones on the line, or below it.
SMALL, BELOW = "acemnruvwx", "p"
LETTERS, WORD = 0.45, 4  # share of letters beside digits; at most in a row
SHORT, RINGED = 0.06, 0.08  # shares of short digits and of ringed numbers
WIDEST = 1.3  # of a line's height: the maximum width, of a flat stroke


def place_sign(
    drawn: Sequence[np.ndarray], name: str, rng: np.random.Generator
) -> list[np.ndarray]:
    """Scales a sign to a line from 0 to 1, its left edge at 0."""
    if name in FORMS:
        (least, most), middle = FORMS[name]
        height = rng.uniform(least, most)
    else:
        height = rng.uniform(0.85, 1.2)
        if name in SMALL + BELOW:
            height = rng.uniform(0.5, 1.0)
        middle = 1 - height / 2 + (height / 3) * (name in BELOW)
    middle += rng.normal(0, 0.05)
    points = np.concatenate(drawn).astype(np.float64)
    low, high = points.min(0), points.max(0)
    wide, tall = np.maximum(high - low, 1e-6)
    scale = min(height / tall, WIDEST / wide)
    centre = (low + high) / 2
    return [(s - (low[0], centre[1])) * scale + (0, middle) for s in drawn]


def put_beside(
    writer: dict[str, list],
    signs: dict[str, list],
    rng: np.random.Generator,
    gap: str,
    pen: float,
) -> Number | None:
    """Puts a sign or a word before, behind or between up to six digits.

    Args:
        writer: of `read_writers`, whose digits they are.
        signs: the available signs and letters, by name.
        rng: makes all choices.
        gap: a key of `GAPS`.
        pen: the width of the pen, 0 if only its path counts.

    Returns:
        The number, without digits if it is only a word; None if no sign is
        available.
    """
    names = _choose_names(writer, signs, rng)
    if not names:
        return None
    strokes: list[np.ndarray] = []
    groups = []
    last: list[np.ndarray] = []
    right = None
    for name in names:
        source = writer if name.isdecimal() else signs
        drawn = source[name][rng.integers(len(source[name]))]
        if name.isdecimal():
            drawn = scale_sign(drawn, name, rng, SHORT)
        else:
            drawn = place_sign(drawn, name, rng)
        move = find_place(last, drawn, right, gap, rng) + pen * bool(last)
        last = [np.add(stroke, (move, 0.0)) for stroke in drawn]
        groups.append(tuple(range(len(strokes), len(strokes) + len(last))))
        strokes += last
        right = max(float(stroke[:, 0].max()) for stroke in last)
    labels = [name if name.isdecimal() else "?" for name in names]
    if rng.random() < RINGED:
        groups.append((len(strokes),))
        strokes.append(draw_ring(strokes, rng))
        labels.append("")
    lines = (0,) * len(labels)
    return Number(tuple(strokes), tuple(groups), tuple(labels), lines, pen)


def _choose_names(writer, signs, rng):
    """Chooses the signs of a row; none if no sign is available."""
    kinds = [k for k in FORMS if k in signs]
    letters = [k for k in sorted(signs) if k.isalpha()]
    letters = [k for k in letters if is_nondigit(np.array([k]))[0]]
    word = bool(letters) and rng.random() < LETTERS
    count = int(rng.integers(1, WORD + 1)) if word else 1
    if word:
        kinds = letters
    if not kinds:
        return []
    names = [kinds[k] for k in rng.integers(0, len(kinds), count)]
    before, after = rng.integers(0, 4, 2)
    after += before + after == 0 and not word
    digits = sorted(k for k in writer if k.isdecimal())
    beside = [digits[k] for k in rng.integers(0, len(digits), before + after)]
    return [*beside[:before], *names, *beside[before:]]
