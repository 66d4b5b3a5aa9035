"""The CNN: layers and initial weights."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mnistcnn.backends import keras, own_generators, own_settings
from mnistcnn.errors import ConfigError
from mnistcnn.network.architectures import POOL, Part, layer_plan
from mnistcnn.pictures import IMAGE_SIZE
from mnistcnn.units import take_number, take_whole

MAX_PIXEL = 255


@own_settings()
@own_generators()
def build_model(
    name: str = "base",
    *,
    seed: int = 0,
    dropout: float = 0.25,
    num_classes: int = 10,
    filters: Sequence[int] | None = None,
) -> keras.Sequential:
    """Builds a CNN, with weights that are the same on every backend.

    The scaling by 1/255 is a layer, so that it is neither forgotten nor done
    twice after loading. The layers are stock Keras ones, each with an explicit
    layout and precision, because otherwise a user's `keras.json` would decide.

    Args:
        name: `"base"`, 34,826 parameters for 10 classes, `"medium"`, 82,858,
            or `"deep"`, 306,410.
        seed: of NumPy's generator, which draws the kernels: Glorot uniform,
            as Keras does by default (Glorot and Bengio, "Understanding the
            difficulty of training deep feedforward neural networks", 2010).
        dropout: the share of the last features dropped in training, 0 to below
            1.
        num_classes: the number of outputs.
        filters: other numbers of filters, one for each convolution, or
            `None` for the network's own.

    Returns:
        An uncompiled Keras model from raw pixels `(n, 28, 28, 1)`, 0..255,
        ink bright on dark, to probabilities `(n, num_classes)` float32.

    Raises:
        ConfigError: an option is invalid.

    Example:
        >>> model = build_model()
        >>> model.count_params(), model.output_shape
        (34826, (None, 10))
    """
    part, outputs = take_number(dropout), take_whole(num_classes)
    if part is None or not 0 <= part < 1:
        raise ConfigError(
            f"dropout is {dropout}. Expected a part, 0 to below 1: 0.25, say."
        )
    if outputs is None or outputs < 2:
        raise ConfigError(f"num_classes is {num_classes}. Expected 2 or more.")
    first = take_whole(seed)
    if first is None or first < 0:
        raise ConfigError(
            f"seed is {seed}. Expected a whole number, 0 or more."
        )
    layers = keras.layers
    spatial: dict[str, Any] = {
        "data_format": "channels_last",
        "dtype": "float32",
    }
    model = keras.Sequential(
        [
            keras.Input(
                (IMAGE_SIZE, IMAGE_SIZE, 1), name="pixels", dtype="float32"
            ),
            layers.Rescaling(1 / MAX_PIXEL, name="scale", dtype="float32"),
            *_build_trunk(layer_plan(name, filters), spatial),
            layers.Flatten(name="flatten", **spatial),
            layers.Dropout(part, name="dropout", dtype="float32"),
            layers.Dense(
                outputs,
                activation="softmax",
                kernel_initializer="zeros",
                name="probabilities",
                dtype="float32",
            ),
        ],
        name="mnistcnn" if name == "base" else f"mnistcnn_{name}",
    )
    restore_initializers(model)
    initialize(model, first)
    return model


def _build_trunk(
    plan: Sequence[Part], spatial: dict[str, Any]
) -> list[keras.Layer]:
    """Builds the layers between scaling and flattening, numbered by kind."""
    built: list[keras.Layer] = []
    counts = {"conv": 0, "pool": 0}
    for part in plan:
        kind = "pool" if part == POOL else "conv"
        counts[kind] += 1
        name = f"{kind}{counts[kind]}"
        if isinstance(part, str):
            layer = keras.layers.MaxPooling2D(2, name=name, **spatial)
        else:
            filters, size = part
            layer = keras.layers.Conv2D(
                filters,
                size,
                name=name,
                activation="relu",
                kernel_initializer="zeros",
                **spatial,
            )
        built.append(layer)
    return built


def restore_initializers(model: keras.Model) -> None:
    """Gives layers that were built with zeros Keras' default initializer.

    Drawing weights only to overwrite them takes 2 s on JAX, which compiles each
    draw, so layers are built with zeros; their configs have to be as Keras
    would have written them.
    """
    for layer in model.layers:
        if hasattr(layer, "kernel_initializer"):
            layer.kernel_initializer = keras.initializers.GlorotUniform()


def initialize(model: keras.Model, seed: int) -> None:
    """Assigns weights from NumPy: Keras' own differ between backends.

    Args:
        model: of layers with a kernel and perhaps a bias; layers of other
            weights keep theirs, which start the same everywhere.
        seed: of NumPy's generator.
    """
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        if not hasattr(layer, "kernel"):
            continue
        kernel, *bias = layer.weights
        *receptive, fan_in, fan_out = kernel.shape
        field = int(np.prod(receptive))
        limit = np.sqrt(6.0 / (field * (fan_in + fan_out)))
        kernel.assign(rng.uniform(-limit, limit, kernel.shape).astype("f4"))
        for each in bias:
            each.assign(np.zeros(each.shape, "f4"))


def seed_dropout(model: keras.Model, seed: int, epoch: int) -> None:
    """Seeds the random layers by `(seed, epoch)`.

    An epoch then depends only on the weights it starts from, the optimizer's
    state, the seed and its number, as a resumed run requires.
    """
    for index, layer in enumerate(model.layers):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            entropy = np.random.SeedSequence([seed, epoch, index])
            generator.state.assign(entropy.generate_state(2, np.uint32))


def describe_layers(model: keras.Model) -> list[dict[str, Any]]:
    """Lists each layer's name, type, output shape and parameters."""
    return [
        {
            "name": layer.name,
            "type": type(layer).__name__,
            "output_shape": list(layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for layer in model.layers
    ]
