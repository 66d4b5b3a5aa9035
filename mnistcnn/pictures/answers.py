"""Checks of what a network answers: a row of probabilities for each image."""

from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.errors import DataError
from mnistcnn.pictures.arrays import to_array

# Sums of rows differ from 1 by as much in bfloat16, which has 8 bits.
ROUNDING = 0.01


def check_answer(answer: Any, num_images: int) -> npt.NDArray[Any]:
    """Checks that a network answered with probabilities.

    Args:
        answer: an array-like of numbers.
        num_images: how many images it was given.

    Returns:
        `(n, classes)`, the same values.

    Raises:
        DataError: another shape, numbers that are not finite, or rows that are
            no probabilities, but logits or percent.

    Example:
        >>> check_answer([[0.25, 0.75]], 1).shape
        (1, 2)
    """
    floats = isinstance(answer, np.ndarray) and answer.dtype.kind == "f"
    rows = answer if floats else to_array(answer, "The model's answer")
    if (
        rows.ndim != 2
        or len(rows) != num_images
        or not rows.shape[1]
        or rows.dtype.kind not in "iuf"
    ):
        raise DataError(
            f"The model answers {num_images} images with a "
            f"{type(answer).__name__} of shape {rows.shape} and dtype "
            f"{rows.dtype}. Expected a row of probabilities for each image, "
            f"({num_images}, classes): give it that output alone."
        )
    # All that a single image waits for, by NumPy's fastest calls. NaN is
    # refused, since comparisons with it are false.
    sums = np.add.reduce(rows, 1, np.float64)
    if not num_images or (
        rows.min() >= -ROUNDING
        and sums.min() >= 1 - ROUNDING
        and sums.max() <= 1 + ROUNDING
    ):
        return rows
    raise DataError(_describe(rows, sums))


def _describe(rows: npt.NDArray[Any], sums: npt.NDArray[Any]) -> str:
    """Describes the first row that is none of probabilities."""
    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        return (
            f"The model answers image {row} with numbers that are not finite "
            f"({', '.join(map(str, rows[row][:3]))}, …). Expected "
            "probabilities: its training diverged, so train it again with a "
            "lower learning rate."
        )
    wrong = (rows.min(axis=1) < -ROUNDING) | (abs(sums - 1) > ROUNDING)
    row = int(np.argmax(wrong))
    return (
        f"The model answers image {row} with numbers from "
        f"{rows[row].min():.3g} to {rows[row].max():.3g}, whose sum is "
        f"{sums[row]:.3g}. Expected probabilities, 0 to 1, whose sum is 1: end "
        "the model in a softmax layer."
    )
