"""Recognition: a network turns ink or strokes into readings."""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mnistcnn.ink import bounding_box
from mnistcnn.pictures import (
    Sheet,
    clean_sizes,
    find_pieces,
    number_strokes,
)
from mnistcnn.reading.checks import check_reach
from mnistcnn.reading.inklooks import choose_looks, draw_signs, part_doubled
from mnistcnn.reading.lattice import build_lattice
from mnistcnn.reading.looks import Look, StrokeLooks
from mnistcnn.reading.pieces import cut_strokes, describe_ink
from mnistcnn.reading.readings import REJECTED, Box, Reading, Readings
from mnistcnn.reading.retracing import find_retraced
from mnistcnn.reading.rulings import find_rulings
from mnistcnn.reading.segmentation import Sign, choose_signs

SPECK = 0.25  # of a line's height: in a picture a smaller sign is dirt
# A picture that looks like a photograph may still be digits: of at most FEW
# pieces, each with a probability of at least CERTAIN.
FEW = 8
CERTAIN = 0.8
# If the mean uncertainty of SIGNS digits exceeds LYING, they may be rotated.
LYING, SIGNS = 0.3, 6


@dataclass(frozen=True, eq=False)
class Recognizer:
    """The parts of a classifier that recognition needs.

    Args:
        predict: from images `(n, 28, 28, 1)` to `(n, classes)`.
        decide: from a row of probabilities to a label.
        classes: the classes' names.
    """

    predict: Callable[[np.ndarray], npt.NDArray[np.float32]]
    decide: Callable[[npt.NDArray[np.float32]], str]
    classes: Sequence[str]

    def read_picture(self, picture: npt.ArrayLike) -> Readings:
        """Reads a picture, as `DigitClassifier.read` does."""
        readings = Readings()
        for sheet in clean_sizes(picture):
            readings = self.read_sheet(sheet)
            # An uncertain result is read again at a larger size.
            if readings and not _are_uncertain(readings):
                break
        return readings

    def read_sheet(self, sheet: Sheet) -> Readings:
        """Reads the ink of a sheet; boxes are in pixels of its picture."""
        if not sheet.written:
            return self.read_photograph(sheet.ink).move(sheet.locate)
        readings = self.read_ink(sheet.ink)
        if sheet.footed is not None:
            # The network decides whether a line is part of digits.
            other = self.read_ink(sheet.footed)
            readings = min(readings, other, key=_measure_uncertainty)
        # More signs than cells are text, or noise, at any rotation.
        cells = sum(map(len, sheet.cells))
        if (
            SIGNS <= len(readings) <= cells
            and _measure_uncertainty(readings) > LYING
        ):
            sheet, readings = self._turn_grid(sheet, readings)
        return readings.move(sheet.locate).fill(sheet)

    def _turn_grid(
        self, sheet: Sheet, readings: Readings
    ) -> tuple[Sheet, Readings]:
        """Turns a grid that lies on its side, or upside down."""
        found = [(sheet, readings)]
        for _ in range(3):
            sheet = sheet.turn()
            found.append((sheet, self.read_ink(sheet.ink)))
        return min(found, key=lambda each: _measure_uncertainty(each[1]))

    def read_ink(self, ink: npt.NDArray[np.uint8]) -> Readings:
        """Reads a picture's ink, `(h, w)` uint8, bright on black."""
        found, dirt = find_pieces(ink)
        lattice = build_lattice(describe_ink(found))
        if not lattice.proposals:
            return Readings((), dirt)
        images, places, boxes = draw_signs(found, lattice.proposals)
        rows = self.predict(images[..., None])
        chosen, own = choose_looks(rows, places, self.classes), lattice
        while True:
            looks = list(zip(images[chosen], rows[chosen], strict=True))
            lattice = dataclasses.replace(own, boxes=boxes[chosen])
            signs = choose_signs(lattice, looks, self.classes)
            path = [sign.place for sign in signs]
            parted = part_doubled(chosen, boxes, found, own.proposals, path)
            if (parted == chosen).all():
                break
            chosen = parted
        readings: list[Reading] = []
        specks: list[Box] = [*dirt]
        for sign in signs:
            if sign.is_digit or (sign.size >= SPECK and not sign.ring):
                readings.append(self._read(sign, looks))
            else:
                specks.append(sign.box)
        return Readings(readings, specks)

    def read_photograph(self, ink: npt.NDArray[np.uint8]) -> Readings:
        """Reads the ink of what looks like a photograph without writing.

        Rings of a thick pen look like one too, so ink that is all read as
        digits, with confidence, counts as writing. Only 0s and 1s do not: a
        face may look like a 0, and a tree like a 1.

        Args:
            ink: `(h, w)` uint8, bright on black.

        Returns:
            The digits, or all pieces as specks, with a note.
        """
        pieces, specks = find_pieces(ink, cut=False)
        if len(pieces) <= FEW and not specks:
            found = self.read_ink(ink)
            least = min((each.probability for each in found), default=0.0)
            names = {each.label for each in found}
            sure = least >= CERTAIN and REJECTED not in names
            if sure and names - {"0", "1"} and not found.specks:
                return found
        boxes: list[Box] = [*(piece.box for piece in pieces), *specks]
        note = f"a photograph, not writing: {len(boxes)} pieces left unread"
        return Readings((), boxes, note=note)

    def read_strokes(
        self, strokes: Sequence[npt.ArrayLike], known: StrokeLooks
    ) -> Readings:
        """Reads strokes; `known` caches the predictions of the last call."""
        numbered, specks = _take_rulings(check_reach(number_strokes(strokes)))
        own = find_retraced([stroke for _, stroke in numbered])
        kept = np.unique(own)
        parts, pieces = cut_strokes(
            [numbered[k][1].astype(np.float32) for k in kept]
        )
        places = [
            {numbered[k][0] for k in np.flatnonzero(own == kept[source])}
            for source in pieces.sources
        ]
        lattice = build_lattice(pieces)
        looks = known.look(parts, lattice.proposals, self.predict)
        readings = (
            self._read(
                sign, looks, set().union(*(places[k] for k in sign.pieces))
            )
            for sign in choose_signs(lattice, looks, self.classes)
        )
        return Readings(readings, specks)

    def _read(
        self, sign: Sign, looks: Sequence[Look], strokes: set[int] | None = None
    ) -> Reading:
        image, row = looks[sign.place]
        label = self.decide(row) if sign.is_digit else REJECTED
        parts = tuple(sorted(strokes or ()))
        share = float(row.max())
        return Reading(label, share, sign.box, row, sign.line, parts, image)


def _take_rulings(numbered):
    """Removes ruling lines; returns the other strokes, and the lines' boxes."""
    lines = find_rulings([stroke for _, stroke in numbered])
    rest = [each for k, each in enumerate(numbered) if k not in lines]
    return rest, [bounding_box([numbered[k][1]]) for k in sorted(lines)]


def _measure_uncertainty(readings: Readings) -> float:
    """Measures the mean uncertainty of readings, 0..1; "?" counts as 1."""
    sure = (r.probability * (r.label != REJECTED) for r in readings)
    return 1 - sum(sure) / max(len(readings), 1)


def _are_uncertain(readings: Readings) -> bool:
    """Whether a label is "?", or left-over ink is taller than the digits."""
    if any(reading.label == REJECTED for reading in readings):
        return True
    tall, left = (
        [bottom - top for _, top, _, bottom in boxes]
        for boxes in ((reading.box for reading in readings), readings.specks)
    )
    return max(left, default=0.0) > max(tall)
