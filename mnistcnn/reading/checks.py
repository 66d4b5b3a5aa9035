"""Checks of a classifier's parts: network, names, threshold and rotation."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mnistcnn import artifact as artifacts
from mnistcnn.data import take_names
from mnistcnn.errors import ConfigError, DataError
from mnistcnn.pictures import IMAGE_SIZE, check_images
from mnistcnn.units import take_number

if TYPE_CHECKING:
    from mnistcnn.artifact import Artifact
    from mnistcnn.backends import keras

VAST = 1e12  # in any unit; float32 holds their squares and products


def check_fit(
    model: "keras.Model | Artifact", classes: Sequence[str]
) -> tuple[str, ...]:
    """Returns the names; a `ConfigError` if they do not fit the model."""
    names = take_names(classes, ConfigError)
    try:
        taken, given = model.input_shape, model.output_shape
    # Keras raises several classes for a model that was not built.
    except Exception as error:
        raise ConfigError(
            f"The model, a {type(model).__name__}, has no inputs and outputs "
            f"yet ({type(error).__name__}). Expected a built one: begin it "
            "with keras.Input((28, 28, 1))."
        ) from error
    if taken != (None, IMAGE_SIZE, IMAGE_SIZE, 1):
        raise ConfigError(
            f"The model takes inputs of the shape {str(taken)[:60]}. Expected "
            "(None, 28, 28, 1): raw pixels of grey images."
        )
    if given != (None, len(names)) or len(set(names)) < len(names):
        raise ConfigError(
            f"The model's outputs are of the shape {str(given)[:60]}, and "
            f"{len(names)} classes are named: {', '.join(names)[:60]}. "
            "Expected a distinct name for each output."
        )
    return names


def number_classes(classes: Sequence[str]) -> npt.NDArray[np.int64]:
    """Returns the classes as integers, -1 for one that is no number."""
    numbers = [int(c) if c.isdecimal() else -1 for c in classes]
    return np.array(numbers, np.int64)


def open_file(
    path: str | os.PathLike[str], *, trust: bool = False
) -> dict[str, Any]:
    """Opens an artifact's file, as the arguments of `DigitClassifier`."""
    path = artifacts.take_path(path)
    name = Path(path).stem
    if trust:
        model: Any = artifacts.load_trusted(path)
        names = map(str, range(model.output_shape[-1]))
        return {"model": model, "classes": tuple(names), "name": name}
    artifact = artifacts.inspect_artifact(path)
    return {
        "model": artifact,
        "classes": artifact.classes,
        "name": name,
        "threshold": artifact.threshold,
        "rotation": artifact.rotation,
        "card": artifact.card,
    }


def check_one(
    image: npt.ArrayLike,
) -> npt.NDArray[np.uint8] | npt.NDArray[np.float32]:
    """Returns one image as `(1, 28, 28, 1)`; a `DataError` for none, or more.

    Args:
        image: as `check_images` takes them.

    Example:
        >>> check_one(np.zeros((28, 28), np.uint8)).shape
        (1, 28, 28, 1)
    """
    images = check_images(image, "the image")
    if len(images) != 1:
        raise DataError(
            f"the image has the shape {np.shape(image)}: {len(images)} images. "
            "Expected one: take one after another."
        )
    return images


def take_share(threshold: float) -> float:
    """Returns the threshold; a `ConfigError` unless it is a probability."""
    number = take_number(threshold)
    if number is None or not 0 <= number <= 1:
        raise ConfigError(
            f"threshold is {str(threshold)[:40]}. Expected a probability, 0 "
            "to 1."
        )
    return float(number)


def take_degrees(rotation: float) -> float:
    """Returns the rotation; a `ConfigError` if it is out of range."""
    number = take_number(rotation)
    if number is None or not 0 <= number <= artifacts.MAX_ROTATION:
        raise ConfigError(
            f"rotation is {str(rotation)[:40]}. Expected degrees, 0 to "
            f"{artifacts.MAX_ROTATION}."
        )
    return float(number)


def check_reach(
    numbered: list[tuple[int, npt.NDArray[np.float64]]],
) -> list[tuple[int, npt.NDArray[np.float64]]]:
    """Returns strokes; a `DataError` if float32 cannot compute with them."""
    far = max((abs(stroke).max() for _, stroke in numbered), default=0)
    if far > VAST:
        raise DataError(
            f"A stroke has a coordinate of {far:g}. Expected coordinates up "
            f"to {VAST:g}: pass them in another unit, or drop that point."
        )
    return numbered


class Checked:
    """A number that is checked whenever it is set.

    Args:
        take: converts it, or raises.
    """

    def __init__(self, take: Callable[[float], float]):
        self._take = take

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type) -> float:
        # On the class itself, as `inspect` and pydoc ask for it.
        found: Any = self if instance is None else vars(instance)[self._name]
        return found

    def __set__(self, instance: Any, value: float) -> None:
        vars(instance)[self._name] = self._take(value)
