"""What is mixed into the training images: drawn digits, and what is none."""

import numpy as np

from mnistcnn.data import DIGITS, Dataset
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
NONE = len(DIGITS)  # the label of what is no digit


def split(data: Dataset, config: TrainConfig) -> tuple[np.ndarray, ...]:
    """Holds out the last part of the training set, and mixes into the rest.

    Args:
        data: what a run trains on.
        config: of the run.

    Returns:
        `x_train, y_train, x_validation, y_validation`, as `Dataset.split`.

    Raises:
        ConfigError: something is to be mixed in, and the classes are not the
            ten digits.
        DataError: too few images.
    """
    x, y, x_held, y_held = data.split(config.validation)
    if not (config.drawn or config.nondigits):
        return x, y, x_held, y_held
    if data.classes != DIGITS:
        raise ConfigError(
            f"drawn is {config.drawn} and nondigits is {config.nondigits}, "
            f"but the classes of {data.name} are not the ten digits. Expected "
            "0 of both: take another recipe."
        )
    drawn, labels = draw_mixture(
        config.drawn, config.nondigits, seed=config.seed
    )
    return (
        np.concatenate([x, drawn]),
        np.concatenate([y, labels]),
        x_held,
        y_held,
    )


def draw_mixture(
    num_digits: int, num_nondigits: int, *, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draws images to be mixed into MNIST's.

    The digits are of the forms that MNIST lacks, each drawn equally often;
    some digits have none.

    Args:
        num_digits: how many digits.
        num_nondigits: how many drawings that are no digit.
        seed: of NumPy's generators; the same seed draws the same.

    Returns:
        Images `(n, 28, 28)` uint8 and labels `(n,)` int64, `NONE` for what
        is no digit.

    Example:
        >>> images, labels = draw_mixture(2, 1, seed=0)
        >>> images.shape, int(labels[-1]) == NONE
        ((3, 28, 28), True)
    """
    rng = np.random.default_rng([seed, 0])
    images, labels = [], []
    for _ in range(num_digits):
        label, form = _RARE[rng.integers(len(_RARE))]
        strokes = draw_digit(label, rng, form=form)
        images.append(strokes_to_image(strokes, pen_width(rng)))
        labels.append(label)
    rng = np.random.default_rng([seed, 1])
    for _ in range(num_nondigits):
        strokes = draw_nondigit(rng)
        images.append(strokes_to_image(strokes, pen_width(rng)))
        labels.append(NONE)
    images = np.array(images, np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    return images, np.array(labels, np.uint8)
