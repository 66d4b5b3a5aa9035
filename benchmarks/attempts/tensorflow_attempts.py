"""TensorFlow: other convolutions, pieces compiled by XLA, graphs, parts."""

from typing import Any

import tensorflow as tf

from mnistcnn.backends import tensorflow_operations, tensorflow_steps

_STEPS: Any = tensorflow_steps.Steps


def one_product() -> None:
    """Computes the first block's windows by one product each."""
    ours = tensorflow_operations._convolve

    def convolve(operation, weights, x):
        kernel = weights[operation.kernel]
        if x.shape[3] > 1 or operation.pool != 2:
            return ours(operation, weights, x)
        x = x[:, : operation.crop[0], : operation.crop[1]]
        shifted = [
            tf.pad(kernel, ((i, 1 - i), (j, 1 - j), (0, 0), (0, 0)))
            for i in (0, 1)
            for j in (0, 1)
        ]
        x = tf.nn.conv2d(x, tf.concat(shifted, 3), 2, "VALID")
        x = _maximum(tf.split(x, 4, axis=3))
        x = tf.nn.bias_add(x, weights[operation.bias])
        return tensorflow_operations._ACTIVATIONS[operation.activation](x)

    tensorflow_operations._convolve = convolve


def padded_channels() -> None:
    """Pads the first block's one channel to the vector's 16."""
    ours = tf.nn.conv2d

    def conv2d(x, kernel, *how):
        if x.shape[3] == 1:
            x = tf.pad(x, ((0, 0), (0, 0), (0, 0), (0, 15)))
            kernel = tf.pad(kernel, ((0, 0), (0, 0), (0, 15), (0, 0)))
        return ours(x, kernel, *how)

    tf.nn.conv2d = conv2d


def compiled_blocks() -> None:
    """Compiles pooling, bias and activation of each block by XLA."""
    ours = tensorflow_operations._convolve

    @tf.function(jit_compile=True, autograph=False)
    def finish(x, bias):
        return tf.nn.relu(tf.nn.bias_add(_pool(x), bias))

    def convolve(operation, weights, x):
        if operation.pool != 2:
            return ours(operation, weights, x)
        x = x[:, : operation.crop[0], : operation.crop[1]]
        x = tf.nn.conv2d(x, weights[operation.kernel], 1, "VALID")
        return finish(x, weights[operation.bias])

    tensorflow_operations._convolve = convolve


def compiled_optimizer() -> None:
    """Compiles the optimizer's step by XLA."""
    compiled = tf.function(_STEPS._apply, jit_compile=True, autograph=False)
    _STEPS._apply = lambda self, gradients: compiled(self, gradients)


def fused_adam() -> None:
    """Takes TensorFlow's fused Adam for the Keras optimizer."""

    def apply(self, gradients):
        own = self._optimizer
        steps = tf.cast(own.iterations.value.assign_add(1), tf.float32)
        slots = zip(own._momentums, own._velocities, strict=True)
        for variable, gradient, (first, second) in zip(
            self._trained, gradients, slots, strict=True
        ):
            tf.raw_ops.ResourceApplyAdam(
                var=variable.value.handle,
                m=first.value.handle,
                v=second.value.handle,
                beta1_power=own.beta_1**steps,
                beta2_power=own.beta_2**steps,
                lr=own.learning_rate.value,
                beta1=own.beta_1,
                beta2=own.beta_2,
                epsilon=own.epsilon,
                grad=gradient,
            )

    _STEPS._apply = apply


def small_parts() -> None:
    """Has the batch in four parts side by side, for two."""
    tensorflow_steps.count_parts = lambda images: 4


def without_grappler() -> None:
    """Leaves the graph as it was traced, without grappler's rewrites."""
    tf.config.optimizer.set_experimental_options(
        {"disable_meta_optimizer": True}
    )


def _pool(x):
    return _maximum([x[:, i::2, j::2] for i in (0, 1) for j in (0, 1)])


def _maximum(parts):
    return tf.maximum(
        tf.maximum(parts[0], parts[1]), tf.maximum(parts[2], parts[3])
    )
