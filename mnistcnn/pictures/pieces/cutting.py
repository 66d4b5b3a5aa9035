"""Cutting: connected components of ink are cut into pieces along seams."""

import dataclasses
import itertools

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.pieces.seams import choose_seams, measure_pen

INK = 64  # grey level, 0 to 255, from which a pixel is ink
ROWS = 64  # to which connected ink is scaled
WIDE = 0.27  # of a line's height: narrower ink is not cut
# A stroke beside a cut may belong to both signs, as two touching rings have a
# side in common. In pens' widths: the width of the strip beside the cut, the
# least ink in it, and the least length of the stroke.
REACH, FULL, LONG = 0.8, 0.5, 3


@dataclasses.dataclass(frozen=True)
class Piece:
    """A piece of a picture's ink.

    Args:
        box: left, top, right and bottom in pixels, right and bottom excluded.
        ink: `(h, w)` uint8, bright ink on black: only this piece's ink in the
            box.
        source: the number of the connected component that it was cut from.
        cut: how much ink was cut between it and the previous piece of the same
            source, in pens' widths; 0 for the first of its source.
        beside: the strokes right beyond the cuts at its left and at its right,
            which run along them; `None` if there is none.
    """

    box: tuple[int, int, int, int]
    ink: npt.NDArray[np.uint8]
    source: int
    cut: float = 0.0
    beside: "tuple[Piece | None, Piece | None]" = (None, None)


def cut_piece(piece: Piece, line: float) -> list[Piece]:
    """Cuts connected ink from top to bottom through as little ink as possible.

    A cut is a path of least ink, as in seam carving (Avidan and Shamir, 2007);
    it may lean.

    Args:
        piece: connected ink.
        line: how tall its line is, in pixels.

    Returns:
        Its parts, left to right; the piece itself if there is nothing to cut.
    """
    tall, wide = piece.ink.shape
    if wide < WIDE * line:
        return [piece]
    mask = (piece.ink >= INK).astype(np.float32)
    rows = min(ROWS, tall)
    size = max(3, round(wide * rows / tall)), rows
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    small = np.asarray(small, np.float32)
    pen = measure_pen(small)
    seams = choose_seams(small, line * rows / tall, pen)
    if not seams:
        return [piece]
    down = (np.arange(tall) + 0.5) * rows / tall - 0.5
    edges = [np.interp(down, np.arange(rows), path) for path, _ in seams]
    # Where seams cross, their order from left to right changes.
    edges = (np.sort(edges, axis=0) + 0.5) * wide / small.shape[1]
    ends = np.full((1, tall), np.inf)
    edges = np.concatenate([-ends, edges, ends])
    pen *= tall / rows
    found: list[Piece] = []
    for place, (low, high) in enumerate(itertools.pairwise(edges)):
        part = _take(piece, low, high)
        if part is not None:
            cut = seams[place - 1][1] if found else 0.0
            beside = (
                _take(piece, low - REACH * pen, low, pen),
                _take(piece, high, high + REACH * pen, pen),
            )
            found.append(dataclasses.replace(part, cut=cut, beside=beside))
    return found


def _take(piece, low, high, pen=0.0):
    """Takes the ink between two edges; `None` if there is none.

    With a pen's width, only the strokes that run along the edges.
    """
    across = np.arange(piece.ink.shape[1])
    ink = piece.ink * ((across >= low[:, None]) & (across < high[:, None]))
    if pen:
        inked = (ink >= INK).sum(1) >= FULL * pen
        least = max(1, round(LONG * pen))
        kept = cv2.morphologyEx(
            inked.astype(np.uint8)[:, None],
            cv2.MORPH_OPEN,
            np.ones((least, 1), np.uint8),
            borderType=cv2.BORDER_CONSTANT,
            borderValue=0,
        )
        ink = ink * kept
    down, along = (np.flatnonzero((ink >= INK).any(a)) for a in (1, 0))
    if not down.size:
        return None
    box = along[0], down[0], along[-1] + 1, down[-1] + 1
    left, top, right, bottom = map(int, box)
    x, y = piece.box[:2]
    return Piece(
        (left + x, top + y, right + x, bottom + y),
        ink[top:bottom, left:right],
        piece.source,
    )
