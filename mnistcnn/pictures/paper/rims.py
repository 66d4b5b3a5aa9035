"""Rims of fingers, and of desks, that reach into a picture."""

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.light.illumination import SPAN
from mnistcnn.pictures.light.surfaces import take_few
from mnistcnn.pictures.shapes.components import find_components

STEP = 12  # half grey levels by which a finger differs from paper
LARGEST = 0.45  # of the picture: size of a finger, or a desk beyond a torn edge
RIM = 0.5  # of a piece of ink: if more is along such a step, it is its rim
WAY, DARKER = 7, 1.5  # pixels around; unless darker than so many times the step


def drop_rims(
    ink: npt.NDArray[np.uint8],
    base: npt.NDArray[np.uint8],
    strength: npt.NDArray[np.float32],
) -> npt.NDArray[np.uint8]:
    """Removes the rims of fingers and desks that reach into the picture.

    Args:
        ink: `(h, w)`, bright ink on black.
        base: `(h, w)`, the levels, halved, of everything wider than a stroke.
        strength: `(h, w)`, how much each pixel differs from the paper.

    Returns:
        The ink without these rims.
    """
    kernel = np.ones((5, 5), np.uint8)
    steps = cv2.morphologyEx(base, cv2.MORPH_GRADIENT, kernel) > STEP
    if not steps.any():
        return ink
    usual = np.full_like(base, np.median(take_few(base)))
    other = (cv2.absdiff(base, usual) > STEP).astype(np.uint8)
    names, about = find_components(other)
    border = np.concatenate(
        [names[0], names[-1], names[:, 0], names[:, -1]], dtype=int
    )
    beyond = about[:, 4] < LARGEST * base.size
    beyond &= np.isin(np.arange(len(about)), border)
    beyond[0] = False
    near: np.ndarray = cv2.dilate(beyond[names].astype(np.uint8), kernel)
    edge = np.where(steps, near, 0).astype(np.uint8)
    near = cv2.dilate(edge, kernel) > 0
    parts, stats = find_components((ink > 0).astype(np.uint8))
    along = np.bincount(parts[near], minlength=len(stats))
    rims = along > RIM * stats[:, 4]
    rims[0] = False
    for rim in np.flatnonzero(rims):
        left, top, wide, high = stats[rim, :4]
        window = np.s_[top : top + high, left : left + wide]
        marks = strength[window][parts[window] == rim]
        around = base[
            max(0, top - WAY) : top + high + WAY,
            max(0, left - WAY) : left + wide + WAY,
        ]
        # Ink beside a shadow's edge is darker than both of its sides.
        rims[rim] = (
            np.percentile(marks, 75) < DARKER * float(np.ptp(around)) / SPAN
        )
    return np.where(rims[parts], 0, ink).astype(np.uint8)
