"""Calibration and its statistics: how far scores can be trusted.

Written by hand, so that neither scikit-learn nor SciPy is needed.
"""

import math
from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

BINS = 15
# The default rejection threshold, used if none was fitted: below it the
# likeliest class is less likely than all others together.
MIN_PROBABILITY = 0.5
# The share of held-out real digits that may be rejected, so that most
# non-digits are rejected too. It is less than the 0.3 % promised for other
# digits.
REJECTED = 0.0025
TEMPERATURES = (0.2, 5.0)
# The 97.5 % point of the normal distribution: 95 % intervals.
Z_95 = 1.959963984540054
EPSILON = 1e-12

Labels = npt.NDArray[np.integer[Any]]
Probabilities = npt.NDArray[np.floating[Any]]


class Bin(TypedDict):
    """A bin of a reliability diagram: images of similar confidence.

    Args:
        low: the lowest probability of the bin, 0..1.
        high: its end.
        n: how many images are in it.
        confidence: the mean probability of their likeliest class.
        accuracy: the share of them that is read correctly.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def measure_reliability(y: Labels, probabilities: Probabilities) -> list[Bin]:
    """Compares how sure a model is with how often it is right.

    Args:
        y: `(n,)` integers.
        probabilities: `(n, classes)` float, rows sum to 1.

    Returns:
        The non-empty ones of 15 bins of equal width, over the probability of
        the likeliest class.

    Example:
        >>> sure = np.array([[0.9, 0.1], [0.9, 0.1]])
        >>> (row,) = measure_reliability(np.array([0, 1]), sure)
        >>> row["n"], row["confidence"], row["accuracy"]
        (2, 0.9, 0.5)
    """
    sure = np.asarray(probabilities, np.float64).max(axis=1)
    right = np.asarray(probabilities).argmax(axis=1) == np.asarray(y)
    bins = np.clip((sure * BINS).astype(int), 0, BINS - 1)
    return [
        {
            "low": int(i) / BINS,
            "high": (int(i) + 1) / BINS,
            "n": int((bins == i).sum()),
            "confidence": float(sure[bins == i].mean()),
            "accuracy": float(right[bins == i].mean()),
        }
        for i in np.unique(bins)
    ]


def calibration_error(rows: Sequence[Bin]) -> float:
    """Computes the expected calibration error (Naeini et al., 2015).

    Args:
        rows: of `measure_reliability`.

    Returns:
        The mean difference between confidence and accuracy over all images,
        0..1.

    Example:
        >>> sure = np.array([[0.9, 0.1], [0.9, 0.1]])
        >>> rows = measure_reliability(np.array([0, 1]), sure)
        >>> round(calibration_error(rows), 6)
        0.4
    """
    gaps = [row["n"] * abs(row["confidence"] - row["accuracy"]) for row in rows]
    return sum(gaps) / sum(row["n"] for row in rows)


def fit_temperature(
    y: Labels,
    probabilities: Probabilities,
    *,
    sharing: Probabilities | None = None,
) -> float:
    """Fits the temperature that logits are divided by (temperature scaling).

    (Guo et al., "On Calibration of Modern Neural Networks", 2017.)

    Args:
        y: `(n,)` integers.
        probabilities: `(n, k)` float, of a softmax; or `(looks, n, k)` for
            test-time augmentation, whose mean over the looks is the answer.
        sharing: `(k, classes)`, what the probabilities are multiplied by
            behind the softmax; by default nothing.

    Returns:
        The temperature that minimizes the cross-entropy, 0.2 to 5; above 1 if
        the model is overconfident.

    Example:
        >>> too_sure = np.array([[0.99, 0.01]] * 4)
        >>> fit_temperature(np.array([0, 0, 0, 1]), too_sure) > 4
        True
    """
    y = np.asarray(y, np.int64)
    logits = np.log(np.maximum(probabilities, EPSILON, dtype=np.float64))
    shares = np.eye(logits.shape[-1]) if sharing is None else sharing

    def loss(log_temperature: float) -> float:
        scaled = logits / math.exp(log_temperature)
        powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
        of_truth = (powers * shares[:, y].T).sum(axis=-1) / powers.sum(axis=-1)
        of_truth = of_truth.reshape(-1, len(y)).mean(axis=0)
        return float(-np.log(np.maximum(of_truth, EPSILON)).mean())

    # The loss has one minimum in 1 / temperature: golden-section search.
    low, high = map(math.log, TEMPERATURES)
    ratio = (math.sqrt(5) - 1) / 2
    while high - low > 1e-4:
        one, two = high - ratio * (high - low), low + ratio * (high - low)
        if loss(one) < loss(two):
            high = two
        else:
            low = one
    return math.exp((low + high) / 2)


def choose_threshold(
    probabilities: Probabilities, *, rejected: float = REJECTED
) -> float:
    """Chooses the rejection threshold: a reading below it is "?".

    Args:
        probabilities: `(n, classes)` float, of held-out real digits.
        rejected: the share of them that may fall below it.

    Returns:
        The threshold, 0..1.

    Example:
        >>> sure = np.array([[p, 1 - p] for p in np.linspace(0.5, 1, 101)])
        >>> round(choose_threshold(sure, rejected=0.1), 3)
        0.55
    """
    sure = np.asarray(probabilities, np.float64).max(axis=1)
    return float(np.quantile(sure, rejected))


def wilson_interval(successes: int, n: int) -> tuple[float, float]:
    """Computes the 95 % confidence interval of a proportion (Wilson, 1927).

    Unlike the normal approximation it stays inside 0..1, and holds near 1,
    where accuracies of digits are.

    Args:
        successes: how many of `n`.
        n: 1 or more.

    Returns:
        `(low, high)`.

    Example:
        >>> [round(p, 4) for p in wilson_interval(9900, 10000)]
        [0.9879, 0.9918]
    """
    p = successes / n
    scale = 1 / (1 + Z_95**2 / n)
    middle = scale * (p + Z_95**2 / (2 * n))
    half = scale * Z_95 * math.sqrt(p * (1 - p) / n + Z_95**2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
