"""Pieces: ink of an opened picture on the canvas, as pixels beside strokes.

The canvas treats a piece as a stroke, which it erases, labels and undoes;
grouping into digits uses its outline.
"""

import dataclasses

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.ink import Stroke
from mnistcnn.pictures import clean_picture, find_pieces, read_image

INK = 64  # grey level from which `pictures` takes a pixel for ink
MARGIN = 60  # units around a picture's ink: room for names
MOST = 4.0  # units per pixel: a tiny picture is not enlarged more
OUTLINE = 200  # points of an outline, at most
LEAST = 4  # pixels: least area of a piece that an eraser leaves

Pixels = npt.NDArray[np.uint8]


@dataclasses.dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Piece(Stroke):
    """Ink of a picture; its points are those of its outline.

    Args:
        pixels: `(h, w)` uint8, bright ink on black, in the picture's own
            resolution.
        corner: the place of its top left corner on the drawing.
        unit: units of the drawing per pixel.
    """

    pixels: Pixels
    corner: tuple[float, float]
    unit: float

    def erase(
        self, sweep: tuple[tuple[float, float], ...], radius: float
    ) -> list[Stroke] | None:
        """Finds what an eraser leaves of it, see `Stroke.erase`."""
        spots = (np.array(sweep) - self.corner) / self.unit
        low = np.floor(spots.min(axis=0) - radius / self.unit)
        high = np.ceil(spots.max(axis=0) + radius / self.unit)
        size = self.pixels.shape[::-1]
        if (high < 0).any() or (low > size).any():
            return None
        swept = np.zeros_like(self.pixels)
        ends = np.rint(spots * 8 - 4).astype(np.int32)
        width = max(round(2 * radius / self.unit), 1)
        cv2.polylines(swept, [ends], False, 255, width, cv2.LINE_8, 3)
        if not (self.pixels[swept > 0] >= INK).any():
            return None
        left = np.where(swept, 0, self.pixels).astype(np.uint8)
        count, names, stats, _ = cv2.connectedComponentsWithStats(
            (left >= INK).astype(np.uint8), connectivity=8
        )
        pieces: list[Stroke] = []
        for name in range(1, count):
            if stats[name, cv2.CC_STAT_AREA] < LEAST:
                continue
            part = _cut(left, names == name, self.corner, self.unit)
            label, labelled = self.label, self.labelled
            pieces.append(
                dataclasses.replace(part, label=label, labelled=labelled)
            )
        return pieces


def open_pieces(path: str, size: tuple[int, int]) -> list[Piece]:
    """Opens a picture as pieces, one per connected component of ink.

    Args:
        path: an image file.
        size: width and height of the drawing.

    Returns:
        The pieces, with the number 0, from left to right, scaled to the
        drawing.

    Raises:
        DataError: it is not an image that can be read.
    """
    return place_pieces(clean_picture(read_image(path)).ink, size)


def place_pieces(ink: Pixels, size: tuple[int, int]) -> list[Piece]:
    """Makes pieces of a picture's ink, see `open_pieces`.

    Args:
        ink: `(h, w)` uint8, bright ink on black.
        size: width and height of the drawing.
    """
    regions, _ = find_pieces(ink, cut=False)
    regions.sort(key=lambda region: region.box)
    if not regions:
        return []
    boxes = np.array([region.box for region in regions], np.float64)
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    room = np.array(size) - 2 * MARGIN
    unit = float(min((room / (high - low)).min(), MOST))
    shift = np.array(size) / 2 - (low + high) / 2 * unit
    made = []
    for region in regions:
        x, y = np.array(region.box[:2]) * unit + shift
        made.append(_make(region.ink, (float(x), float(y)), unit))
    return made


def _cut(
    pixels: Pixels,
    kept: npt.NDArray[np.bool_],
    corner: tuple[float, float],
    unit: float,
) -> Piece:
    """Cuts a part out of a piece, with its soft edge."""
    near = cv2.dilate(kept.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rows, columns = (np.flatnonzero(near.any(axis=a)) for a in (1, 0))
    window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    x, y = corner[0] + columns[0] * unit, corner[1] + rows[0] * unit
    shown = np.where(near[window], pixels[window], 0).astype(np.uint8)
    return _make(shown, (float(x), float(y)), unit)


def _make(pixels: Pixels, corner: tuple[float, float], unit: float) -> Piece:
    lines, _ = cv2.findContours(
        (pixels >= INK).astype(np.uint8),
        cv2.RETR_LIST,
        cv2.CHAIN_APPROX_NONE,
    )
    outline = np.concatenate([line[:, 0] for line in lines])
    outline = outline[:: 1 + len(outline) // OUTLINE]
    points = ((outline + 0.5) * unit + corner).astype(np.float32)
    points.flags.writeable = False
    low, high = points.min(axis=0), points.max(axis=0)
    return Piece(
        0,
        points,
        unit,
        (*low.tolist(), *high.tolist()),
        pixels=pixels,
        corner=corner,
        unit=unit,
    )
