"""Composed numbers on paper: tilted, as ink, and as pictures."""

import cv2
import numpy as np

from composed_numbers.composing import Number
from mnistcnn.pictures import rasterize


def turn(number: Number, degrees: float) -> Number:
    """Tilts the paper, to the right and down."""
    angle = np.deg2rad(degrees)
    turned = np.array(
        [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    )
    return Number(
        tuple(s @ turned for s in number.strokes),
        number.groups,
        number.labels,
        number.lines,
        number.pen,
    )


def draw_number(
    number: Number, rng: np.random.Generator, height: float | None = None
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Draws a number as a picture's ink.

    Args:
        number: what to draw.
        rng: chooses the size.
        height: of a line, in pixels; None: 36 to 90.

    Returns:
        `(h, w)` uint8, bright ink on black; and the ink of each sign alone.
    """
    height = height or rng.uniform(36, 90)
    pen = max(2.0, height * number.pen)
    points = np.concatenate(number.strokes)
    low = points.min(0) - 0.35
    wide, tall = np.ceil((points.max(0) + 0.35 - low) * height).astype(int)
    strokes = [(s - low) * height for s in number.strokes]
    parts = []
    for group in number.groups:
        part = np.zeros((int(tall), int(wide)), np.uint8)
        inside = np.concatenate([strokes[i] for i in group])
        left, top = np.maximum(np.floor(inside.min(0) - pen), 0).astype(int)
        right, bottom = np.ceil(inside.max(0) + pen).astype(int)
        window = part[top:bottom, left:right]
        moved = [strokes[i] - (left, top) for i in group]
        window[:] = rasterize(moved, window.shape, pen)
        parts.append(part)
    return np.max(parts, axis=0), parts


def make_picture(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Makes a grey picture from ink: paper, a pen's grey, blur and noise."""
    paper, pen = rng.uniform(190, 250), rng.uniform(20, 90)
    soft = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.3, 0.9)) / 255
    grey = paper + (pen - paper) * soft + rng.normal(0, 3, ink.shape)
    return np.clip(np.rint(grey), 0, 255).astype(np.uint8)
