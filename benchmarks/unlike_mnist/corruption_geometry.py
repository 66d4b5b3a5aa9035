"""Lines across images, and linear maps of them, for `corruptions.py`."""

import cv2
import numpy as np

from mnistcnn.pictures import IMAGE_SIZE

OFF_MIDDLE = 5.0  # pixels by which a line may miss the middle


def make_line(rng: np.random.Generator, step: float):
    """Makes the points of a line across an image, in a random direction.

    Args:
        rng: draws the direction, and how far the line's middle is from the
            image's: up to `OFF_MIDDLE` pixels both ways.
        step: pixels from point to point.

    Returns:
        The points `(m, 2)`, and the line's unit normal vector `(2,)`.
    """
    angle = rng.uniform(0, np.pi)
    along = np.array([np.cos(angle), np.sin(angle)])
    middle = IMAGE_SIZE / 2 + rng.uniform(-OFF_MIDDLE, OFF_MIDDLE, 2)
    # Twice as long as the image is wide: reaches the border in any direction.
    steps = np.arange(-IMAGE_SIZE, IMAGE_SIZE, step)[:, None]
    return middle + steps * along, np.array([-along[1], along[0]])


def map_linearly(image: np.ndarray, linear, shift=(0, 0)) -> np.ndarray:
    """Maps an image linearly about its middle, then shifts it."""
    middle = np.full(2, (IMAGE_SIZE - 1) / 2)
    offset = middle - np.array(linear) @ middle + shift
    return cv2.warpAffine(image, np.c_[linear, offset], image.shape)
