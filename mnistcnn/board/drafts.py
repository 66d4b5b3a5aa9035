"""Drafts: a drawing, and all the digits that it may contain."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.board.digits import Digit, Key, Prediction
from mnistcnn.board.pieces import Piece
from mnistcnn.board.rendering import strokes_to_digit
from mnistcnn.board.service import Network
from mnistcnn.ink import Stroke
from mnistcnn.pictures import strokes_to_image
from mnistcnn.reading import (
    REJECTED,
    Lattice,
    Sign,
    build_lattice,
    choose_signs,
    cut_strokes,
    find_rulings,
)


@dataclasses.dataclass(frozen=True, eq=False)
class Draft:
    """A drawing, and the digits that it may contain.

    Args:
        ink: the strokes.
        sources: for each piece of ink the index of its stroke.
        lattice: of the pieces.
        images: for each proposal of the lattice, in order, `(28, 28)` uint8.
    """

    ink: tuple[Stroke, ...]
    sources: npt.NDArray[np.int64]
    lattice: Lattice
    images: dict[Key, npt.NDArray[np.uint8]]

    def keep(self, digits: Sequence[Digit]) -> list[Digit]:
        """Returns those digits whose strokes still all exist."""
        kept = {stroke.number for stroke in self.ink}
        return [
            digit
            for digit in digits
            if all(stroke.number in kept for stroke in digit.strokes)
        ]

    def choose(
        self,
        said: Mapping[Key, Prediction],
        network: Network | None,
        before: Sequence[Digit],
        networks: int,
    ) -> list[Digit]:
        """Chooses the digits.

        Args:
            said: the first network's predictions by image; if one is missing,
                shapes decide.
            network: the first, None if it is not known.
            before: the previous digits; unchanged ones are kept.
            networks: how many there are.

        Returns:
            The digits in reading order.
        """
        looks, classes = None, network.classes if network else ()
        if not all(key in said for key in self.images):
            said = {}
        else:
            looks = [
                (image, said[key].probabilities)
                for key, image in self.images.items()
            ]
        keys = list(self.images)
        known = {digit.key: digit for digit in before}
        grown = {s.number: digit for digit in before for s in digit.strokes}
        found = []
        for sign in choose_signs(self.lattice, looks, classes):
            key = keys[sign.place]
            digit = self._make(sign, key, said.get(key))
            old = known.get(key)
            if old and _is_same(old, digit):
                found.append(old)
                continue
            # While a digit grows, its last prediction is still shown.
            numbers = (stroke.number for stroke in digit.strokes)
            old = old or next(filter(None, map(grown.get, numbers)), None)
            first, *others = old.predictions if old else (None,) * networks
            predictions = (digit.predictions[0] or first, *others)
            found.append(dataclasses.replace(digit, predictions=predictions))
        return found

    def _make(self, sign: Sign, key: Key, said: Prediction | None) -> Digit:
        places = sorted({int(self.sources[piece]) for piece in sign.pieces})
        strokes = tuple(self.ink[place] for place in places)
        given = max(strokes, key=lambda stroke: stroke.labelled).label
        if said and not sign.is_digit:
            said = dataclasses.replace(said, label=REJECTED)
        image = self.images[key]
        return Digit(strokes, sign.box, image, (said,), given, key, sign.line)


def compare_strokes(
    ink: Sequence[Stroke], known: Mapping[Key, npt.NDArray[np.uint8]]
) -> Draft:
    """Finds out which groups of strokes may be digits.

    Args:
        ink: the strokes; ruling lines among them do not belong to a digit.
        known: images that were drawn before.

    Returns:
        The draft.
    """
    lines = find_rulings([stroke.points for stroke in ink])
    ink = [stroke for k, stroke in enumerate(ink) if k not in lines]
    whole = [k for k, stroke in enumerate(ink) if isinstance(stroke, Piece)]
    parts, pieces = cut_strokes([stroke.points for stroke in ink], whole)
    lattice = build_lattice(pieces)
    sources = pieces.sources
    names = [
        (ink[k].number, len(ink[k].points), int((sources[:i] == k).sum()))
        for i, k in enumerate(sources)
    ]
    images = {}
    for places in lattice.proposals:
        key = tuple(names[i] for i in places)
        image = known.get(key)
        if image is None:
            sources_of = sorted({int(sources[i]) for i in places})
            cut = sum(int(np.isin(sources, k).sum()) for k in sources_of)
            image = (
                strokes_to_digit([ink[k] for k in sources_of])
                if cut == len(places)
                else strokes_to_image([parts[i] for i in places])
            )
        images[key] = image
    return Draft(tuple(ink), sources, lattice, images)


def _is_same(old: Digit, new: Digit) -> bool:
    """Returns whether a digit and its prediction are unchanged."""
    said, first = new.predictions[0], old.predictions[0]
    if old.given != new.given or old.line != new.line:
        return False
    if old.strokes != new.strokes:
        return False
    return said is None or (
        old.is_read(0) and bool(first and first.label == said.label)
    )
