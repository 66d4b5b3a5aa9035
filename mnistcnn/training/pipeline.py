"""The data pipeline: hold-out set, added samples, the order of an epoch.

Every random choice comes from NumPy, seeded by the run's seed and the epoch:
the batches are the same on every backend and in a resumed run.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mnistcnn.data import DIGITS, Dataset, degrade, warp
from mnistcnn.errors import ConfigError, catching_warnings
from mnistcnn.ink import StrokeSet, draw_nondigit, pen_width
from mnistcnn.pictures import strokes_to_image
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.handwriting import (
    REJECTED as REJECTED,
)
from mnistcnn.training.handwriting import (
    Handwriting,
    Images,
    choose_writers,
    draw_blank,
    draw_known,
    draw_others,
)

Labels = npt.NDArray[np.integer]
_NUM_GENERATED = 5000  # each drawn a few times per epoch, differently each time


@dataclasses.dataclass(frozen=True, eq=False)
class Samples:
    """The samples of a training: images, pen strokes, and the hold-out set.

    Args:
        config: of the training.
        x: `(n, 28, 28)` uint8.
        y: `(n,)`, indices of the classes; `REJECTED` for non-digits.
        x_held: `(m, 28, 28)`, of the held-out part.
        y_held: `(m,)`.
        handwriting: strokes that are drawn anew in each epoch, or `None`.
    """

    config: TrainConfig
    x: Images
    y: Labels
    x_held: Images
    y_held: Labels
    handwriting: Handwriting | None = None

    def __len__(self) -> int:
        """How many images an epoch has."""
        drawn = 0
        if self.handwriting is not None:
            drawn += self.config.stroke_copies * len(self.handwriting.known)
            drawn += self.config.nondigits
        return len(self.x) + drawn

    def arrange(
        self, epoch: int, check: Callable[[], object] = lambda: None
    ) -> tuple[Images, Labels]:
        """Makes the images and labels of an epoch, in order, augmented.

        Args:
            epoch: from 0.
            check: called now and then; it may raise to end the run.

        Returns:
            `(n, 28, 28, 1)` and `(n,)`.
        """
        config = self.config
        images, labels = self._draw(
            np.random.default_rng([config.seed, epoch, 2])
        )
        order = np.random.default_rng([config.seed, epoch])
        order = order.permutation(len(images))
        images = images[order]
        # Separate random streams, so that each can change independently.
        rng = np.random.default_rng([config.seed, epoch, 1])
        if config.augment or config.elastic:
            amounts = {"strength": config.augment, "elastic": config.elastic}
            warp(images, rng, **amounts, check=check, out=images)
        check()
        if config.degrade:
            images = degrade(images, rng, config.degrade)
        return images[..., None], labels[order]

    def _draw(self, rng: np.random.Generator) -> tuple[Images, Labels]:
        config, found = self.config, self.handwriting
        if found is None:
            return self.x, self.y
        images, labels = [self.x], [self.y]
        if config.stroke_copies:
            drawn, known = draw_known(found, config.stroke_copies, rng)
            images.append(drawn)
            labels.append(known)
        images.append(draw_others(found, config.nondigits, rng))
        labels.append(np.full(config.nondigits, REJECTED, np.uint8))
        return np.concatenate(images), np.concatenate(labels)


def check_data(config: TrainConfig, data: Dataset) -> None:
    """Checks that `split` can succeed, before anything is written.

    Args and Raises: as `split`.
    """
    with catching_warnings():  # `split` itself will give them
        data.split(config.validation)
    if config.nondigits and data.classes != DIGITS:
        raise ConfigError(
            f"nondigits is {config.nondigits}, but the classes of "
            f"{data.name} are not the ten digits. Expected 0: take another "
            "recipe."
        )


def split(
    data: Dataset,
    config: TrainConfig,
    check: Callable[[], None] = lambda: None,
) -> Samples:
    """Holds out a part of the training set, and adds samples to the rest.

    The last images are held out, and one of ten writers of pen strokes.

    Args:
        data: of the run.
        config: of the run.
        check: called now and then; it may raise to end the run.

    Returns:
        The samples to train on, with the hold-out set.

    Raises:
        ConfigError: non-digits are asked for, but the classes are not the ten
            digits.
        DataError: too few images.
    """
    check_data(config, data)
    x, y, x_held, y_held = data.split(config.validation)
    handwriting, drawn, known = choose_writers(
        data, config.validation, config.bold
    )
    if handwriting and config.nondigits and not len(handwriting.others):
        others = _generate_others(config.seed, check)
        handwriting = dataclasses.replace(handwriting, others=others)
    if handwriting is None and config.nondigits:
        made = generate_nondigits(
            config.nondigits, seed=config.seed, check=check
        )
        labels = np.full(len(made), REJECTED, np.uint8)
        x, y = np.concatenate([x, made]), np.concatenate([y, labels])
    return Samples(
        config,
        x,
        y,
        np.concatenate([x_held, drawn]),
        np.concatenate([y_held, known]),
        handwriting,
    )


def _generate_others(seed: int, check: Callable[[], None]) -> StrokeSet:
    """Generates other characters for pen strokes that have only digits."""
    rng = np.random.default_rng([seed, 3])
    drawn = []
    for _ in range(_NUM_GENERATED):
        check()
        drawn.append(draw_nondigit(rng))
    names = [""] * len(drawn)
    return StrokeSet.of(drawn, names, names)


def generate_nondigits(
    number: int, *, seed: int, check: Callable[[], None] = lambda: None
) -> Images:
    """Generates non-digits, for data without pen strokes to draw them from.

    Args:
        number: how many.
        seed: of NumPy's generators; the same seed draws the same.
        check: called for each; it may raise to end the run.

    Returns:
        Images `(n, 28, 28)`; two of a hundred are blank.

    Example:
        >>> generate_nondigits(2, seed=0).shape
        (2, 28, 28)
    """
    rng = np.random.default_rng([seed, 1])
    images = [draw_blank(number // 50, rng)]
    for _ in range(number - number // 50):
        check()
        drawn = strokes_to_image(draw_nondigit(rng), pen_width(rng))
        images.append(drawn[None])
    return np.concatenate(images)
