"""What is mixed into the training images: drawn digits, and what is none."""

import numpy as np

from mnistcnn.nondigits import draw_nondigit
from mnistcnn.preprocessing import strokes_to_image
from mnistcnn.skeletons import SKELETONS
from mnistcnn.strokes import draw_digit, pen_width

NONE = 10  # the label of what is no digit


def draw_mixture(
    num_digits: int, num_nondigits: int, *, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draws images to be mixed into MNIST's.

    Of each digit all forms are drawn equally often: the usual ones are in
    MNIST, the rare ones are what it lacks.

    Args:
        num_digits: how many digits.
        num_nondigits: how many drawings that are no digit.
        seed: of NumPy's generators; the same seed draws the same.

    Returns:
        Images `(n, 28, 28)` uint8 and labels `(n,)` int64, `NONE` for what
        is no digit.

    Example:
        >>> images, labels = draw_mixture(2, 1, seed=0)
        >>> images.shape, labels[-1] == NONE
        ((3, 28, 28), True)
    """
    rng = np.random.default_rng([seed, 0])
    images, labels = [], []
    for _ in range(num_digits):
        label = int(rng.integers(10))
        form = int(rng.integers(len(SKELETONS[label])))
        strokes = draw_digit(label, rng, form=form)
        images.append(strokes_to_image(strokes, pen_width(rng)))
        labels.append(label)
    rng = np.random.default_rng([seed, 1])
    for _ in range(num_nondigits):
        strokes = draw_nondigit(rng)
        images.append(strokes_to_image(strokes, pen_width(rng)))
        labels.append(NONE)
    images = np.array(images, np.uint8).reshape(-1, 28, 28)
    return images, np.array(labels, np.uint8)
