"""How good a model is: scores with their intervals, and its mistakes."""

import dataclasses
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from mnistcnn.calibration import (
    Bin,
    calibration_error,
    measure_reliability,
    wilson_interval,
)
from mnistcnn.data import DIGITS, check_labels, take_names
from mnistcnn.errors import DataError
from mnistcnn.pages import cell
from mnistcnn.pictures import check_answer, check_images, check_input

if TYPE_CHECKING:
    from mnistcnn.backends import keras

BATCH_SIZE = 500
EPSILON = 1e-7  # as Keras clips probabilities before the logarithm


class Classifier(Protocol):
    """Anything that gives probabilities for images, like `DigitClassifier`."""

    def predict_proba(self, images: npt.ArrayLike, /) -> npt.NDArray[Any]:
        """Computes `(n, classes)` probabilities of `(n, 28, 28)` images."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class Evaluation:
    """The scores of a model on labelled images.

    Args:
        accuracy: the share that it reads correctly, 0..1.
        n: how many images were scored, all of them.
        interval: the 95 % Wilson interval of the accuracy.
        loss: the mean categorical cross-entropy, in nats.
        confusion: `(classes, classes)` int64; rows are true, columns
            predicted; it sums to n.
        classes: the classes' names.
        mistakes: the misread images, the most confident mistake first, each
            with `index`, `label`, `predicted` and `probability`.
        reliability: bins, of `mnistcnn.calibration.measure_reliability`.
    """

    accuracy: float
    n: int
    interval: tuple[float, float]
    loss: float
    confusion: npt.NDArray[np.int64]
    classes: tuple[str, ...]
    mistakes: list[dict[str, Any]]
    reliability: list[Bin]
    _repr_html_ = cell("evaluation")

    @property
    def calibration_error(self) -> float:
        """Computes the expected calibration error, 0..1."""
        return calibration_error(self.reliability)

    @property
    def per_class(self) -> list[dict[str, Any]]:
        """Lists each class's `label`, `precision`, `recall` and `support`.

        A precision without predictions, or a recall without images, is 0.
        """
        columns = self.confusion.sum(axis=0), self.confusion.sum(axis=1)
        return [
            {
                "label": name,
                "precision": float(hits / max(predicted, 1)),
                "recall": float(hits / max(support, 1)),
                "support": int(support),
            }
            for name, hits, predicted, support in zip(
                self.classes, np.diag(self.confusion), *columns, strict=True
            )
        ]

    def to_dict(self, *, max_mistakes: int = 25) -> dict[str, Any]:
        """Makes the value of `test` in `metrics.json`."""
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
    model: "keras.Model | Classifier",
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    classes: tuple[str, ...] = DIGITS,
) -> Evaluation:
    """Scores a model on every one of the images.

    Args:
        model: a Keras model, or anything with `predict_proba`.
        x: `(n, 28, 28)` or `(n, 28, 28, 1)`, 0..255, ink bright on dark.
        y: `(n,)` whole numbers, indices of `classes`; or one-hot.
        classes: the classes' names.

    Returns:
        The scores, an `Evaluation`.

    Raises:
        DataError: images, labels and the model's answers do not fit each other.

    Example:
        >>> from mnistcnn import build_model, load_data
        >>> data = load_data("strokes", limit=50)
        >>> evaluate(build_model(), data.x_test, data.y_test).n
        50
    """
    own: Any = model  # Keras' own methods are not typed
    # Our own classifier would repeat the warnings.
    images = check_images(x, quiet=getattr(own, "checks_images", False))
    classes = take_names(classes)
    labels = check_labels(y, len(classes))
    if len(images) == 0 or len(images) != len(labels):
        raise DataError(
            f"{len(images)} images and {len(labels)} labels to evaluate. "
            "Expected as many of both, one at least: is there a test set?"
        )
    if hasattr(own, "predict_proba"):
        rows = own.predict_proba(images[..., 0])
    else:
        check_input(own)
        rows = own.predict(images, batch_size=BATCH_SIZE, verbose=0)
    return score(labels, check_answer(rows, len(images)), classes=classes)


def score(
    y: npt.NDArray[np.integer[Any]],
    probabilities: npt.NDArray[np.floating[Any]],
    *,
    classes: tuple[str, ...] = DIGITS,
) -> Evaluation:
    """Scores probabilities against labels.

    Args:
        y: `(n,)` integers.
        probabilities: `(n, classes)` float.
        classes: the classes' names.

    Raises:
        DataError: the classes do not match the labels.

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
