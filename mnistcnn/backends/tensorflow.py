"""TensorFlow: what the library asks of it beyond Keras."""

import numpy as np
import tensorflow as tf

VERSION = tf.__version__


def describe_device() -> dict:
    """The device that Keras runs on: `kind`, `name` and `count`."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return {"kind": "cpu", "name": "cpu", "count": 1}
    details = tf.config.experimental.get_device_details(gpus[0])
    return {
        "kind": "gpu",
        "name": details.get("device_name", "gpu"),
        "count": len(gpus),
    }


def peak_device_bytes() -> int | None:
    """The most memory used on the device so far, or `None` on a CPU."""
    if not tf.config.list_physical_devices("GPU"):
        return None
    return int(tf.config.experimental.get_memory_info("GPU:0")["peak"])


def seed_epoch(seed: int, epoch: int) -> None:
    """Nothing to do: Keras' seed generators hold all of the state."""


def make_predictor(model):
    """Traces the model for pictures that come one or a few at a time.

    Args:
        model: a Keras model, `(n, 28, 28, 1)` to `(n, classes)`.

    Returns:
        A function from `(n, 28, 28, 1)` float32 to `(n, classes)` float32
        NumPy probabilities. It sees later changes of the weights.
    """
    # One signature with an open batch: no second trace for another n.
    signature = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)
    forward = tf.function(
        lambda images: model(images, training=False),
        input_signature=[signature],
    )

    def predict(images: np.ndarray) -> np.ndarray:
        return forward(tf.constant(images)).numpy()

    return predict
