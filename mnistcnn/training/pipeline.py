"""The data pipeline: what is held out, what is added, the order of an epoch.

Every random choice comes from NumPy, seeded by the run's seed and the epoch:
the batches are the same on every backend and in a resumed run.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.data import DIGITS, Dataset, warp
from mnistcnn.errors import ConfigError
from mnistcnn.ink import SKELETONS, draw_digit, draw_nondigit, pen_width
from mnistcnn.pictures import IMAGE_SIZE, strokes_to_image
from mnistcnn.training.config import TrainConfig

# Forms that MNIST's writers used hardly ever. The others are in MNIST, where
# the writers said which digit they meant: a generator's 9 may be their 4.
_RARELY = 0.3
_RARE = [
    (label, index)
    for label, forms in SKELETONS.items()
    for index, (often, _) in enumerate(forms)
    if often <= _RARELY
]
REJECTED = len(DIGITS)  # the label of the rejection class


def split(
    data: Dataset,
    config: TrainConfig,
    check: Callable[[], None] = lambda: None,
) -> tuple[npt.NDArray[Any], ...]:
    """Holds out the last part of the training set, and adds to the rest.

    Args:
        data: what a run trains on.
        config: of the run.
        check: called now and then; it may raise to end the run.

    Returns:
        `x_train, y_train, x_validation, y_validation`, as `Dataset.split`.

    Raises:
        ConfigError: samples are to be added, and the classes are not the
            ten digits.
        DataError: too few images.
    """
    x, y, x_held, y_held = data.split(config.validation)
    digits, others = config.generated_digits, config.generated_nondigits
    if not (digits or others):
        return x, y, x_held, y_held
    if data.classes != DIGITS:
        raise ConfigError(
            f"generated_digits is {digits} and generated_nondigits is "
            f"{others}, but the classes of {data.name} are not the ten "
            "digits. Expected 0 of both: take another recipe."
        )
    made, labels = generate_samples(
        digits, others, seed=config.seed, check=check
    )
    x, y = np.concatenate([x, made]), np.concatenate([y, labels])
    return x, y, x_held, y_held


def generate_samples(
    num_digits: int,
    num_nondigits: int,
    *,
    seed: int,
    check: Callable[[], None] = lambda: None,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Generates images to be added to MNIST's.

    The digits are of the forms that MNIST lacks, each drawn equally often;
    some digits have none.

    Args:
        num_digits: how many digits.
        num_nondigits: how many drawings that are no digit.
        seed: of NumPy's generators; the same seed draws the same.
        check: called for each; it may raise to end the run.

    Returns:
        Images `(n, 28, 28)` and labels `(n,)`, `REJECTED` for non-digits.

    Example:
        >>> images, labels = generate_samples(2, 1, seed=0)
        >>> images.shape, int(labels[-1]) == REJECTED
        ((3, 28, 28), True)
    """
    rng = np.random.default_rng([seed, 0])
    images, labels = [], []
    for _ in range(num_digits):
        check()
        label, form = _RARE[rng.integers(len(_RARE))]
        strokes = draw_digit(label, rng, form=form)
        images.append(strokes_to_image(strokes, pen_width(rng)))
        labels.append(label)
    rng = np.random.default_rng([seed, 1])
    for _ in range(num_nondigits):
        check()
        strokes = draw_nondigit(rng)
        images.append(strokes_to_image(strokes, pen_width(rng)))
        labels.append(REJECTED)
    images = np.array(images, np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    return images, np.array(labels, np.uint8)


def arrange(
    x: npt.NDArray[np.uint8],
    y: npt.NDArray[np.integer],
    config: TrainConfig,
    epoch: int,
    check: Callable[[], object] = lambda: None,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.integer]]:
    """The images and labels of an epoch, in its order, augmented.

    Args:
        x: `(n, 28, 28)`.
        y: `(n,)`.
        config: its seed and augmentation.
        epoch: from 0.
        check: called now and then; it may raise to end the run.

    Returns:
        `(n, 28, 28, 1)` and `(n,)`.
    """
    order = np.random.default_rng([config.seed, epoch]).permutation(len(x))
    images = x[order]
    if config.augment or config.elastic:
        # Another stream than the order's, so that either can change alone.
        rng = np.random.default_rng([config.seed, epoch, 1])
        amounts = {"strength": config.augment, "elastic": config.elastic}
        images = warp(images, rng, **amounts, check=check)
    return images[..., None], y[order]
