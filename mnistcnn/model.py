"""The CNN: architecture and initial weights."""

import numpy as np

from mnistcnn.backends import keras
from mnistcnn.errors import ConfigError
from mnistcnn.preprocessing import IMAGE_SIZE

MAX_PIXEL = 255


def build_model(
    *,
    seed: int = 0,
    dropout: float = 0.25,
    num_classes: int = 10,
    conv3: int = 0,
) -> "keras.Sequential":
    """Builds the CNN, with weights that are the same on every backend.

    The scaling by 1/255 is a layer, so that whoever loads the file cannot
    forget it, nor do it twice. The layers are stock Keras ones; layout and
    precision are given to each of them, because a user's `keras.json` would
    decide otherwise.

    Args:
        seed: of NumPy's generator, which draws the kernels: Glorot uniform,
            as Keras does by default (Glorot and Bengio, "Understanding the
            difficulty of training deep feedforward neural networks", 2010).
        dropout: the part of the last features dropped in training, 0 to
            below 1.
        num_classes: the number of outputs.
        conv3: the filters of a third convolution, 3x3, without pooling; 0
            for none.

    Returns:
        An uncompiled Keras model from raw pixels `(n, 28, 28, 1)`, 0..255,
        ink bright on dark, to probabilities `(n, num_classes)` float32;
        34,826 parameters for 10 classes.

    Raises:
        ConfigError: `dropout`, `num_classes` or `conv3` makes no sense.

    Example:
        >>> model = build_model()
        >>> model.count_params(), model.output_shape
        (34826, (None, 10))
    """
    if not 0 <= dropout < 1:
        raise ConfigError(
            f"dropout is {dropout}. Expected a part, 0 to below 1: 0.25, say."
        )
    if num_classes < 2:
        raise ConfigError(f"num_classes is {num_classes}. Expected 2 or more.")
    if conv3 < 0:
        raise ConfigError(f"conv3 is {conv3}. Expected 0 or more filters.")
    layers = keras.layers
    spatial = {"data_format": "channels_last", "dtype": "float32"}
    weighted = {"kernel_initializer": "zeros", "activation": "relu"}
    third = []
    if conv3:
        third = [layers.Conv2D(conv3, 3, name="conv3", **weighted, **spatial)]
    model = keras.Sequential(
        [
            keras.Input(
                (IMAGE_SIZE, IMAGE_SIZE, 1), name="pixels", dtype="float32"
            ),
            layers.Rescaling(1 / MAX_PIXEL, name="scale", dtype="float32"),
            layers.Conv2D(32, 3, name="conv1", **weighted, **spatial),
            layers.MaxPooling2D(2, name="pool1", **spatial),
            layers.Conv2D(64, 3, name="conv2", **weighted, **spatial),
            layers.MaxPooling2D(2, name="pool2", **spatial),
            *third,
            layers.Flatten(name="flatten", **spatial),
            layers.Dropout(dropout, name="dropout", dtype="float32"),
            layers.Dense(
                num_classes,
                activation="softmax",
                kernel_initializer="zeros",
                name="probabilities",
                dtype="float32",
            ),
        ],
        name="mnistcnn",
    )
    restore_initializers(model)
    _initialize(model, seed)
    return model


def restore_initializers(model: "keras.Model") -> None:
    """Gives layers that were built with zeros Keras' default initializer.

    Drawing weights only to overwrite them takes 2 s on JAX, which compiles
    each draw; the layers' configs are to say what Keras would have said.
    """
    for layer in model.layers:
        if hasattr(layer, "kernel_initializer"):
            layer.kernel_initializer = keras.initializers.GlorotUniform()


def _initialize(model: "keras.Model", seed: int) -> None:
    """Assigns weights from NumPy: Keras' own differ between backends."""
    rng = np.random.default_rng(seed)
    for layer in model.layers:
        if not layer.weights:
            continue
        kernel, bias = layer.weights
        *receptive, fan_in, fan_out = kernel.shape
        field = int(np.prod(receptive))
        limit = np.sqrt(6.0 / (field * (fan_in + fan_out)))
        kernel.assign(rng.uniform(-limit, limit, kernel.shape).astype("f4"))
        bias.assign(np.zeros(bias.shape, "f4"))


def seed_dropout(model: "keras.Model", seed: int, epoch: int) -> None:
    """Puts the random layers' states to what `(seed, epoch)` says.

    An epoch then depends on nothing but the weights it starts from, the
    optimizer's state, the seed and its number: what a resumed run needs.
    """
    for index, layer in enumerate(model.layers):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            entropy = np.random.SeedSequence([seed, epoch, index])
            generator.state.assign(entropy.generate_state(2, np.uint32))


def describe_layers(model: "keras.Model") -> list[dict]:
    """Each layer's name, type, output shape and number of parameters."""
    return [
        {
            "name": layer.name,
            "type": type(layer).__name__,
            "output_shape": list(layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for layer in model.layers
    ]
