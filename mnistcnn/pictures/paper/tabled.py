"""Tables: rows of even signs that are digits, and no holes of a pad."""

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.paper.holes import MANY, MOSTLY, find_pitch
from mnistcnn.pictures.shapes.components import find_components

BELOW = 2  # pixels: the soft edge of a hole
# Of the pitch, how far aside and away the next row of a table's signs is; times
# as large as each other.
ASIDE, NEXT, SIZES = 0.2, 2, 2
SOME = 0.6  # of a few holes: one may be two signs that touch
THIN = 0.25  # of a hole's shorter side: what is thinner is its edge


def are_in_cells(
    row: npt.NDArray[np.integer], mask: npt.NDArray[np.uint8]
) -> bool:
    """Whether lines close in each of what may be holes, as a puzzle's digits.

    Args:
        row: of `find_holes`.
        mask: `(h, w)`, 1 where there is ink, lines too.
    """
    rooms, about = find_components((1 - mask).astype(np.uint8))
    left, top, wide, high = row[:, :4].T
    # The paper below each, and whether that goes on to a border.
    below = (top + high + BELOW).clip(max=len(mask) - 1)
    beside = rooms[below, left + wide // 2]
    x, y, width, height = about[beside, :4].T
    closed = (x > 0) & (x + width < mask.shape[1])
    closed &= (y > 0) & (y + height < mask.shape[0]) & (beside > 0)
    return bool((closed & (width > wide) & (height > high)).mean() > MOSTLY)


def are_in_columns(
    row: npt.NDArray[np.integer], mask: npt.NDArray[np.uint8]
) -> bool:
    """Whether ink as large is below each, as in a table of digits.

    Above a pad's holes are its wires.

    Args:
        row: of `find_holes`.
        mask: `(h, w)`, 1 where there is ink.
    """
    others = find_components(mask)[1][1:]
    left, top, wide, high = (each[:, None] for each in row[:, :4].T)
    middle = left + wide / 2
    pitch = find_pitch(row)
    aside = np.abs(others[:, 0] + others[:, 2] / 2 - middle)
    away = others[:, 1] + others[:, 3] - top - high
    near = (aside <= ASIDE * pitch) & (away >= high) & (away <= NEXT * pitch)
    larger = others[:, 2:4].max(axis=1) / np.maximum(wide, high)
    near &= (larger >= 1 / SIZES) & (larger <= SIZES)
    near &= others[:, 2:4].min(axis=1) >= THIN * np.minimum(wide, high)
    most = MOSTLY if len(row) >= MANY else SOME
    return bool(near.any(axis=1).mean() > most)
