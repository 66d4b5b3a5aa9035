"""`DigitClassifier`: digits read in images, pictures and pen strokes."""

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn import artifact as artifacts
from mnistcnn import backends, pages
from mnistcnn.calibration import MIN_PROBABILITY
from mnistcnn.pictures import average_rotations, check_answer, check_images
from mnistcnn.reading import checks
from mnistcnn.reading.featuremaps import LayerMaps, show_maps
from mnistcnn.reading.looks import StrokeLooks
from mnistcnn.reading.readers import open_reader
from mnistcnn.reading.readings import Readings, choose_label
from mnistcnn.reading.recognition import Recognizer


class DigitClassifier:
    """A classifier of digits in images, pictures and pen strokes.

    `classes_` are the classes' names; `digits_` the same as integers, or -1.

    Args:
        model: a Keras model from raw pixels `(n, 28, 28, 1)`, 0..255, to
            probabilities `(n, classes)`; or a checked `Artifact`, which is run
            by NumPy if `KERAS_BACKEND` is not set.
        classes: the classes' names.
        name: shown by the board.
        threshold: the probability, 0..1, below which a reading is `"?"`.
        rotation: degrees, 0..45, of test-time augmentation: predictions for an
            image as it is, and rotated to either side, are averaged.
        card: the contents of its artifact's card, if it has one.

    It can be pickled and copied, for joblib and for pools of processes. Use
    `multiprocessing.get_context("spawn")`: in a process that was forked after
    JAX or TensorFlow had computed it raises a `BackendError`.

    Raises:
        ConfigError: the model does not take such images, or the number of its
            outputs is not the number of names.

    Example:
        >>> import numpy as np
        >>> classifier = DigitClassifier.from_pretrained()
        >>> classifier.predict(np.zeros((2, 28, 28), np.uint8)).shape
        (2,)
    """

    def __init__(
        self,
        model: "backends.keras.Model | artifacts.Artifact",
        *,
        classes: Sequence[str],
        name: str = "model",
        threshold: float = MIN_PROBABILITY,
        rotation: float = 0.0,
        card: Mapping[str, Any] | None = None,
    ):
        self.name = name
        self.threshold, self.rotation = threshold, rotation
        self.card: dict[str, Any] = dict(card or {})
        self.classes_: tuple[str, ...] = checks.check_fit(model, classes)
        self.digits_ = checks.number_classes(self.classes_)
        self._reader = open_reader(model)
        self._looks = StrokeLooks()

    threshold = checks.Checked(checks.take_share)
    rotation = checks.Checked(checks.take_degrees)
    _repr_html_ = pages.cell("classifier")
    checks_images = True  # so `evaluate` need not repeat the warnings

    @classmethod
    def from_pretrained(cls) -> "DigitClassifier":
        """Opens the classifier that ships with the package."""
        return cls.from_artifact(artifacts.pretrained_path())

    @classmethod
    def from_artifact(
        cls, path: str | os.PathLike[str], *, trust: bool = False
    ) -> "DigitClassifier":
        """Opens a `.keras` artifact.

        Args:
            path: the file.
            trust: open any Keras model from images to probabilities by Keras'
                own loader, in a process with limits. Only for files of your
                own.

        Raises:
            ArtifactError: the file is missing or not an artifact.
        """
        return cls(**checks.open_file(path, trust=trust))

    @property
    def backend(self) -> str:
        """The backend: "numpy", "jax", "torch" or "tensorflow"."""
        return self._reader.backend

    @property
    def model(self) -> "backends.keras.Model":
        """The Keras model; on NumPy, a new one built from the artifact."""
        return self._reader.model

    def predict_proba(self, images: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """Returns the probabilities of the classes.

        Args:
            images: `(28, 28)`, `(n, 28, 28)` or `(n, 28, 28, 1)`, uint8 or
                float, 0..255, ink bright on dark; otherwise a `DataError`.

        Returns:
            `(n, classes)` float32; rows sum to 1, otherwise a `DataError`.
        """
        return self._predict(check_images(images))

    def predict(self, images: npt.ArrayLike) -> npt.NDArray[np.str_]:
        """Returns the likeliest classes' names, `(n,)`; see `predict_proba`.

        `"7" == 7` is false: compare with `labels.astype(str)`, or take whole
        numbers: `digits_[predict_proba(images).argmax(axis=1)]`.
        """
        return np.array(self.classes_)[self.predict_proba(images).argmax(1)]

    def explain(self, image: npt.ArrayLike) -> list[LayerMaps]:
        """Returns the feature maps of the first and the last convolution.

        Args:
            image: one, `(28, 28)`, 0..255, ink bright on dark.

        Returns:
            One `LayerMaps` for each; empty if there is no convolution. A model
            with a `call` of its own is a `ConfigError`.
        """
        return show_maps(self._reader.explain(checks.check_one(image)))

    def decide(self, probabilities: npt.NDArray[np.float32]) -> str:
        """Returns the label of an image, `"?"` if it is rejected.

        Args:
            probabilities: `(classes,)`, a row of `predict_proba`.
        """
        return choose_label(probabilities, self.classes_, self.threshold)

    def read(self, picture: npt.ArrayLike) -> Readings:
        """Reads the digits in a picture of any size.

        Args:
            picture: `(h, w)`, `(h, w, 3)` or `(h, w, 4)` uint8: a photo, a
                scan or a drawing, dark ink on bright or bright on dark.

        Returns:
            The digits, line by line, left to right in each, and `"?"` for other
            signs; empty for a blank picture, and for a photograph without
            writing, which its `note` then says.

        Raises:
            DataError: the picture has another form.
        """
        with backends.small_work(math.prod(np.shape(picture)[:2])):
            return self._recognizer.read_picture(picture)

    def show(self, picture: npt.ArrayLike) -> Readings:
        """Reads a picture as `read` does, for a notebook to show.

        Args:
            picture: as for `read`; a notebook shows boxes and labels on it.
        """
        return self.read(picture).lay_over(np.asarray(picture))

    def read_strokes(self, strokes: Sequence[npt.ArrayLike]) -> Readings:
        """Reads digits drawn with a pen.

        Predictions of the last call are reused, so that a growing drawing is
        read quickly.

        Args:
            strokes: `(n, 2)` arrays of x and y, y down, any units; one from
                pen down to pen up. Further columns, time and pressure, are
                dropped; one array alone is one stroke. Empty ones have no
                reading.

        Returns:
            The digits, line by line, left to right in each, and `"?"` for other
            signs; empty for no strokes. Ruling lines, such as an underline, are
            specks.
        """
        with backends.small_work():
            return self._recognizer.read_strokes(strokes, self._looks)

    @property
    def _recognizer(self) -> Recognizer:
        return Recognizer(self._predict, self.decide, self.classes_)

    def _predict(self, images: np.ndarray) -> npt.NDArray[np.float32]:
        rows = average_rotations(self._reader.predict, images, self.rotation)
        return check_answer(rows, len(images))
