"""The mixture of numbers to which the reader's prior is fitted."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from composed_numbers.composing import (
    PENS,
    Number,
    compose,
    put_alone,
    read_writers,
)
from composed_numbers.generated import (
    generate_writer,
    lift_pen,
    put_letter,
    put_stems,
)
from composed_numbers.lattice_examples import (
    Example,
    make_of_picture,
    make_of_strokes,
)
from composed_numbers.placing import GAPS, draw_slash
from composed_numbers.signed import put_beside
from mnistcnn.ink import draw_nondigit, is_nondigit

# The share of examples that are a single character, as strokes and as pictures.
ALONE = (0.4, 0.34)
DIGITS = 0.65  # the share of these that are digits
MADE = 0.5  # the share of the non-digits that are generated
GENERATED = 0.4  # the share of writers that are generated
RARE = 0.06  # extra examples of each rare kind
PAIRS = (0.5, 0.62)  # the share of numbers that are two touching digits
# Extra examples: touching digits as pictures, digits beside signs, and single
# characters as strokes. With more signs, fewer digits are read; with more pairs
# alone, more digits of several strokes are read as two.
PAIRED, SIGNED, SINGLE = 0.3, 0.2, 0.3
# Of the other numbers: share, lines, and probability of a sign for a digit.
MIXTURE = ((0.45, 1, 0.0), (0.3, 1, 0.25), (0.25, 2, 0.03))


def make_examples(
    paths: Sequence[Path], numbers: int, rng: np.random.Generator
) -> list[Example]:
    """Makes lattices of composed numbers, as strokes and as pictures."""
    writers = read_writers(paths, "fitting")
    signs: dict[str, list] = {}
    for writer in writers:
        for name, drawn in writer.items():
            if not name.isdecimal():
                signs.setdefault(name, []).extend(drawn)
    shares = [share for share, _, _ in MIXTURE]
    examples = []
    for place in range(numbers):
        as_ink = bool(place % 2)
        pen = rng.uniform(*PENS) if as_ink else 0.0
        writer = _choose_writer(writers, rng)
        if rng.random() < ALONE[as_ink]:
            number = choose_alone(writer, signs, rng, pen)
        else:
            _, lines, share = MIXTURE[rng.choice(len(MIXTURE), p=shares)]
            size, gap = (lines, 2, 6), list(GAPS)[place // 2 % len(GAPS)]
            if rng.random() < PAIRS[as_ink]:
                size, gap, share = (1, 2, 2), "touching", 0.0
            number = compose(
                writer,
                rng,
                gap,
                size=size,
                signs=share,
                others=signs,
                pen=pen,
            )
        make = make_of_picture if as_ink else make_of_strokes
        example = make(number, rng)
        examples += [example] if example else []
    # They have their own random generators: the others stay the same.
    examples += _make_rare(writers, signs, int(RARE * numbers))
    examples += _make_beside(writers, signs, numbers)
    examples += _make_single(writers, signs, int(SINGLE * numbers))
    return examples


def _make_rare(writers, signs, count):
    """Makes 1s side by side, letters of straight lines, zeros with a slash."""
    rng = np.random.default_rng(1)
    zeros = [zero for writer in writers for zero in writer.get("0", ())]
    examples = []
    for place in range(count):
        pen = rng.uniform(*PENS) if place % 2 else 0.0
        make = make_of_picture if pen else make_of_strokes
        rare = [put_stems(rng, pen)]
        rare += [put_letter(signs, rng, pen) for _ in range(2)]
        found = [make(number, rng) for number in rare if number]
        for _ in range(2):
            zero = zeros[rng.integers(len(zeros))]
            slashed = [*zero, draw_slash(zero, rng)]
            number = put_alone(slashed, "0", rng, 0.0)
            found.append(make_of_strokes(number, rng))
        examples += [example for example in found if example]
    return examples


def _make_beside(writers, signs, numbers):
    """Makes pictures of digits that touch, and digits beside signs."""
    rng = np.random.default_rng(2)
    gaps = [gap for gap in GAPS if GAPS[gap]]
    examples = []
    for place in range(int((PAIRED + SIGNED) * numbers)):
        pair = place < PAIRED * numbers
        pen = rng.uniform(*PENS) if pair or place % 2 else 0.0
        writer = _choose_writer(writers, rng)
        if pair:
            number = compose(writer, rng, "touching", size=(1, 2, 2), pen=pen)
        else:
            gap = gaps[rng.integers(len(gaps))]
            number = put_beside(writer, signs, rng, gap, pen)
        make = make_of_picture if pen else make_of_strokes
        example = make(number, rng) if number else None
        examples += [example] if example else []
    return examples


def _make_single(writers, signs, count):
    """Makes single characters, as strokes."""
    rng = np.random.default_rng(3)
    examples = []
    for _ in range(count):
        writer = _choose_writer(writers, rng)
        number = choose_alone(writer, signs, rng, 0.0)
        example = make_of_strokes(number, rng)
        examples += [example] if example else []
    return examples


def _choose_writer(writers, rng):
    """Chooses a writer, sometimes a generated one."""
    writer = writers[rng.integers(len(writers))]
    return generate_writer(rng) if rng.random() < GENERATED else writer


def choose_alone(
    writer: dict[str, list],
    signs: dict[str, list],
    rng: np.random.Generator,
    pen: float,
) -> Number:
    """Chooses a character: a writer's digit, or a non-digit."""
    digits = rng.random() < DIGITS
    kinds = writer if digits else signs
    wanted = [k for k in sorted(kinds) if k.isdecimal() == digits]
    if not digits:
        wanted = [k for k in wanted if is_nondigit(np.array([k]))[0]]
        if not wanted or rng.random() < MADE:
            made = lift_pen(draw_nondigit(rng, pairs=False), rng)
            return put_alone(made, "?", rng, pen)
    label = wanted[rng.integers(len(wanted))]
    drawn = kinds[label][rng.integers(len(kinds[label]))]
    return put_alone(drawn, label, rng, pen)
