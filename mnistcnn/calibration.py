"""How far probabilities can be believed, and what makes them so."""

import math

import numpy as np

BINS = 15
# Below this the likeliest class is less likely than all others together.
MIN_PROBABILITY = 0.5
# Of real digits, the part that may be refused so that most of what is no
# digit is; half of what is promised, because the next digits are others.
REFUSED = 0.005
TEMPERATURES = (0.2, 5.0)
EPSILON = 1e-12


def measure_reliability(y: np.ndarray, probabilities: np.ndarray) -> list[dict]:
    """Compares how sure a model is with how often it is right.

    Args:
        y: `(n,)` integers.
        probabilities: `(n, classes)` float, rows sum to 1.

    Returns:
        For each of 15 bins of the likeliest class' probability, of one
        width, that has images: `low` and `high`, its ends; `n`;
        `confidence`, the mean probability; `accuracy`, the part read right.

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


def calibration_error(rows: list[dict]) -> float:
    """The expected calibration error (Naeini et al., 2015).

    Args:
        rows: of `measure_reliability`.

    Returns:
        How far confidence and accuracy are apart, in the mean over all
        images, 0..1.

    Example:
        >>> sure = np.array([[0.9, 0.1], [0.9, 0.1]])
        >>> rows = measure_reliability(np.array([0, 1]), sure)
        >>> round(calibration_error(rows), 6)
        0.4
    """
    gaps = [row["n"] * abs(row["confidence"] - row["accuracy"]) for row in rows]
    return sum(gaps) / sum(row["n"] for row in rows)


def fit_temperature(
    y: np.ndarray,
    probabilities: np.ndarray,
    *,
    sharing: np.ndarray | None = None,
) -> float:
    """Finds by what to divide logits so that probabilities can be believed.

    (Guo et al., "On Calibration of Modern Neural Networks", 2017.)

    Args:
        y: `(n,)` integers.
        probabilities: `(n, k)` float, of a softmax.
        sharing: `(k, classes)`, what the probabilities are multiplied by
            behind the softmax; by default nothing.

    Returns:
        The temperature of the least cross-entropy, 0.2 to 5; above 1 where
        the model is too sure.

    Example:
        >>> too_sure = np.array([[0.99, 0.01]] * 4)
        >>> fit_temperature(np.array([0, 0, 0, 1]), too_sure) > 4
        True
    """
    y = np.asarray(y, np.int64)
    logits = np.log(np.maximum(probabilities, EPSILON, dtype=np.float64))
    shares = np.eye(logits.shape[1]) if sharing is None else sharing

    def loss(log_temperature):
        scaled = logits / math.exp(log_temperature)
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        of_truth = (powers * shares[:, y].T).sum(axis=1) / powers.sum(axis=1)
        return -np.log(np.maximum(of_truth, EPSILON)).mean()

    # The loss has one minimum in 1 / temperature: the golden section.
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
    probabilities: np.ndarray, *, refused: float = REFUSED
) -> float:
    """The probability below which a reading is no reading.

    Args:
        probabilities: `(n, classes)` float, of real digits that were held
            out.
        refused: the part of them that may fall below it.

    Returns:
        The threshold, 0..1.

    Example:
        >>> sure = np.array([[p, 1 - p] for p in np.linspace(0.5, 1, 101)])
        >>> round(choose_threshold(sure, refused=0.1), 3)
        0.55
    """
    sure = np.asarray(probabilities, np.float64).max(axis=1)
    return float(np.quantile(sure, refused))
