"""Over-segmentation of pictures into pieces of ink.

A piece is a connected component, or a part of one that was cut at thin places.
Which pieces form one digit is decided in `reading`, by the network.
"""

import dataclasses

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError
from mnistcnn.pictures.pieces.cutting import INK, Piece, cut_piece
from mnistcnn.pictures.pieces.rings import SHORT, choose_inside, part_rings
from mnistcnn.pictures.shapes.components import find_components

SPECK = 0.06  # of a line's height: smaller pieces are specks of dirt
MAX_PIECES = 1000  # pieces of ink that are examined, the largest ones
MAX_CUT = 300  # with more pieces, as no page of digits has, nothing is cut
# Punched holes: least share of its box that a disc fills, and its largest
# aspect ratio; its size, in units of the usual size: a smaller disc may be a
# point, a larger one stands alone.
FULL, LONGER = 0.68, 1.4
HOLE = (0.2, 0.6)
RINGED = 0.25  # of a line's height: smaller ink may be the dot in a 0
NEAR = 1.5  # times its size: distance of pieces that determine a line's height
TALL = 0.7  # the share of their ink that is at most as tall as the line


def find_pieces(
    ink: npt.ArrayLike, *, cut: bool = True
) -> tuple[list[Piece], list[tuple[int, int, int, int]]]:
    """Finds the pieces of ink that digits are made of.

    Args:
        ink: `(h, w)` uint8, bright ink on black.
        cut: whether connected ink is cut.

    Returns:
        The pieces, those of one source together, left to right; and the boxes
        of specks, which are too small to be read.

    Raises:
        DataError: the ink is not a `(h, w)` uint8 array.

    Example:
        >>> ink = np.zeros((50, 90), np.uint8)
        >>> ink[10:40, 20:24] = ink[10:40, 60:64] = ink[5, 5] = 255
        >>> pieces, specks = find_pieces(ink)
        >>> [piece.box for piece in pieces], specks
        ([(20, 10, 24, 40), (60, 10, 64, 40)], [(5, 5, 6, 6)])
    """
    ink = check_ink(ink)
    if not ink.size:
        return [], []
    parts, stats = find_components((ink >= INK).astype(np.uint8))
    if len(stats) == 1:
        return [], []
    left, top, width, height, area = stats[1:].T
    boxes = np.stack([left, top, left + width, top + height], 1)
    size = np.maximum(width, height)
    # The median by area, which dirt hardly changes, however much of it there
    # is.
    usual = _typical(size, area)
    holes = _are_holes(width, height, area, usual)
    kept = np.flatnonzero((size >= max(3, SPECK * usual)) & ~holes)
    kept = kept[np.argsort(-size[kept], kind="stable")[:MAX_PIECES]]
    found = [
        Piece(box := tuple(boxes[k].tolist()), _lift(ink, parts, box, k + 1), 0)
        for k in kept
    ]
    specks = [tuple(box) for box in np.delete(boxes, kept, axis=0).tolist()]
    cut = cut and len(found) <= MAX_CUT
    if cut:
        found, rings = part_rings(found)
        specks += rings
    return _cut_pieces(found, specks, cut=cut)


def _cut_pieces(found, specks, *, cut):
    """Cuts pieces of ink; those that are small beside others are specks."""
    pieces: list[Piece] = []
    boxes = np.array([piece.box for piece in found]).reshape(-1, 4)
    size = (boxes[:, 2:] - boxes[:, :2]).max(axis=1, initial=0)
    for piece, wide, line in zip(
        found, size, measure_lines(boxes), strict=True
    ):
        if wide < SPECK * line:
            specks.append(piece.box)
            continue
        number = pieces[-1].source + 1 if pieces else 0
        piece = dataclasses.replace(piece, source=number)
        others = boxes[size > RINGED * line]
        whole = not cut or len(choose_inside(piece, others))
        pieces += [piece] if whole else cut_piece(piece, float(line))
    return pieces, specks


def check_ink(ink: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    """Returns the ink; a `DataError` if it is not `(h, w)` uint8."""
    ink = np.asarray(ink)
    if ink.ndim != 2 or ink.dtype != np.uint8:
        raise DataError(
            "Expected ink of shape (h, w) and dtype uint8. Received: shape="
            f"{ink.shape}, dtype={ink.dtype}. Use picture_to_ink on pictures."
        )
    return ink


def measure_lines(
    boxes: npt.NDArray[np.floating] | npt.NDArray[np.integer],
) -> npt.NDArray[np.float64]:
    """Measures the height of the line of writing that each box stands in.

    Args:
        boxes: `(n, 4)`, left, top, right and bottom.

    Returns:
        `(n,)`, in the boxes' units: the height that most of the nearby ink does
        not exceed, without boxes round two or more others.

    Example:
        >>> two_and_a_dot = [(0, 0, 5, 10), (8, 0, 13, 10), (6, 9, 7, 10)]
        >>> measure_lines(np.array(two_and_a_dot)).tolist()
        [10.0, 10.0, 10.0]
    """
    low, high = boxes[:, None, :2], boxes[:, None, 2:]
    gap = np.maximum(
        np.maximum(low, low.swapaxes(0, 1))
        - np.minimum(high, high.swapaxes(0, 1)),
        0,
    ).max(2)
    sides = (boxes[:, 2:] - boxes[:, :2]).astype(np.float64)
    size, tall = sides.max(1), sides[:, 1]
    order = np.argsort(tall, kind="stable")
    near = gap <= NEAR * np.maximum(size[:, None], size)
    # Rings round several others do not count.
    within = ((low > low.swapaxes(0, 1)) & (high < high.swapaxes(0, 1))).all(2)
    within &= tall[:, None] >= SHORT * tall
    near &= within.sum(0) < 2
    weight = np.cumsum(near[:, order] * tall[order], axis=1)
    if not len(boxes):
        return size
    found = (weight >= TALL * weight[:, -1:]).argmax(1)
    # If all is flat, like two bars, their length is a better measure.
    return np.maximum(tall[order][found], 0.4 * size)


def _are_holes(width, height, area, usual):
    """Finds discs beside larger ink, like the holes of a punched sheet."""
    size = np.maximum(width, height)
    full = area >= FULL * width * height
    round_ = size < LONGER * np.minimum(width, height)
    return full & round_ & (size > HOLE[0] * usual) & (size < HOLE[1] * usual)


def _typical(size, area):
    """Returns the ink-weighted median size of pieces."""
    order = np.argsort(size)
    total = np.cumsum(area[order])
    return size[order][np.searchsorted(total, total[-1] / 2)]


def _lift(ink, parts, box, name) -> npt.NDArray[np.uint8]:
    left, top, right, bottom = box
    window = (slice(top, bottom), slice(left, right))
    # One pixel more than the piece: the soft edge is below the threshold.
    mask = cv2.dilate((parts[window] == name).astype(np.uint8), np.ones((3, 3)))
    return (ink[window] * mask).astype(np.uint8)
