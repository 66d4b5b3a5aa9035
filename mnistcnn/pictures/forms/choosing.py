"""Choosing: which of a picture's boxes belong to the grid."""

import itertools

import cv2
import numpy as np
import numpy.typing as npt

from mnistcnn.pictures.forms.places import MOST
from mnistcnn.pictures.shapes.boxes import (
    MOST_WALLS,
    Box,
    are_alike,
    find_beside,
)

PUZZLE = 5  # rows and columns that make a grid, whatever is beside it
CLOSED = 0.6  # of its cells: least share that is found as boxes
ALIKE = 0.35  # how far a cell's sides may differ from the median
SHRINK = 0.2  # and from those of the next cell
MOST_CELLS = 900


def choose_puzzle(boxes: list[Box]) -> list[Box]:
    """Chooses the puzzle that takes up most of the picture.

    A newspaper may have other puzzles and solutions beside it.

    Args:
        boxes: by their inner edges.

    Returns:
        The boxes that share their walls with each other, if they are as many as
        a puzzle has; else all of them.
    """
    if not CLOSED * PUZZLE**2 <= len(boxes) <= MOST_WALLS:
        return boxes
    groups = _group(boxes)
    rooms = [
        sum(cv2.contourArea(boxes[k].hull) for k in group)
        if len(group) >= CLOSED * PUZZLE**2
        else 0
        for group in groups
    ]
    if not max(rooms):
        return boxes
    return [boxes[k] for k in groups[int(np.argmax(rooms))]]


def _group(boxes: list[Box]) -> list[npt.NDArray[np.intp]]:
    """Groups boxes of similar size, each beside another of its group."""
    beside = find_beside(boxes)
    beside |= beside.T
    left, groups = np.ones(len(boxes), bool), []
    while left.any():
        group = np.zeros(len(boxes), bool)
        group[left.argmax()] = True
        while (grown := beside[group].any(axis=0)).sum() > group.sum():
            group = grown
        groups.append(np.flatnonzero(group))
        left &= ~group
    return groups


def choose_alike(boxes: list[Box]) -> list[Box]:
    """Chooses the boxes of about the usual size.

    Seen at an angle, cells shrink from one to the next, so a box of about the
    size of a chosen one beside it is chosen as well.
    """
    if not boxes:
        return []
    sides = np.array([box.sides for box in boxes])
    usual = np.median(sides, axis=0)
    away = np.abs(sides - usual).max(axis=1, initial=0)
    near = away <= ALIKE * usual.min()
    if len(boxes) <= MOST_CELLS:
        centres = np.array([box.corners.mean(axis=0) for box in boxes])
        apart = np.abs(centres - centres[:, None]).max(axis=2)
        follow = are_alike(sides, sides[:, None], SHRINK).all(axis=2)
        follow &= apart < MOST * sides.max(axis=1)
        for _ in boxes:
            grown = near | follow[near].any(axis=0)
            if (grown == near).all():
                break
            near = grown
    return list(itertools.compress(boxes, near))
