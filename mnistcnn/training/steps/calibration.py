"""What becomes of a net when it has been trained: it learns to doubt."""

from pathlib import Path

import numpy as np

from mnistcnn import backends
from mnistcnn.artifact import inspect_artifact, rebuild, save_artifact
from mnistcnn.backends import keras
from mnistcnn.calibration import choose_threshold, fit_temperature
from mnistcnn.errors import ConfigError
from mnistcnn.network import restore_initializers

BATCH_SIZE = 500


def share_none(model: "keras.Sequential") -> "keras.Sequential":
    """Shares out the probability of the last class equally to the others.

    A net that was trained with a class "none of them" gives, where it sees
    that, the same probability to each of the others: it has their number of
    outputs, and is unsure of what is none of them. Its layers are stock.

    Args:
        model: ends in a softmax, of one class more.

    Returns:
        A model of one class less, with the same weights.

    Example:
        >>> from mnistcnn import build_model
        >>> share_none(build_model(num_classes=11)).output_shape
        (None, 10)
    """
    num_classes = model.output_shape[-1] - 1
    pixels = keras.Input(model.input_shape[1:], name="pixels", dtype="float32")
    layers = [type(v).from_config(v.get_config()) for v in model.layers]
    sharing = keras.layers.Dense(
        num_classes,
        use_bias=False,
        kernel_initializer="zeros",
        name="sharing",
        dtype="float32",
    )
    shared = keras.Sequential([pixels, *layers, sharing], name=model.name)
    kernel = np.full((num_classes + 1, num_classes), 1 / num_classes, "f4")
    kernel[:-1] = np.eye(num_classes)
    shared.set_weights([*model.get_weights(), kernel])
    restore_initializers(shared)
    return shared


def calibrate(path: Path, x: np.ndarray, y: np.ndarray) -> dict:
    """Makes an artifact's probabilities what they say, by held-out images.

    The softmax' weights are divided by a temperature, and the card gets
    `calibration` and `threshold`, below which a reading is none. An artifact
    that has them is left as it is.

    Args:
        path: the artifact; it is replaced.
        x: `(n, 28, 28)` uint8, images of real digits that were not trained
            on.
        y: `(n,)` integers.

    Returns:
        The card.

    Raises:
        ConfigError: there is no image, or no softmax.
    """
    artifact = inspect_artifact(path)
    if "threshold" in artifact.card:
        return artifact.card
    model = rebuild(artifact)
    place = _find_softmax(model)
    if not len(x) or place is None:
        raise ConfigError(
            f"{len(x)} images to calibrate {path} by. Expected one or more, "
            "and a net with a softmax: set validation to 0.1, say."
        )
    pixels = x[..., None]
    below = first_layers(model, place + 1)
    above = [layer.get_weights()[0] for layer in model.layers[place + 1 :]]
    temperature = fit_temperature(
        y, predict(below, pixels), sharing=above[0] if above else None
    )
    softmax = model.layers[place]
    softmax.set_weights([w / temperature for w in softmax.get_weights()])
    probabilities = predict(model, pixels)
    card = {
        **artifact.card,
        "calibration": {"temperature": temperature, "n": len(x)},
        "threshold": choose_threshold(probabilities),
    }
    save_artifact(model, path, card=card)
    return card


def _find_softmax(model) -> int | None:
    """The index of the last dense layer that ends in a softmax."""
    softmax = keras.activations.softmax
    found = [
        index
        for index, layer in enumerate(model.layers)
        if isinstance(layer, keras.layers.Dense) and layer.activation is softmax
    ]
    return found[-1] if found else None


def first_layers(model: "keras.Sequential", number: int):
    """A model's first layers, as a model of their own."""
    pixels = keras.Input(model.input_shape[1:], dtype="float32")
    return keras.Sequential([pixels, *model.layers[:number]])


def predict(model: "keras.Sequential", pixels: np.ndarray) -> np.ndarray:
    """What a model makes of `(n, 28, 28, 1)` pixels, in batches."""
    run = backends.active.make_predictor(model)
    parts = (
        pixels[start : start + BATCH_SIZE]
        for start in range(0, len(pixels), BATCH_SIZE)
    )
    return np.concatenate([run(part.astype(np.float32)) for part in parts])
