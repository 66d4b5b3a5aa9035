"""PyTorch: what the library asks of it beyond Keras."""

import keras
import numpy as np
import torch

VERSION = torch.__version__


def describe_device() -> dict:
    """The device that Keras runs on: `kind`, `name` and `count`."""
    kind = _device().type
    if kind == "cuda":
        return {
            "kind": "gpu",
            "name": torch.cuda.get_device_name(),
            "count": torch.cuda.device_count(),
        }
    return {"kind": kind, "name": kind, "count": 1}


def peak_device_bytes() -> int | None:
    """The most memory used on the device so far, or `None` on a CPU."""
    if _device().type != "cuda":
        return None
    return int(torch.cuda.max_memory_allocated())


def seed_epoch(seed: int, epoch: int) -> None:
    """Seeds PyTorch's global generator, which unseeded dropout draws from.

    Dropout with a seed of its own would read that seed on the host at every
    call, which is slow; seeding the global generator for each epoch makes
    an epoch a function of `(seed, epoch)` all the same.
    """
    state = np.random.SeedSequence([seed, epoch]).generate_state(1)
    torch.manual_seed(int(state[0]))


def make_predictor(model):
    """Wraps the model for pictures that come one or a few at a time.

    Args:
        model: a Keras model, `(n, 28, 28, 1)` to `(n, classes)`.

    Returns:
        A function from `(n, 28, 28, 1)` float32 to `(n, classes)` float32
        NumPy probabilities. It sees later changes of the weights.
    """

    def predict(images: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return model(images, training=False).cpu().numpy()

    return predict


def _device() -> torch.device:
    # Keras decides (KERAS_TORCH_DEVICE, then MPS, CUDA, XPU, CPU): ask it.
    return keras.ops.zeros(()).device
