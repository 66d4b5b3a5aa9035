"""The network's training steps in float64 NumPy: the exact reference.

Written from the definitions, with sliding windows, and slow; it shares no code
with an engine or a framework.
"""

import numpy as np

RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-7
# Keras rounds them to float32 before it computes powers: that changes Adam's
# first steps by 1e-5, a hundred times as much as all other rounding.
_POWER_1, _POWER_2 = float(np.float32(BETA_1)), float(np.float32(BETA_2))


def train(weights, batches):
    """Takes Adam's steps without dropout.

    Args:
        weights: six arrays in Keras' order and layout.
        batches: `(images, labels)`, `(n, 28, 28)` uint8 and `(n,)` integers.

    Yields:
        The loss and the weights after each step.
    """
    weights = [np.asarray(w, np.float64) for w in weights]
    first = [np.zeros_like(w) for w in weights]
    second = [np.zeros_like(w) for w in weights]
    for step, (images, labels) in enumerate(batches, 1):
        loss, gradients = differentiate(weights, images, labels)
        rate = RATE * np.sqrt(1 - _POWER_2**step) / (1 - _POWER_1**step)
        for w, m, v, g in zip(weights, first, second, gradients, strict=True):
            m += (1 - BETA_1) * (g - m)
            v += (1 - BETA_2) * (g * g - v)
            w -= rate * m / (np.sqrt(v) + EPSILON)
        yield loss, [w.copy() for w in weights]


def predict(weights, images) -> np.ndarray:
    """Returns the probabilities, `(n, 10)` float64."""
    return _forward(weights, images)[0]


def differentiate(weights, images, labels) -> tuple[float, list[np.ndarray]]:
    """Computes the mean loss and its gradients.

    Args:
        weights: six arrays in Keras' order and layout.
        images: `(n, 28, 28)` uint8.
        labels: `(n,)` integers.
    """
    probabilities, (features, second, first) = _forward(weights, images)
    rows = np.arange(len(labels))
    loss = -np.log(probabilities[rows, labels]).mean()
    gradient = probabilities.copy()
    gradient[rows, labels] -= 1
    gradient /= len(labels)
    dense = features.T @ gradient, gradient.sum(axis=0)
    back = (gradient @ weights[4].T).reshape(second["pooled"].shape)
    conv2, back = _block_backward(back, second, weights[2])
    conv1, _ = _block_backward(back, first, weights[0])
    return loss, [*conv1, *conv2, *dense]


def _forward(weights, images):
    weights = [np.asarray(w, np.float64) for w in weights]
    x = images[..., None].astype(np.float64) / 255
    first = _block(x, weights[0], weights[1])
    second = _block(first["pooled"], weights[2], weights[3])
    features = second["pooled"].reshape(len(images), -1)
    logits = features @ weights[4] + weights[5]
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    sums = exponentials.sum(axis=1, keepdims=True)
    return exponentials / sums, (features, second, first)


def _block(x, kernel, bias) -> dict:
    """Computes convolution, relu and 2x2 max pooling."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (1, 2))
    # From (n, rows, columns, channels, 3, 3) to the kernel's layout.
    windows = windows.transpose(0, 1, 2, 4, 5, 3)
    active = np.maximum(np.tensordot(windows, kernel, 3) + bias, 0)
    n, rows, columns, filters = active.shape
    rows, columns = rows // 2, columns // 2
    fours = active[:, : 2 * rows, : 2 * columns]
    fours = fours.reshape(n, rows, 2, columns, 2, filters)
    fours = fours.transpose(0, 1, 3, 5, 2, 4)
    fours = fours.reshape(n, rows, columns, filters, 4)
    return {
        "windows": windows,
        "shape": active.shape,
        "pooled": fours.max(axis=4),
        "winners": fours.argmax(axis=4),
    }


def _block_backward(gradient, kept: dict, kernel):
    """Gradients of kernel and bias, and of the input."""
    n, rows, columns, filters = gradient.shape
    # The pooled value is 0 where relu clipped it; there the gradient is 0.
    gradient = gradient * (kept["pooled"] > 0)
    fours = np.zeros((*gradient.shape, 4))
    np.put_along_axis(fours, kept["winners"][..., None], gradient[..., None], 4)
    fours = fours.reshape(n, rows, columns, filters, 2, 2)
    spread = np.zeros(kept["shape"])
    spread[:, : 2 * rows, : 2 * columns] = fours.transpose(
        0, 1, 4, 2, 5, 3
    ).reshape(n, 2 * rows, 2 * columns, filters)
    axes = (0, 1, 2)
    of_kernel = np.tensordot(kept["windows"], spread, (axes, axes))
    height, width = np.shape(spread)[1:3]
    back = np.zeros((n, height + 2, width + 2, kernel.shape[2]))
    for i in range(3):
        for j in range(3):
            back[:, i : i + height, j : j + width] += spread @ kernel[i, j].T
    return (of_kernel, spread.sum(axis=axes)), back
