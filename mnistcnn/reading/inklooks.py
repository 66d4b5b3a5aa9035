"""Images of proposed signs, with and without strokes that a neighbour shares.

Two signs that touch may have a stroke in common, like the sides of two zeros.
Each is classified with its own ink alone, and with the strokes right beyond its
cuts as well; the most confident prediction counts.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures import Piece
from mnistcnn.reading.pieces import draw_ink

DOUBLED = 0.5  # of the narrower's columns: two signs share at most this


def draw_signs(
    found: Sequence[Piece], proposals: Sequence[tuple[int, ...]]
) -> tuple[
    npt.NDArray[np.uint8], npt.NDArray[np.int64], npt.NDArray[np.float64]
]:
    """Draws proposed signs, each in one image or several.

    Args:
        found: by `find_pieces`.
        proposals: the pieces of each sign, ascending; at least one.

    Returns:
        Images `(m, 28, 28)`, the index of each one's sign `(m,)`, and its box
        `(m, 4)`: first all signs, in order, with their own ink alone, then the
        images with strokes beyond the cuts.
    """
    drawn = [[found[k] for k in group] for group in proposals]
    places = list(range(len(drawn)))
    for place, group in enumerate(proposals):
        for strokes in _list_shared(found, group):
            drawn.append([*drawn[place], *strokes])
            places.append(place)
    corners = [np.array([piece.box for piece in each]) for each in drawn]
    boxes = [[*box[:, :2].min(0), *box[:, 2:].max(0)] for box in corners]
    images = np.stack([draw_ink(pieces) for pieces in drawn])
    return images, np.array(places), np.array(boxes, np.float64)


def choose_looks(
    rows: npt.NDArray[np.floating],
    places: npt.NDArray[np.int64],
    classes: Sequence[str],
) -> npt.NDArray[np.int64]:
    """Chooses, for each sign, the image with the most confident prediction.

    Args:
        rows: `(m, classes)` of the images.
        places: of `draw_signs`.
        classes: their names; `""` is the rejection class.

    Returns:
        `(signs,)`, the index of an image for each; its own ink alone unless
        another is more confident.

    Example:
        >>> rows = np.array([[0.2, 0.8], [0.9, 0.1], [0.5, 0.5]])
        >>> choose_looks(rows, np.array([0, 1, 0]), ["3", ""]).tolist()
        [2, 1]
    """
    digits = [place for place, name in enumerate(classes) if name]
    sure = rows[:, digits].max(1)
    order = np.lexsort((-sure, places))
    return order[np.unique(places[order], return_index=True)[1]]


def part_doubled(
    chosen: npt.NDArray[np.int64],
    boxes: npt.NDArray[np.float64],
    found: Sequence[Piece],
    groups: Sequence[tuple[int, ...]],
    places: Sequence[int],
) -> npt.NDArray[np.int64]:
    """Removes strokes beyond a cut from signs that overlap mostly.

    Both halves of an 8, each with the strokes beyond the cut between them, may
    look like that 8, and one digit would be read twice.

    Args:
        chosen: of `choose_looks`.
        boxes: of `draw_signs`.
        found: by `find_pieces`.
        groups: the pieces of each sign.
        places: indices of the signs on the path, from left to right.

    Returns:
        `chosen`, with the image of their own ink alone for those whose boxes
        lie mostly in a neighbour's.
    """
    parted = chosen.copy()
    owner = {piece: k for k in places for piece in groups[k]}
    for piece, one in owner.items():
        two = owner.get(piece + 1, one)
        if one == two or found[piece].source != found[piece + 1].source:
            continue
        if max(chosen[[one, two]]) < len(groups):
            continue
        left, _, right, _ = boxes[chosen[[one, two]]].T
        shared = right.min() - left.max()
        if shared > DOUBLED * (right - left).min():
            parted[[one, two]] = one, two
    return parted


def _list_shared(found, group):
    """Lists strokes beyond a group's cuts: at either side, and at both."""
    sides: tuple[list[Piece], list[Piece]] = ([], [])
    for source in sorted({found[k].source for k in group}):
        members = [k for k in group if found[k].source == source]
        for side, k in enumerate((members[0], members[-1])):
            stroke = found[k].beside[side]
            if stroke is not None:
                sides[side].append(stroke)
    left, right = sides
    both = [left + right] if left and right else []
    return [each for each in (left, right, *both) if each]
