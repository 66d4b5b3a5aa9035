"""A data set: checked images and labels, and where they come from."""

import dataclasses
import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mnistcnn.data.classnames import check_names, take_names
from mnistcnn.data.digests import digest
from mnistcnn.data.labels import check_labels, warn_of_absent, warn_of_order
from mnistcnn.data.splitting import take_limit, take_part
from mnistcnn.errors import DataError, quote
from mnistcnn.ink import StrokeSet
from mnistcnn.pages import cell
from mnistcnn.pictures import check_images

DIGITS = tuple("0123456789")
KEYS = ("x_train", "y_train", "x_test", "y_test")

UInt8Array = npt.NDArray[np.uint8]


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels, and where they come from.

    It validates itself on creation, by the rules for files: other unambiguous
    forms are converted (a channel axis, whole numbers of other types, one-hot
    labels), and everything else is refused.

    Args:
        x_train: `(n, 28, 28)` uint8, 0..255, ink bright on dark; empty if there
            is only a test set.
        y_train: `(n,)` uint8, indices of `classes`.
        x_test: `(m, 28, 28)` uint8; empty if nothing is to be scored.
        y_test: `(m,)` uint8.
        name: of the data, in every figure, card and report.
        classes: the classes' names, by index.
        generated: whether these are generated strokes in place of MNIST.
        about: a further remark: how it was split, say.
        strokes: pen strokes to train on in addition, drawn anew in each epoch:
            characters whose labels are classes, and others, as non-digits.

    Raises:
        DataError: images, labels or names are invalid.

    Warns:
        DataWarning: they are accepted, but look scaled, or like dark ink on
            bright paper; the training set is sorted by class, or lacks classes
            of the test set.

    Example:
        >>> images = np.zeros((4, 28, 28, 1), np.uint8)
        >>> mine = Dataset(images, [0, 1, 0, 1], images[:1], [1], "mine",
        ...                classes=("ring", "bar"))
        >>> mine.x_train.shape, mine.y_train.dtype
        ((4, 28, 28), dtype('uint8'))
    """

    x_train: UInt8Array
    y_train: UInt8Array
    x_test: UInt8Array
    y_test: UInt8Array
    name: str
    classes: tuple[str, ...] = DIGITS
    generated: bool = False
    about: str = ""
    strokes: StrokeSet | None = None

    _repr_html_ = cell("dataset")

    def __post_init__(self) -> None:
        classes = check_names(take_names(self.classes), "classes")
        object.__setattr__(self, "classes", classes)
        for split in ("train", "test"):
            x_key, y_key = f"x_{split}", f"y_{split}"
            given = getattr(self, x_key)
            x = check_images(given, x_key, whole=True)[..., 0]
            y = check_labels(getattr(self, y_key), len(classes), y_key)
            if len(x) != len(y):
                raise DataError(
                    f"{len(x)} images in {x_key} but {len(y)} labels in "
                    f"{y_key}. Expected as many labels as images: pair them "
                    "anew."
                )
            # Arrays that are valid already are kept; not a masked one.
            same = type(given) is np.ndarray and given.dtype == np.uint8
            if not same or given.shape != x.shape:
                object.__setattr__(self, x_key, x)
            object.__setattr__(self, y_key, y)
        if not isinstance(self.strokes, StrokeSet | None):
            raise DataError(
                f"strokes is {quote(self.strokes, 40)}. Expected a StrokeSet, "
                "or None: mnistcnn.data.read_strokes_file reads one."
            )
        if not (len(self.x_train) or len(self.x_test)):
            raise DataError(
                "There is no image, neither in x_train nor in x_test. Expected "
                "one at least: was the right array taken?"
            )
        warn_of_order(self.y_train, self.name)
        warn_of_absent(
            self.y_train, self.y_test, classes, f"{self.name}: the test set"
        )

    @property
    def digest(self) -> str:
        """The sha256 of the four arrays' digests, in the order of `KEYS`.

        If there are strokes, their digest follows.
        """
        parts = [digest(getattr(self, key)) for key in KEYS]
        parts += [] if self.strokes is None else [self.strokes.digest]
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    @property
    def note(self) -> str | None:
        """The note for pictures of generated data, else `None`."""
        return self.name if self.generated else None

    def limit(self, n: int | None) -> "Dataset":
        """Returns at most the first `n` of each part, strokes included."""
        n = take_limit(n)
        if n is None:
            return self
        kept = {key: getattr(self, key)[:n] for key in KEYS}
        strokes = self.strokes and self.strokes.take(slice(n))
        return dataclasses.replace(self, strokes=strokes, **kept)

    def relabel(self, classes: Sequence[str]) -> "Dataset":
        """Returns the same images, with labels that index other classes.

        Args:
            classes: names, which include all of this data set's.

        Returns:
            A `Dataset` of these classes.

        Raises:
            DataError: a class of the data set is not among them.
        """
        classes = take_names(classes)
        if classes == self.classes:
            return self
        missing = [name for name in self.classes if name not in classes]
        if missing:
            raise DataError(
                f"{self.name} has the class {missing[0]!r}. Expected classes "
                f"among {str(list(classes))[:80]}: take other data."
            )
        indices = [classes.index(name) for name in self.classes]
        table = np.array(indices, np.uint8)
        return dataclasses.replace(
            self,
            y_train=table[self.y_train],
            y_test=table[self.y_test],
            classes=classes,
        )

    def split(
        self, validation: float
    ) -> tuple[UInt8Array, UInt8Array, UInt8Array, UInt8Array]:
        """Holds out the last part of the training set.

        The LAST part, unshuffled, like Keras' `validation_split`; in MNIST's
        order the last images are by other writers than the first.

        Args:
            validation: the share held out, 0 to below 1.

        Returns:
            `x_train, y_train, x_validation, y_validation`; the last two are
            empty if `validation` is 0.
        """
        validation = take_part(validation)
        # As Keras does: MNIST's 60,000 images and 0.3 make 42,000 + 18,000.
        n = int(len(self.x_train) * (1.0 - validation))
        if n < 1:
            raise DataError(
                f"{len(self.x_train)} training images with {validation:.0%} "
                "held out leave none to train on. Expected one at least: "
                "take more images or a smaller part."
            )
        y, y_held = self.y_train[:n], self.y_train[n:]
        held = f"{self.name}: the held-out {validation:.0%}"
        warn_of_absent(y, y_held, self.classes, held)
        return self.x_train[:n], y, self.x_train[n:], y_held


def check_dataset(data: object) -> None:
    """Raises a `DataError` if what is to be trained on is no `Dataset`."""
    if not isinstance(data, Dataset):
        raise DataError(
            f"The data are of type {type(data).__name__}. Expected a Dataset: "
            "call load_data, or mnistcnn.Dataset with your arrays."
        )
