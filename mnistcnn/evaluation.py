"""How good a model is: scores with their intervals, and its mistakes."""

import dataclasses
import math

import numpy as np

from mnistcnn.calibration import calibration_error, measure_reliability
from mnistcnn.data import DIGITS
from mnistcnn.errors import DataError

BATCH_SIZE = 500
# The 97.5 % point of the normal distribution: 95 % intervals.
Z_95 = 1.959963984540054
# Keras clips probabilities here before the logarithm.
EPSILON = 1e-7


@dataclasses.dataclass(frozen=True, eq=False)
class Evaluation:
    """The scores of a model on labelled images.

    Args:
        accuracy: the part that it reads right, 0..1.
        n: how many images were scored, all of them.
        interval: the 95 % Wilson interval of the accuracy.
        loss: the mean categorical cross-entropy, in nats.
        confusion: `(classes, classes)` int64; rows are true, columns
            predicted; it sums to n.
        classes: the classes' names.
        mistakes: the images read wrong, the surest mistake first, each with
            `index`, `label`, `predicted` and `probability`.
        reliability: how sure it is beside how often it is right, a row a
            bin, as `mnistcnn.calibration.measure_reliability` has it.
    """

    accuracy: float
    n: int
    interval: tuple[float, float]
    loss: float
    confusion: np.ndarray
    classes: tuple[str, ...]
    mistakes: list[dict]
    reliability: list[dict]

    @property
    def calibration_error(self) -> float:
        """The expected calibration error, 0..1."""
        return calibration_error(self.reliability)

    @property
    def per_class(self) -> list[dict]:
        """Each class's `label`, `precision`, `recall` and `support`.

        A precision without predictions, or a recall without images, is 0.
        """
        right = np.diag(self.confusion)
        predicted = self.confusion.sum(axis=0)
        support = self.confusion.sum(axis=1)
        return [
            {
                "label": name,
                "precision": float(right[i] / max(predicted[i], 1)),
                "recall": float(right[i] / max(support[i], 1)),
                "support": int(support[i]),
            }
            for i, name in enumerate(self.classes)
        ]

    def to_dict(self, *, max_mistakes: int = 25) -> dict:
        """What `metrics.json` keeps under `test`."""
        return {
            "accuracy": self.accuracy,
            "n": self.n,
            "interval": list(self.interval),
            "loss": self.loss,
            "calibration_error": self.calibration_error,
            "reliability": self.reliability,
            "confusion": self.confusion.tolist(),
            "per_class": self.per_class,
            "mistakes": self.mistakes[:max_mistakes],
        }


def evaluate(
    model, x: np.ndarray, y: np.ndarray, *, classes: tuple[str, ...] = DIGITS
) -> Evaluation:
    """Scores a model on every one of the images.

    Args:
        model: a Keras model, or anything with `predict_proba`.
        x: `(n, 28, 28)` uint8, 0..255.
        y: `(n,)` integers, indices of `classes`.
        classes: the classes' names.

    Returns:
        An `Evaluation`.

    Raises:
        DataError: there is no image, or not as many labels as images.

    Example:
        >>> from mnistcnn import build_model, load_data
        >>> data = load_data("strokes", limit=50)
        >>> evaluate(build_model(), data.x_test, data.y_test).n
        50
    """
    if len(x) == 0 or len(x) != len(y):
        raise DataError(
            f"{len(x)} images and {len(y)} labels to evaluate. Expected as "
            "many of both, one at least."
        )
    if hasattr(model, "predict_proba"):
        probabilities = model.predict_proba(x)
    else:
        probabilities = model.predict(
            x[..., None], batch_size=BATCH_SIZE, verbose=0
        )
    return score(np.asarray(y), np.asarray(probabilities), classes=classes)


def score(
    y: np.ndarray,
    probabilities: np.ndarray,
    *,
    classes: tuple[str, ...] = DIGITS,
) -> Evaluation:
    """Scores probabilities against labels.

    Args:
        y: `(n,)` integers.
        probabilities: `(n, classes)` float.
        classes: the classes' names.

    Returns:
        An `Evaluation`.

    Raises:
        DataError: the classes are not those of the labels.

    Example:
        >>> result = score(np.array([0, 1]), np.array([[0.9, 0.1]] * 2),
        ...                classes=("no", "yes"))
        >>> result.accuracy, result.mistakes[0]["predicted"]
        (0.5, 'no')
    """
    y = np.asarray(y, np.int64)
    width = probabilities.shape[1]
    if width > len(classes) or not y.max() < width:
        raise DataError(
            f"The network gives {width} probabilities an image, for "
            f"{len(classes)} classes and labels up to {y.max()}. Expected as "
            "many: the network and the data differ."
        )
    predicted = probabilities.argmax(axis=1)
    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (y, predicted), 1)
    of_truth = probabilities[np.arange(len(y)), y].astype(np.float64)
    sure = probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != y)
    wrong = wrong[np.argsort(-sure[wrong], kind="stable")]
    right = len(y) - len(wrong)
    return Evaluation(
        accuracy=right / len(y),
        n=len(y),
        interval=wilson_interval(right, len(y)),
        loss=float(-np.log(np.clip(of_truth, EPSILON, 1)).mean()),
        confusion=confusion,
        classes=tuple(classes),
        mistakes=[
            {
                "index": int(i),
                "label": classes[y[i]],
                "predicted": classes[predicted[i]],
                "probability": float(sure[i]),
            }
            for i in wrong
        ],
        reliability=measure_reliability(y, probabilities),
    )


def wilson_interval(successes: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a proportion (Wilson, 1927).

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
