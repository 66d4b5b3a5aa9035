"""Evidence: which ink speaks for a reading, and which against it."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from mnistcnn.pictures import IMAGE_SIZE, check_images

SIDE, STEP = 6, 3  # pixels: side and stride of the occluding square
EPSILON = 1e-6  # probabilities are clipped to this


class Predictor(Protocol):
    """Anything with the `predict_proba` of `DigitClassifier`."""

    def predict_proba(
        self, images: npt.NDArray[np.uint8], /
    ) -> npt.NDArray[np.float32]:
        """Computes `(n, classes)` from `(n, 28, 28)`."""
        ...


def weigh_evidence(
    classifier: Predictor, image: npt.ArrayLike
) -> npt.NDArray[np.float32]:
    """Weighs the ink of an image for and against its likeliest class.

    A square of paper is laid over each place in turn; the fall of the class's
    log-odds is the evidence of the ink under it (occlusion; Zeiler and Fergus,
    "Visualizing and Understanding Convolutional Networks", 2014).

    Args:
        classifier: whose reading it is.
        image: `(28, 28)`, 0..255, ink bright on dark.

    Returns:
        `(28, 28)` float32: the mean fall over the squares on each pixel, in
        nats; positive for the class, negative against it, 0 on paper.

    Example:
        >>> from mnistcnn import DigitClassifier
        >>> image = np.zeros((28, 28), np.uint8)
        >>> image[4:24, 13:16] = 255
        >>> evidence = weigh_evidence(DigitClassifier.from_pretrained(), image)
        >>> evidence.shape, bool(evidence[:, :10].any())
        ((28, 28), False)
    """
    (checked,) = check_images(image, "the image")[..., 0]
    corners = range(1 - STEP, IMAGE_SIZE - STEP, STEP)
    windows = [
        np.s_[max(y, 0) : y + SIDE, max(x, 0) : x + SIDE]
        for y in corners
        for x in corners
    ]
    windows = [window for window in windows if checked[window].any()]
    covered = np.repeat(checked[None], len(windows) + 1, axis=0)
    for picture, window in zip(covered[1:], windows, strict=True):
        picture[window] = 0
    rows = classifier.predict_proba(covered)
    # Log-odds, since a probability near 1 hardly changes.
    best = rows[0].argmax()
    rows = np.stack([rows[:, best], np.delete(rows, best, axis=1).sum(axis=1)])
    logs = np.subtract(*np.log(np.maximum(rows, EPSILON)))
    sums = np.zeros((2, IMAGE_SIZE, IMAGE_SIZE), np.float32)
    for log, window in zip(logs[1:], windows, strict=True):
        sums[0][window] += logs[0] - log
        sums[1][window] += 1
    return np.where(checked > 0, sums[0] / np.maximum(sums[1], 1), 0)
