"""Numbers as a generated hand writes them, and the network that reads them."""

import functools

import numpy as np

from mnistcnn import DigitClassifier
from mnistcnn.ink import draw_digit


@functools.cache
def classifier():
    return DigitClassifier.from_pretrained()


def write(number, gap=25.0, seed=0, tall=100):
    """The strokes of its digits, so much paper between them."""
    rng, strokes, right = np.random.default_rng(seed), [], 0.0
    for label in number:
        digit = draw_digit(int(label), rng)
        points = np.concatenate(digit)
        low, scale = points.min(0), tall / np.ptp(points[:, 1])
        digit = [(stroke - low) * scale + (right, 0) for stroke in digit]
        strokes += digit
        right = max(s[:, 0].max() for s in digit) + gap
    return strokes
