"""Old images among new ones, so that what was learnt is not forgotten."""

import dataclasses

import numpy as np

from mnistcnn.data import (
    DIGITS,
    MNIST,
    Dataset,
    find_cached,
    find_named,
    generate,
    load_data,
)
from mnistcnn.errors import DataError

# An epoch has so many new images, and as many old ones. Found on pen digits
# of three writers who are read badly: five drawings of each digit took them
# from 87.0 % to 98.5 % of their other drawings in five epochs.
MIN_IMAGES = 4000
MAX_IMAGES = 20_000
# Repeated more often (warped anew each time) a drawing is learnt by heart.
MAX_REPEATS = 40


def find_mnist() -> Dataset | None:
    """MNIST if it is here already; nothing is downloaded.

    Returns:
        The data set that `MNISTCNN_DATA` names, if that is MNIST, or the
        one in a cache, or `None`.
    """
    named = find_named()
    sources = [] if named is None else [str(named)]
    if find_cached():
        sources.append("mnist")
    for source in sources:
        try:
            data = load_data(source)
        except DataError:
            continue
        if data.name == MNIST:
            return data
    return None


def find_replay(
    source: str, data: Dataset, mnist: Dataset | None
) -> Dataset | None:
    """The old images to mix in.

    Args:
        source: `"auto"` (for digits MNIST where it is at hand, else
            generated strokes; for other classes nothing), `"none"`, or what
            `load_data` takes.
        data: the new images.
        mnist: MNIST, if it is at hand.

    Returns:
        A `Dataset` of the classes of `data`, or `None`.

    Raises:
        DataError: the source is not there, or of other classes.
    """
    if source == "none":
        return None
    if source == "auto":
        if data.classes != DIGITS or data.name == MNIST:
            return None
        # Half a second; all 30,000 would take many.
        return mnist or generate(limit=MIN_IMAGES)
    return load_data(source, classes=data.classes).relabel(data.classes)


def mix(data: Dataset, old: Dataset | None, *, seed: int) -> Dataset:
    """Makes epochs of new and old training images; the test set stays.

    Few new images are repeated, to be warped otherwise each time, and as many
    old ones drawn from all there are.

    Args:
        data: the new images.
        old: where old ones are drawn from, of the same classes, or `None`.
        seed: of the draw.

    Returns:
        A `Dataset` whose first training images are the new ones.
    """
    if old is not None and old.classes != data.classes:
        raise DataError(
            f"{old.name} has the classes {str(list(old.classes))[:60]}, "
            f"{data.name} {str(list(data.classes))[:60]}. Expected the same: "
            "take other data to mix in, or none."
        )
    new = len(data.x_train)
    if not new:
        raise DataError(
            f"{data.name} has no training images. Expected one at least: take "
            "more than a test set."
        )
    wanted = min(max(new, MIN_IMAGES), MAX_IMAGES)
    repeats = min(max(1, round(wanted / new)), MAX_REPEATS)
    x, y = (
        [np.tile(data.x_train, (repeats, 1, 1))],
        [np.tile(data.y_train, repeats)],
    )
    name = data.name
    said = [data.about] if data.about else []
    said.append(f"{new:,} new training images, each {repeats} times an epoch")
    if old is not None:
        wanted = min(wanted, len(old.x_train))
        rng = np.random.default_rng([seed, 2])
        chosen = rng.choice(len(old.x_train), wanted, replace=False)
        x.append(old.x_train[chosen])
        y.append(old.y_train[chosen])
        name = f"{name}, with {wanted:,} images of {old.name}"
        said.append(f"with {wanted:,} of {old.name}")
    return dataclasses.replace(
        data,
        x_train=np.concatenate(x),
        y_train=np.concatenate(y),
        name=name,
        about="; ".join(said),
    )
