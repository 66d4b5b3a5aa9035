"""Lattices of composed numbers of which the true path is known."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from composed_numbers.number_pictures import draw_number, make_picture
from composed_numbers.placing import GAPS, draw_slash
from mnistcnn.ink import draw_nondigit, is_nondigit
from mnistcnn.pictures import clean_picture, find_pieces, strokes_to_image
from mnistcnn.reading.inklooks import draw_signs
from mnistcnn.reading.lattice import Lattice, build_lattice
from mnistcnn.reading.pieces import cut_strokes, describe_ink

# So many of the examples are one character, by itself, as strokes and as
# pictures.
ALONE = (0.4, 0.34)
DIGITS = 0.65  # of these are digits
MADE = 0.5  # of the others are a generator's
GENERATED = 0.4  # of the writers are a generator's
RARE = 0.06  # so many more of each are what is rare
PAIRS = (0.5, 0.62)  # of the numbers are two digits that touch
# Shares of the others: lines, and how often a sign stands for a digit.
MIXTURE = ((0.45, 1, 0.0), (0.3, 1, 0.25), (0.25, 2, 0.03))


@dataclass(frozen=True, eq=False)
class Example:
    """A lattice of which the true path is known.

    Args:
        lattice: of the signs that are proposed.
        images: `(m, 28, 28)` uint8.
        places: `(m,)`, of each image the place of its sign.
        truth: of the path's signs the place, and whether it is no digit.
    """

    lattice: Lattice
    images: np.ndarray
    places: np.ndarray
    truth: tuple[tuple[int, bool], ...]


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
        writer = writers[rng.integers(len(writers))]
        if rng.random() < GENERATED:
            writer = generate_writer(rng)
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
    # Of their own generator: the others stay as they were.
    rng = np.random.default_rng(1)
    zeros = [zero for writer in writers for zero in writer.get("0", ())]
    for place in range(int(RARE * numbers)):
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


def choose_alone(
    writer: dict[str, list],
    signs: dict[str, list],
    rng: np.random.Generator,
    pen: float,
) -> Number:
    """Chooses one character: a writer's digit, or as often what is none."""
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


def make_of_strokes(number: Number, _: np.random.Generator) -> Example | None:
    """Makes the lattice of a number's strokes."""
    parts, pieces = cut_strokes(number.strokes)
    owners = {i: k for k, group in enumerate(number.groups) for i in group}
    lattice = build_lattice(pieces)
    images = [
        strokes_to_image([parts[i] for i in group])
        for group in lattice.proposals
    ]
    looks = np.stack(images), np.arange(len(images))
    return _complete(
        lattice, looks, [owners[int(s)] for s in pieces.sources], number
    )


def make_of_picture(number: Number, rng: np.random.Generator) -> Example | None:
    """Makes the lattice of a number's picture; None where it is no sheet."""
    ink, parts = draw_number(number, rng)
    sheet = clean_picture(make_picture(ink, rng))
    if sheet.cells or sheet.ink.shape != ink.shape:
        return None
    found, _ = find_pieces(sheet.ink)
    lattice = build_lattice(describe_ink(found))
    if not found:
        return None
    images, places, _ = draw_signs(found, lattice.proposals)
    owners = []
    for piece in found:
        left, top, right, bottom = piece.box
        inside = [part[top:bottom, left:right] for part in parts]
        shares = [part[piece.ink > 0].sum(dtype=float) for part in inside]
        owners.append(int(np.argmax(shares)))
    return _complete(lattice, (images, places), owners, number)


def _complete(lattice, looks, owners, number):
    """Finds the true path, None where it is not in the lattice."""
    # A sign without a piece of its own is in another's, which is not one then.
    if set(owners) != set(range(len(number.groups))):
        return None
    places = {group: k for k, group in enumerate(lattice.proposals)}
    truth = []
    for owner in sorted(set(owners)):
        group = tuple(k for k, name in enumerate(owners) if name == owner)
        if group not in places:
            return None
        truth.append((places[group], not number.labels[owner].isdecimal()))
    return Example(lattice, *looks, tuple(truth))
