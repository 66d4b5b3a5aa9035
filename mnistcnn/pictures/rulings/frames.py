"""Frames: complete ones, and open ones whose sides meet lines."""

import itertools

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.rulings.bands import Line
from mnistcnn.pictures.shapes.boxes import Box, are_alike
from mnistcnn.pictures.shapes.components import find_components

OUTSIDE = 0.05  # of a box's ink: if more is off its lines, it is a digit
LARGE = 0.15  # of a digit's height: such a piece off the lines is a digit
DENSE = 0.5  # of the picture: if lines cover more, nothing is off them
MOST_OWN = 2  # most boxes in a component that is taken as a whole
ALIKE = 0.2  # of the longer one: how much two opposite sides may differ
NEAR = 1.5  # times a line's thickness: distance of a corner from its end


def choose_sides(
    lines: list[list[Line]], chosen: list[list[Line]], shape: tuple[int, ...]
) -> list[list[Line]]:
    """Adds sides of frames that are too short to count as lines themselves.

    Args:
        lines: across, and down (by columns in place of rows).
        chosen: of these, the lines that are not writing.
        shape: of the picture.

    Returns:
        These lines and the sides. A side meets two ends of lines; or one, and
        leaves the picture; or one, while a side of the same length meets the
        other end of that line.
    """
    more = [list(own) for own in chosen]
    for _, axis in itertools.product(range(2), (0, 1)):
        sides, others = lines[axis], more[1 - axis]
        if not sides or not others:
            continue
        long = np.array([len(side.middle) for side in sides])
        corners = _find_corners(sides, others)
        known = {id(side) for side in more[axis]}
        for number, side in enumerate(sides):
            own = corners[corners[:, 0] == number]
            paired = any(
                (
                    (corners[:, 1] == line)
                    & (corners[:, 2] != end)
                    & are_alike(long[corners[:, 0]], long[number], ALIKE)
                ).any()
                for _, line, end, _ in own
            )
            met = set(own[:, 3].tolist())
            if met:
                met |= _find_cut(side, (shape[1 - axis], shape[axis]))
            if id(side) not in known and (paired or len(met) == 2):
                more[axis].append(side)
    return more


def _find_cut(side: Line, size: tuple[int, int]) -> set[int]:
    """Finds the tips of a side that are at the picture's border.

    Args:
        side: across.
        size: of the picture, along the side and across it.
    """
    near = NEAR * side.thick + 2
    tips = np.array(
        [(side.start, side.middle[0]), (side.end - 1, side.middle[-1])]
    )
    at = (tips <= near) | (tips >= np.array(size) - 1 - near)
    return set(np.flatnonzero(at.any(axis=1)).tolist())


def _find_corners(sides: list[Line], lines: list[Line]) -> np.ndarray:
    """Finds tips of sides that are near the ends of crossing lines.

    Returns:
        `(n, 4)`: the numbers of side and line, and which end and tip it is.
    """
    ends = np.array(
        [[(e.start, e.middle[0]), (e.end - 1, e.middle[-1])] for e in lines]
    )
    tips = np.array(
        [[(e.middle[0], e.start), (e.middle[-1], e.end - 1)] for e in sides]
    )
    thick = np.maximum.outer([e.thick for e in sides], [e.thick for e in lines])
    away = np.abs(tips[:, None, None] - ends[None, :, :, None]).max(axis=4)
    return np.argwhere(away <= NEAR * thick[..., None, None] + 2)


def find_frames(
    boxes: list[Box],
    mask: npt.NDArray[np.uint8],
    lines: npt.NDArray[np.uint8],
    digit: float,
) -> npt.NDArray[np.uint8]:
    """Finds the boxes that no digit touches, with all of their ink.

    Args:
        boxes: by their inner edges.
        mask: `(h, w)` uint8, 1 where there is ink.
        lines: 1 on the lines of boxes and on others.
        digit: a digit's height, pixels.

    Returns:
        `(h, w)` uint8, 1 on such a box and its soft edge.
    """
    found = np.zeros_like(mask)
    if not boxes:
        return found
    parts, stats = find_components(mask)
    # A grid has too much ink of its own for a digit's share to show.
    x, y = np.array([box.hull[0, 0] for box in boxes]).T
    own = np.bincount(parts[y, x], minlength=len(stats))
    near: np.ndarray = cv2.dilate(lines, np.ones((5, 5), np.uint8))
    if near.mean() > DENSE:
        return found
    beyond = np.where(near > 0, 0, mask).astype(np.uint8)
    away = np.bincount(parts[beyond > 0], minlength=len(stats))
    whole = (away <= OUTSIDE * stats[:, 4]) & (own > 0) & (own <= MOST_OWN)
    whole[0] = False
    if not whole.any():
        return found
    pieces, sizes = find_components(beyond)
    large = sizes[:, 2:4].max(axis=1) > LARGE * digit
    large[0] = False
    crossing = np.asarray(parts, int)[large[np.asarray(pieces, int)]]
    whole[crossing] = False
    found = whole[np.asarray(parts, int)].astype(np.uint8)
    return np.asarray(cv2.dilate(found, np.ones((3, 3), np.uint8)), np.uint8)
