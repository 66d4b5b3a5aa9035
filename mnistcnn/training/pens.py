"""Pens: draws strokes for training, differently each time.

Deformed, like other people's handwriting; by thin pens and by markers; and as
in a photo that is out of focus.
"""

import numpy as np
import numpy.typing as npt

from mnistcnn.data import defocus, draw_strokes
from mnistcnn.ink import PRINTED, StrokeSet
from mnistcnn.pictures import IMAGE_SIZE

PEN_WIDTHS = (1.4, 3.4)  # pixels; nearly all of MNIST's are in this range
BOLD_WIDTHS = (3.4, 7.0)  # as markers and bold fonts; wider ones fill holes
_BOLD_PRINT = 0.7  # share of printed digits that are bold
# Share of bold ink that is bold by blur, and the widths of its pens.
_BLURRED, _BLURRED_WIDTHS = 0.6, (2.0, 4.5)
_BEND = 0.12  # standard deviations of the slant, and of the log of the aspect


def draw_anew(
    strokes: StrokeSet, rng: np.random.Generator, bold: float
) -> npt.NDArray[np.uint8]:
    """Draws each character, deformed at random, by a random pen.

    Args:
        strokes: `n` characters; those of the writer `PRINTED` are mostly bold,
            if `bold` is not 0.
        rng: chooses.
        bold: the share that is bold, by a wide pen or by blur, 0 to 1.

    Returns:
        `(n, 28, 28)`.
    """
    n = len(strokes)
    if not n:
        return np.zeros((0, IMAGE_SIZE, IMAGE_SIZE), np.uint8)
    aspect = np.exp(rng.normal(0, _BEND, n))
    linear = np.zeros((n, 2, 2))
    linear[:, 0, 0], linear[:, 1, 1] = aspect, 1 / aspect
    linear[:, 0, 1] = rng.normal(0, _BEND, n)
    strokes = strokes.map_points(linear)
    if not bold:
        return draw_strokes(strokes, rng.uniform(*PEN_WIDTHS, n))
    often = np.where(strokes.writers == PRINTED, _BOLD_PRINT, bold)
    wide = rng.random(n) < often
    blurred = wide & (rng.random(n) < _BLURRED)
    kinds = PEN_WIDTHS, BOLD_WIDTHS, _BLURRED_WIDTHS
    low, high = np.array(kinds)[wide.astype(int) + blurred].T
    images = draw_strokes(strokes, rng.uniform(low, high))
    images[blurred] = defocus(images[blurred], rng)
    return images
