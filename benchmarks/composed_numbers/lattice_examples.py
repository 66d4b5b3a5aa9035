"""Lattices of composed numbers whose true path is known."""

from dataclasses import dataclass

import numpy as np

from composed_numbers.composing import Number
from composed_numbers.number_pictures import draw_number, make_picture
from mnistcnn.pictures import clean_picture, find_pieces, strokes_to_image
from mnistcnn.reading.inklooks import draw_signs
from mnistcnn.reading.lattice import Lattice, build_lattice
from mnistcnn.reading.pieces import cut_strokes, describe_ink


@dataclass(frozen=True, eq=False)
class Example:
    """A lattice whose true path is known.

    Args:
        lattice: of the proposed signs.
        images: `(m, 28, 28)` uint8.
        places: `(m,)`, for each image the index of its sign.
        truth: for each sign of the path its index, and whether it is a
            non-digit.
    """

    lattice: Lattice
    images: np.ndarray
    places: np.ndarray
    truth: tuple[tuple[int, bool], ...]


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
    """Makes the lattice of a number's picture; None if that is not usable."""
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
    """Finds the true path; None if it is not in the lattice."""
    # A sign that owns no piece is merged into another sign's piece.
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
