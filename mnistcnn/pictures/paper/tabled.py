"""Tables: rows of evenly spaced digits that look like holes of a pad."""

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.paper.holes import MANY, MOSTLY, find_pitch
from mnistcnn.pictures.shapes.components import find_components

BELOW = 2  # pixels: the soft edge of a hole
# Largest distances of the next row's signs, aside and below, in pitches;
# largest ratio of signs' sizes.
ASIDE, NEXT, SIZES = 0.2, 2, 2
SOME = 0.6  # of a few holes: least share; one may be two touching signs
THIN = 0.25  # of a hole's shorter side: thinner ink is its edge


def are_in_cells(
    row: npt.NDArray[np.integer], mask: npt.NDArray[np.uint8]
) -> bool:
    """Whether most pieces of a row are enclosed by lines, like puzzle digits.

    Args:
        row: of `find_holes`.
        mask: `(h, w)`, 1 where there is ink, including lines.
    """
    rooms, about = find_components((1 - mask).astype(np.uint8))
    left, top, wide, high = row[:, :4].T
    # The paper below each, and whether it reaches a border.
    below = (top + high + BELOW).clip(max=len(mask) - 1)
    beside = rooms[below, left + wide // 2]
    x, y, width, height = about[beside, :4].T
    closed = (x > 0) & (x + width < mask.shape[1])
    closed &= (y > 0) & (y + height < mask.shape[0]) & (beside > 0)
    return bool((closed & (width > wide) & (height > high)).mean() > MOSTLY)


def are_in_columns(
    row: npt.NDArray[np.integer], mask: npt.NDArray[np.uint8]
) -> bool:
    """Whether ink of similar size is below most pieces, as in a table.

    A pad's wires are above its holes.

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
