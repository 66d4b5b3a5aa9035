"""The recipes: configs that have a name."""

import difflib

from mnistcnn.errors import ConfigError
from mnistcnn.training.config import TrainConfig

RECIPES = {
    # The source's: plain Adam, early stopping on a coarse threshold.
    "tutorial": TrainConfig(
        recipe="tutorial",
        epochs=50,
        batch_size=32,
        validation=0.3,
        patience=4,
        min_delta=0.01,
    ),
    # 99 % in the least time, found on the last 10,000 training images: two
    # epochs have no time to overfit, so no dropout; a high rate that ends at
    # 0 averages out the noise that a constant one leaves in the weights.
    "fast": TrainConfig(
        recipe="fast",
        epochs=2,
        batch_size=64,
        learning_rate=0.008,
        schedule="cosine",
        dropout=0.0,
        validation=0.0,
        augment=0.3,
        precision="auto",
    ),
    # All 60,000 images, warped anew in each epoch; in half the time where
    # bfloat16 pays, and no worse for it.
    "best": TrainConfig(
        recipe="best",
        epochs=40,
        batch_size=125,
        learning_rate=0.004,
        schedule="cosine",
        validation=0.0,
        augment=1.0,
        precision="auto",
    ),
    # The larger net, whose many weights need more dropout and a lower rate.
    "deep": TrainConfig(
        recipe="deep",
        model="deep",
        epochs=24,
        batch_size=125,
        learning_rate=0.003,
        schedule="cosine",
        dropout=0.4,
        validation=0.0,
        augment=1.0,
        precision="auto",
    ),
    # For people who draw: `best`, with a third convolution, then trained on
    # with the forms of digits that MNIST lacks and with what is no digit;
    # in one go, these cost 0.2 points of MNIST, blended they cost 0.05. The
    # last 5,000 images set the temperature and the threshold.
    "drawing": TrainConfig(
        recipe="drawing",
        start="best",
        epochs=12,
        batch_size=125,
        learning_rate=0.002,
        schedule="cosine",
        model="medium",
        filters=(40, 80, 96),
        dropout=0.2,
        validation=1 / 12,
        augment=1.0,
        drawn=4000,
        nondigits=20000,
        blend=0.65,
        calibrate=True,
        precision="auto",
    ),
}


def recipe(name: str) -> TrainConfig:
    """The config of a named recipe.

    Args:
        name: `"tutorial"`, `"fast"`, `"best"`, `"deep"` or `"drawing"`.

    Returns:
        A `TrainConfig`; `dataclasses.replace` makes variants of it.

    Raises:
        ConfigError: no recipe has that name.

    Example:
        >>> import dataclasses
        >>> dataclasses.replace(recipe("tutorial"), epochs=3).epochs
        3
    """
    if name not in RECIPES:
        close = difflib.get_close_matches(name, RECIPES, n=1)
        hint = f'did you mean "{close[0]}"?' if close else "pick one of them."
        raise ConfigError(
            f'There is no recipe "{name}". Expected one of '
            f"{', '.join(RECIPES)}: {hint}"
        )
    return RECIPES[name]
