"""JAX: what the library asks of it beyond Keras."""

import jax
import numpy as np

VERSION = jax.__version__


def describe_device() -> dict:
    """The device that Keras runs on: `kind`, `name` and `count`."""
    device = jax.devices()[0]
    return {
        "kind": device.platform,
        "name": device.device_kind,
        "count": jax.device_count(),
    }


def peak_device_bytes() -> int | None:
    """The most memory used on the device so far, or `None` on a CPU."""
    stats = jax.devices()[0].memory_stats() or {}
    return stats.get("peak_bytes_in_use")


def seed_epoch(seed: int, epoch: int) -> None:
    """Nothing to do: Keras' seed generators hold all of JAX's state."""


def make_predictor(model):
    """Compiles the model for pictures that come one or a few at a time.

    Args:
        model: a Keras model, `(n, 28, 28, 1)` to `(n, classes)`.

    Returns:
        A function from `(n, 28, 28, 1)` float32 to `(n, classes)` float32
        NumPy probabilities. It sees later changes of the weights.
    """

    @jax.jit
    def forward(trainable, other, images):
        outputs, _ = model.stateless_call(
            trainable, other, images, training=False
        )
        return outputs

    def predict(images: np.ndarray) -> np.ndarray:
        trainable = [v.value for v in model.trainable_variables]
        other = [v.value for v in model.non_trainable_variables]
        return np.asarray(forward(trainable, other, images))

    return predict
