"""Cropping: pictures cut along the outer walls of a grid, or along a frame.

Ink along a border may go on beyond it, like a desk or a shadow, so the modules
that look for lines do not take it for one. With paper round it they do.
"""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.surfaces import take_few, take_mean

DEEP = 0.06  # of the picture: largest thickness of a wall
ALONG, BEHIND = 0.9, 0.5  # of a side: least ink on a wall; most ink behind it
EDGE = 0.02  # of the picture: a wall is this level; a desk's edge may not be
ALIKE = 1.5  # times the thinnest wall, plus two pixels: thicker is a desk
APART = 40  # grey levels by which ink differs from paper
SIDES = 3  # least number of walls: one may be out of the picture
MARGIN = 0.03  # of the longer side, and in pixels:
LEAST = 6


def pad_cropped(
    colours: npt.NDArray[np.uint8],
) -> tuple[npt.NDArray[np.uint8], int]:
    """Lays paper round a picture that was cut along its outer walls.

    Args:
        colours: `(h, w, channels)` uint8.

    Returns:
        The picture, and by how many pixels it is larger at each side; 0 if
        there are no walls along at least three sides.

    Example:
        >>> grid = np.full((80, 80, 1), 230, np.uint8)
        >>> for at in (0, 26, 52, 77):
        ...     grid[at : at + 3] = grid[:, at : at + 3] = 40
        >>> picture, more = pad_cropped(grid)
        >>> picture.shape, more, pad_cropped(grid[3:-3, 3:-3])[1]
        ((92, 92, 1), 6, 0)
    """
    few = take_few(colours).astype(np.float32)
    usual = float(np.median(take_mean(few)))
    thick = [_measure_wall(np.rot90(colours, turn), usual) for turn in range(4)]
    walls = [each for each in thick if each]
    # A desk is wider at one side, or slanted.
    if len(walls) < SIDES or np.inf in walls:
        return colours, 0
    if max(walls) > ALIKE * min(walls) + 2:
        return colours, 0
    paper = np.median(take_few(colours), axis=(0, 1)).tolist()
    more = max(LEAST, round(MARGIN * max(colours.shape[:2])))
    padded = cv2.copyMakeBorder(
        colours, more, more, more, more, cv2.BORDER_CONSTANT, value=paper
    )
    padded = padded.reshape(*padded.shape[:2], -1)
    return np.asarray(padded, np.uint8), more


def _measure_wall(side: np.ndarray, usual: float) -> float:
    """Measures the thickness of a wall along the upper border; 0 for paper.

    Returns:
        Pixels; infinite for anything too thick for a wall, or not level.
    """
    # Most pictures have paper there, for which one row of pixels is enough.
    if (np.abs(side[0].mean(axis=1) - usual) > APART).mean() <= ALONG:
        return 0.0
    strip = side[: max(3, round(DEEP * len(side)))].mean(axis=2)
    share = (np.abs(strip - usual) > APART).mean(axis=1)
    behind = np.flatnonzero(share < BEHIND)
    level = int((share > ALONG).argmin())
    if not behind.size or behind[0] - level > EDGE * len(side) + 2:
        return np.inf
    return float(behind[0])
