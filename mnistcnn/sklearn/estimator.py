"""`DigitEstimator`: the network as a scikit-learn classifier.

It follows https://scikit-learn.org/stable/developers/develop.html.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.errors import ConfigError, DataError

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import (
        check_is_fitted,
        check_non_negative,
        validate_data,
    )
except ImportError as error:
    raise ConfigError(
        f"scikit-learn cannot be imported ({error}). Expected it, 1.6 or "
        'newer, for DigitEstimator: pip install "mnistcnn[sklearn]".'
    ) from error

from mnistcnn.artifact import save_artifact
from mnistcnn.data import Dataset
from mnistcnn.pictures import IMAGE_SIZE
from mnistcnn.reading import DigitClassifier
from mnistcnn.training import Recipe, TrainConfig, as_recipe, recipe, train

_SHAPES = ((IMAGE_SIZE,) * 2, (IMAGE_SIZE, IMAGE_SIZE, 1))
_FEATURES = IMAGE_SIZE**2


class DigitEstimator(ClassifierMixin, BaseEstimator):
    """The network as a classifier of scikit-learn's form.

    When fitted, it has `classes_` (the labels, sorted), `classifier_` (a
    `DigitClassifier`, whose class names are the labels as strings), `history_`
    (a dict per epoch, as `TrainResult.history`) and `n_features_in_`, 784.

    Args:
        recipe: how to train: a recipe's name, a `Recipe` or a `TrainConfig`.
            Other options override it unless they are `None`.
        model: the network, `"base"`, `"medium"` or `"deep"`.
        epochs: the most epochs to train.
        batch_size: images per step.
        learning_rate: Adam's.
        augment: the strength of the random affine warps, 0 to 2.
        random_state: of weights, batch order, dropout and warps: a whole
            number or a `RandomState`; `None` for the recipe's own seed, so
            that two fits of the same data are equal.
        verbose: show progress bars.

    Example:
        >>> from mnistcnn import load_data
        >>> data = load_data("strokes", limit=100)
        >>> rows = data.x_train.reshape(-1, 784)
        >>> estimator = DigitEstimator(epochs=1).fit(rows, data.y_train)
        >>> estimator.predict(rows[:3]).dtype, estimator.n_features_in_
        (dtype('uint8'), 784)
    """

    def __init__(
        self,
        recipe: str | Recipe | TrainConfig = "fast",
        *,
        model: str | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        augment: float | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ):
        self.recipe = recipe
        self.model = model
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.augment = augment
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.positive_only = True
        tags.input_tags.three_d_array = True
        return tags

    def fit(self, X: Any, y: Any) -> "DigitEstimator":
        """Trains a network.

        Args:
            X: `(n, 784)` rows of pixels, or images, `(n, 28, 28)` or
                `(n, 28, 28, 1)`: whole numbers, 0..255, bright ink on dark.
            y: `(n,)` labels of any type, of 2 to 256 classes.

        Returns:
            The estimator itself.

        Raises:
            ValueError: an argument or an option is invalid.
        """
        plan = self._make_recipe()
        checked: Any = validate_data(self, _unfold(X), y, allow_nd=True)
        X, y = checked
        check_classification_targets(y)
        labels, indices = np.unique(y, return_inverse=True)
        if len(labels) < 2:
            raise DataError(
                f"All {len(y)} labels are of one class. Expected labels of two "
                "classes at least: a network tells them apart."
            )
        images = self._take(X)
        data = Dataset(
            images,
            indices.astype(np.uint8),
            images[:0],
            np.zeros(0, np.uint8),
            name="data given to DigitEstimator",
            classes=tuple(map(str, labels)),
        )
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "run"
            result = train(plan, data, out=out, verbose=self.verbose)
            self.classifier_ = DigitClassifier.from_artifact(result.best)
        self.classes_ = labels
        self.history_ = result.history
        return self

    def predict_proba(self, X: Any) -> npt.NDArray[np.float32]:
        """Computes the probabilities of the classes.

        Args:
            X: as of `fit`; fractions are accepted as well.

        Returns:
            `(n, classes)` float32, as in `classes_`; rows sum to 1.
        """
        check_is_fitted(self)
        x: Any = validate_data(self, _unfold(X), allow_nd=True, reset=False)
        return self.classifier_.predict_proba(self._take(x))

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Returns the likeliest labels, `(n,)`, for X as of `predict_proba`."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the fitted network as an artifact.

        Args:
            path: of the file, which is returned.
        """
        check_is_fitted(self)
        model, card = self.classifier_.model, self.classifier_.card
        return save_artifact(model, path, card=card)

    def _make_recipe(self) -> Recipe:
        names = ("model", "epochs", "batch_size", "learning_rate", "augment")
        given = {name: getattr(self, name) for name in names}
        changes = {name: v for name, v in given.items() if v is not None}
        if self.random_state is not None:
            generator = check_random_state(self.random_state)
            changes["seed"] = int(generator.randint(1 << 31))
        chosen = self.recipe
        if isinstance(chosen, str):
            chosen = recipe(chosen)
        if not isinstance(chosen, Recipe | TrainConfig):
            raise ConfigError(
                f"recipe is a {type(chosen).__name__}. Expected the name of "
                "one, a Recipe or a TrainConfig."
            )
        return as_recipe(chosen).vary(**changes)

    def _take(self, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        check_non_negative(rows, "DigitEstimator")
        return self._make_images(rows)

    def _make_images(self, rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
        if rows.shape[1:] != (_FEATURES,):
            raise DataError(
                f"X has {rows.shape[1]} feature(s), shape {rows.shape}. "
                "Expected 784, or images, (n, 28, 28) or (n, 28, 28, 1): "
                "resize the pictures first, in a step of a pipeline, say."
            )
        return rows.reshape(-1, IMAGE_SIZE, IMAGE_SIZE)


def _unfold(X: Any) -> Any:
    """Flattens images to rows of pixels; other input is unchanged."""
    shape = tuple(getattr(X, "shape", ()))
    if len(shape) > 2 and shape[1:] in _SHAPES:
        return np.asarray(X).reshape(-1, _FEATURES)
    return X
