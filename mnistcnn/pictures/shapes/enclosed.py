"""Enclosed areas: holes of digits, cells of a puzzle, ink on a sheet."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.shapes.quadrilaterals import fit_quadrilateral

SCRAP, MOST_PAPERS = 0.01, 7  # of the picture; an 8 has two holes, four corners
CELL, MOST_CELLS = 0.001, 20  # of the picture; a puzzle has more cells
STROKE = 0.0015  # of the picture: least area of a thin digit on a sheet
HOLE = 0.65  # of its hull: least share that a digit's hole fills
FULL, BARE = 0.9, 0.997  # of a sheet: least visible share; most without ink


def has_papers(ink: npt.NDArray[np.uint8]) -> bool:
    """Whether the paper has more parts than digits have holes, like a puzzle.

    Args:
        ink: `(h, w)`, 1 where there is ink.

    Example:
        >>> ink = np.ones((60, 60), np.uint8)
        >>> ink[2:58, 2:58] = 0
        >>> has_papers(ink)
        False
        >>> ink[20:22] = ink[40:42] = ink[:, 20:22] = ink[:, 40:42] = 1
        >>> has_papers(ink)
        True
    """
    _, papers, about, _ = cv2.connectedComponentsWithStats(
        1 - ink, connectivity=4
    )
    for least, most in ((SCRAP, MOST_PAPERS), (CELL, MOST_CELLS)):
        if np.count_nonzero(about[1:, 4] > least * ink.size) > most:
            return True
    return any(
        _is_stroke(papers == hole, about[hole])
        for hole in range(1, len(about))
        if about[hole, 4] > STROKE * ink.size
    )


def is_written(own: npt.NDArray[np.uint8]) -> bool:
    """Whether it has four straight sides and holes: a sheet with ink.

    Args:
        own: `(h, w)`, 1 on it.

    Example:
        >>> sheet = np.zeros((60, 60), np.uint8)
        >>> sheet[10:50, 5:55] = 1
        >>> is_written(sheet)
        False
        >>> sheet[20:40, 20:24] = 0
        >>> is_written(sheet)
        True
    """
    (outline, *_), _ = cv2.findContours(
        own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    whole = cv2.fillPoly(np.zeros_like(own), [outline], 1)
    if own.sum() > BARE * whole.sum():
        return False
    hull = cv2.convexHull(outline)
    corners = fit_quadrilateral(hull)
    if corners is None:
        return False
    areas = [cv2.contourArea(each) for each in (outline, hull, corners)]
    return min(areas) > FULL * max(areas)


def _is_stroke(part: np.ndarray, about: np.ndarray) -> bool:
    """Whether an enclosed part is a stroke on a sheet, not a digit's hole."""
    left, top, wide, high, area = about
    height, width = part.shape
    if left == 0 or top == 0 or left + wide == width or top + high == height:
        return False
    hull = cv2.convexHull(cv2.findNonZero(part.astype(np.uint8)))
    # In pixels: a contour goes through their centres (Pick's theorem).
    whole = cv2.contourArea(hull) + cv2.arcLength(hull, closed=True) / 2 + 1
    return bool(area < HOLE * whole)
