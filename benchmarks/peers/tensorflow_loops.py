"""The network in plain TensorFlow: no Keras, none of the library's code.

`plain` is written like TensorFlow's own guides: one `tf.function` step per
batch, the network in `tf.nn`. `best` is the fastest that we can write by hand:
a whole epoch in one graph, no unused outputs computed, and parts of each batch
in parallel where an operation has only one thread.
"""

import os
import time

import numpy as np
import tensorflow as tf

RATE, DROPOUT = 1e-3, 0.25
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


def make_plain(weights, images, labels, batch_size: int):
    """Makes a loop as in the guides, with the data on the device."""
    pixels = tf.constant(images[..., None], tf.float32) / 255
    training = _Training(map(tf.Variable, weights), _plain_logits)
    return _make_plain_loop(training, pixels, labels, batch_size)


def make_keras(model, images, labels, batch_size: int):
    """Makes the plain loop of a Keras model."""
    pixels = tf.constant(images[..., None], tf.float32)
    variables = [variable.value for variable in model.trainable_variables]

    def logits(weights, x, *, training):
        return model(x, training=training)

    training = _Training(variables, logits)
    return _make_plain_loop(training, pixels, labels, batch_size)


def make_pipeline(images, labels, batch_size: int):
    """Makes the pipeline of batches that `fit` takes instead of arrays."""
    pairs = tf.data.Dataset.from_tensor_slices((images, labels))
    return pairs.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def _make_plain_loop(training, pixels, labels, batch_size: int):
    labels = tf.constant(labels, tf.int32)

    @tf.function
    def step(chosen):
        training.step(tf.gather(pixels, chosen), tf.gather(labels, chosen))

    def run(order):
        training.reset()
        batches = np.asarray(order, np.int32).reshape(-1, batch_size)
        for chosen in tf.constant(batches):
            step(chosen)
        return training.means(len(order))

    return run


def make_best(weights, images, labels, batch_size: int):
    """Makes a loop with every optimization that we know."""
    training = _Training(map(tf.Variable, weights), _best_logits)
    # Neither convolution needs the last two rows and columns.
    pixels = tf.constant(images[:, :26, :26, None], tf.float32) / 255
    labels = tf.constant(labels, tf.int32)
    signature = [tf.TensorSpec((None, batch_size), tf.int32)]
    parts = 1
    if os.environ.get("TF_NUM_INTRAOP_THREADS") == "1":
        parts = int(os.environ["TF_NUM_INTEROP_THREADS"])

    @tf.function(input_signature=signature)
    def epoch(batches):
        for chosen in batches:
            training.step(
                tf.gather(pixels, chosen), tf.gather(labels, chosen), parts
            )

    def run(order):
        training.reset()
        epoch(np.asarray(order, np.int32).reshape(-1, batch_size))
        return training.means(len(order))

    return run


def make_forward(weights):
    """Makes a function from `(n, 28, 28)` uint8 to `(n, 10)` probabilities."""
    weights = [tf.constant(w) for w in weights]

    @tf.function(input_signature=[tf.TensorSpec((None, 28, 28), tf.uint8)])
    def forward(images):
        x = tf.cast(images, tf.float32)[..., None] / 255
        return tf.nn.softmax(_plain_logits(weights, x, training=False))

    # A concrete function skips the search for a trace at every call.
    concrete = forward.get_concrete_function()
    return lambda images: concrete(tf.constant(images)).numpy()


def multiply_matrices(size: int, seconds: float) -> float:
    """Measures GFLOP/s of float32 matrix products, the best of many."""
    a = tf.ones((size, size)) / size
    tf.linalg.matmul(a, a)[0, 0].numpy()
    best, end = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        # Reading one number waits for the device.
        tf.linalg.matmul(a, a)[0, 0].numpy()
        best = min(best, time.perf_counter() - begin)
    return 2 * size**3 / best / 1e9


class _Training:
    """Weights, Adam's state, and the sums of losses and of correct images."""

    def __init__(self, variables, logits):
        tf.random.set_seed(0)
        self._logits = logits
        self._weights = weights = list(variables)
        self._first = [tf.Variable(tf.zeros_like(w)) for w in weights]
        self._second = [tf.Variable(tf.zeros_like(w)) for w in weights]
        self._powers = tf.Variable(tf.ones(())), tf.Variable(tf.ones(()))
        self._loss = tf.Variable(tf.zeros(()))
        self._right = tf.Variable(tf.zeros((), tf.int32))

    def reset(self) -> None:
        self._loss.assign(0.0)
        self._right.assign(0)

    def means(self, n: int) -> tuple[float, float]:
        return float(self._loss) / n, int(self._right) / n

    def step(self, x, y, parts: int = 1) -> None:
        size = -(-x.shape[0] // parts)
        found = [
            self._differentiate(x[i : i + size], y[i : i + size], x.shape[0])
            for i in range(0, x.shape[0], size)
        ]
        *gradients, loss, right = map(tf.add_n, zip(*found, strict=True))
        self._apply(gradients)
        self._loss.assign_add(loss)
        self._right.assign_add(right)

    def _differentiate(self, x, y, images: int):
        with tf.GradientTape() as tape:
            logits = self._logits(self._weights, x, training=True)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)
            loss = tf.reduce_sum(losses)
            mean = loss / images
        hits = tf.argmax(logits, axis=1, output_type=tf.int32) == y
        right = tf.reduce_sum(tf.cast(hits, tf.int32))
        return *tape.gradient(mean, self._weights), loss, right

    def _apply(self, gradients) -> None:
        power_1 = self._powers[0].assign(self._powers[0] * BETA_1)
        power_2 = self._powers[1].assign(self._powers[1] * BETA_2)
        state = zip(
            self._weights, self._first, self._second, gradients, strict=True
        )
        # TensorFlow's own fused kernel, used by its optimizers without Keras.
        for weight, first, second, gradient in state:
            tf.raw_ops.ResourceApplyAdam(
                var=weight.handle,
                m=first.handle,
                v=second.handle,
                beta1_power=power_1,
                beta2_power=power_2,
                lr=RATE,
                beta1=BETA_1,
                beta2=BETA_2,
                epsilon=EPSILON,
                grad=gradient,
            )


def _plain_logits(weights, x, *, training: bool):
    for kernel, bias in (weights[0:2], weights[2:4]):
        x = tf.nn.conv2d(x, kernel, 1, "VALID")
        x = tf.nn.relu(tf.nn.bias_add(x, bias))
        x = tf.nn.max_pool2d(x, 2, 2, "VALID")
    return _dense(weights, x, training)


def _best_logits(weights, x, *, training: bool):
    for kernel, bias in (weights[0:2], weights[2:4]):
        x = tf.nn.conv2d(x, kernel, 1, "VALID")
        # The maximum commutes with bias and activation: a quarter of the work.
        x = tf.nn.max_pool2d(x, 2, 2, "VALID")
        x = tf.nn.relu(tf.nn.bias_add(x, bias))
    return _dense(weights, x, training)


def _dense(weights, x, training: bool):
    x = tf.reshape(x, (-1, 1600))
    if training:
        x = tf.nn.dropout(x, DROPOUT)
    return x @ weights[4] + weights[5]
