"""Cut boxes: those that the picture's border cuts, as in a cropped form."""

import itertools

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.shapes.boxes import Box, are_alike, find_holes


def find_cut(
    mask: npt.NDArray[np.uint8], faint: npt.NDArray[np.uint8]
) -> list[Box]:
    """Finds boxes that one of the picture's borders cuts, two or more alike.

    Args:
        mask: `(h, w)` uint8, 1 where there is ink.
        faint: 1 where there is ink or a pale line.

    Returns:
        The boxes, with the border in place of the wall that is not visible.

    Example:
        >>> page = np.zeros((40, 90), np.uint8)
        >>> page[30:32, 10:72] = page[:30, 10:71:30] = 1  # open above
        >>> page[8:22, 25] = page[8:22, 55] = 1  # two 1s
        >>> [box.sides for box in find_cut(page, page)]
        [(30.0, 30.0), (30.0, 30.0)]
    """
    closed = faint.copy()
    closed[[0, -1]] = closed[:, [0, -1]] = 1
    cut_by: dict[int, list[Box]] = {}
    for box in find_holes(closed, mask):
        left, top, wide, high = cv2.boundingRect(box.hull)
        right, bottom = mask.shape[1] - left - wide, mask.shape[0] - top - high
        borders = np.flatnonzero(np.equal([left, top, right, bottom], 0))
        # Two borders cut the paper beside the boxes.
        if len(borders) == 1:
            cut_by.setdefault(int(borders[0]), []).append(box)
    found = []
    for boxes in cut_by.values():
        sides = np.array([box.sides for box in boxes])
        alike = are_alike(sides, np.median(sides, axis=0)).all(axis=1)
        if alike.sum() > 1:
            found += itertools.compress(boxes, alike)
    return found
