"""The one door from pixels or strokes to digits."""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnistcnn import backends
from mnistcnn.artifact import (
    inspect_artifact,
    load_trusted,
    pretrained_path,
    rebuild,
)
from mnistcnn.calibration import MIN_PROBABILITY
from mnistcnn.pictures import (
    check_images,
    find_digits,
    ink_to_image,
    picture_to_ink,
    strokes_to_image,
)
from mnistcnn.reading.activations import Activations
from mnistcnn.reading.featuremaps import LayerMaps
from mnistcnn.reading.segmentation import group_strokes

UNKNOWN = "?"
MAX_BATCH = 512


@dataclasses.dataclass(frozen=True, eq=False)
class Reading:
    """One digit that was read.

    Args:
        label: the class's name, or `"?"` where none is likely enough.
        probability: of the likeliest class, 0..1.
        box: `(left, top, right, bottom)` in the units of what was read.
        probabilities: `(classes,)` float32.
    """

    label: str
    probability: float
    box: tuple[float, float, float, float]
    probabilities: np.ndarray


class DigitClassifier:
    """Reads digits in images, pictures and pen strokes.

    Args:
        model: a Keras model from raw pixels `(n, 28, 28, 1)`, 0..255, to
            probabilities `(n, classes)`.
        classes: the classes' names.
        name: what the board shows.
        threshold: the probability, 0..1, below which a reading is `"?"`.

    Example:
        >>> import numpy as np
        >>> classifier = DigitClassifier.from_pretrained()
        >>> classifier.predict(np.zeros((2, 28, 28), np.uint8)).shape
        (2,)
    """

    def __init__(
        self,
        model,
        *,
        classes: Sequence[str],
        name: str = "model",
        threshold: float = MIN_PROBABILITY,
    ):
        self.model = model
        self.name = name
        self.threshold = threshold
        self.classes_ = tuple(classes)
        self._activations: Activations | None = None
        self._predict = backends.active.make_predictor(model)

    @classmethod
    def from_pretrained(cls) -> "DigitClassifier":
        """The classifier that ships with the package."""
        return cls.from_artifact(pretrained_path())

    @classmethod
    def from_artifact(
        cls, path: str | os.PathLike, *, trust: bool = False
    ) -> "DigitClassifier":
        """Opens a `.keras` artifact.

        Args:
            path: the file.
            trust: open any Keras model of images to probabilities by Keras'
                own loader, unchecked: for files of one's own alone.

        Raises:
            ArtifactError: the file is missing or not an artifact.
        """
        if trust:
            model = load_trusted(path)
            names = map(str, range(model.output_shape[-1]))
            return cls(model, classes=tuple(names), name=Path(path).stem)
        artifact = inspect_artifact(path)
        return cls(
            rebuild(artifact),
            classes=artifact.classes,
            name=Path(path).stem,
            threshold=artifact.threshold,
        )

    @property
    def backend(self) -> str:
        """The framework that it runs on."""
        return backends.name

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        """The probabilities of the classes.

        Args:
            images: `(28, 28)`, `(n, 28, 28)` or `(n, 28, 28, 1)`, uint8 or
                float, 0..255, ink bright on dark.

        Returns:
            `(n, classes)` float32; rows sum to 1.

        Raises:
            DataError: the images have another form.
        """
        images = np.asarray(check_images(images), np.float32)
        outputs = [np.zeros((0, len(self.classes_)), np.float32)]
        for start in range(0, len(images), MAX_BATCH):
            batch = images[start : start + MAX_BATCH]
            # To a power of two: JAX compiles anew for each batch size.
            size = 1 << (len(batch) - 1).bit_length()
            if len(batch) < size:
                missing = [(0, size - len(batch)), (0, 0), (0, 0), (0, 0)]
                batch = np.pad(batch, missing)
            rows = min(len(images) - start, MAX_BATCH)
            outputs.append(self._predict(batch)[:rows])
        return np.concatenate(outputs)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """The likeliest classes' names, `(n,)` strings.

        Args and Raises: as `predict_proba`.
        """
        names = np.array(self.classes_)
        return names[self.predict_proba(images).argmax(axis=1)]

    def explain(self, image: np.ndarray) -> list[LayerMaps]:
        """What the first and the last convolution answer to an image.

        Args:
            image: `(28, 28)`, 0..255, ink bright on dark.

        Returns:
            One `LayerMaps` for each; none where there is no convolution.
        """
        if self._activations is None:
            self._activations = Activations(self.model)
        return self._activations.explain(image)

    def decide(self, probabilities: np.ndarray) -> str:
        """The label of an image: a class's name, or `"?"`.

        Args:
            probabilities: `(classes,)`, a row of `predict_proba`.
        """
        best = int(np.argmax(probabilities))
        # Not "<": a probability that is no number is no certainty either.
        sure = probabilities[best] >= self.threshold
        return (self.classes_[best] if sure else "") or UNKNOWN

    def read(self, picture: np.ndarray) -> list[Reading]:
        """Reads the digits in a picture of any size.

        Args:
            picture: `(h, w)`, `(h, w, 3)` or `(h, w, 4)` uint8: a photo, a
                scan or a drawing, dark ink on bright or bright on dark.

        Returns:
            The digits, left to right; none for a blank picture.

        Raises:
            DataError: the picture has another form.
        """
        regions = find_digits(picture_to_ink(picture))
        images = [ink_to_image(region.ink) for region in regions]
        return self._readings(images, [region.box for region in regions])

    def read_strokes(self, strokes: Sequence[np.ndarray]) -> list[Reading]:
        """Reads digits drawn with a pen.

        Args:
            strokes: `(n, 2)` arrays of x and y, y down, any units; one from
                pen down to pen up.

        Returns:
            The digits, left to right; none for no strokes.
        """
        strokes = [np.asarray(s, np.float32).reshape(-1, 2) for s in strokes]
        groups = [[strokes[i] for i in g] for g in group_strokes(strokes)]
        boxes = []
        for group in groups:
            points = np.concatenate(group)
            low, high = points.min(axis=0), points.max(axis=0)
            boxes.append((*map(float, low), *map(float, high)))
        return self._readings([strokes_to_image(g) for g in groups], boxes)

    def _readings(self, images: list, boxes: list) -> list[Reading]:
        if not images:
            return []
        readings = []
        for row, box in zip(
            self.predict_proba(np.stack(images)), boxes, strict=True
        ):
            label = self.decide(row)
            readings.append(Reading(label, float(row.max()), box, row))
        return readings
