"""TensorFlow: the operations of a plan."""

import tensorflow as tf

from mnistcnn.backends import plans as engine

_ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": tf.nn.relu,
    "sigmoid": tf.nn.sigmoid,
    "tanh": tf.nn.tanh,
}


# AutoGraph cannot parse `match`, and need not: the plan is constant in tracing.
@tf.autograph.experimental.do_not_convert
def compute_logits(plan: engine.Plan, weights, x, draw):
    """Computes logits from raw pixels.

    Args:
        plan: of a model.
        weights: its variables' values.
        x: `(n, h, w, channels)`, any type.
        draw: for dropout a seed, `(2,)` int32, and the position in the batch of
            the first image; `None` for no dropout.
    """
    for index, operation in enumerate(plan.operations):
        match operation:
            case engine.Scale():
                x = tf.cast(x, tf.float32) * operation.scale + operation.offset
            case engine.Convolve():
                x = _convolve(operation, weights, tf.cast(x, plan.precision))
            case engine.Flatten():
                x = tf.reshape(x, (-1, x.shape[1:].num_elements()))
                x = tf.cast(x, tf.float32)
            case engine.Dropout() if draw is not None:
                seed, position = draw
                other = tf.constant([0, index << 20])
                x = _drop(x, operation.rate, seed + other, position)
            case engine.Dense():
                x = x @ weights[operation.kernel] + weights[operation.bias]
                if operation.activation in _ACTIVATIONS:
                    x = _ACTIVATIONS[operation.activation](x)
    return x


def _convolve(operation: engine.Convolve, weights, x):
    if tuple(x.shape[1:3]) != operation.crop:
        # Not if nothing is cropped: its gradient is a copy of the map.
        x = x[:, : operation.crop[0], : operation.crop[1]]
    kernel = tf.cast(weights[operation.kernel], x.dtype)
    if x.shape[0] == 1:
        x = _multiply(x, kernel)
    else:
        x = tf.nn.conv2d(x, kernel, 1, "VALID")
    if operation.pool > 1:
        x = tf.nn.max_pool2d(x, operation.pool, operation.pool, "VALID")
    x = tf.nn.bias_add(x, tf.cast(weights[operation.bias], x.dtype))
    return _ACTIVATIONS[operation.activation](x)


def compute_probabilities(plan: engine.Plan, weights, x):
    """Computes probabilities, `(n, classes)`, of raw pixels, for inference."""
    rows = tf.nn.softmax(compute_logits(plan, weights, x, None))
    return rows if plan.shares is None else rows @ weights[plan.shares]


def _multiply(x, kernel):
    """Convolves by one product, which halves the time for an image in XLA."""
    rows, columns, _, filters = kernel.shape
    height, width = x.shape[1] - rows + 1, x.shape[2] - columns + 1
    windows = [
        x[:, i : i + height, j : j + width]
        for i in range(rows)
        for j in range(columns)
    ]
    windows = tf.reshape(tf.concat(windows, 3), (height * width, -1))
    found = windows @ tf.reshape(kernel, (-1, filters))
    return tf.reshape(found, (1, height, width, filters))


def _drop(x, rate: float, seed, position):
    # Philox counts blocks of four numbers; half of a number is enough for a
    # value. The blocks of the rows before these in the batch are skipped, on
    # any device.
    width = x.shape[1:].num_elements()
    blocks = -(-width // 8)
    key = tf.cast(tf.bitcast(seed[:1], tf.uint32), tf.uint64)
    begin = tf.cast(position, tf.int64) * blocks
    counter = tf.stack([begin, tf.cast(seed[1], tf.int64)])
    drawn = tf.raw_ops.StatelessRandomUniformFullIntV2(
        shape=(tf.shape(x)[0], 4 * blocks),
        key=key,
        counter=tf.bitcast(counter, tf.uint64),
        alg=tf.random.Algorithm.PHILOX.value,
        dtype=tf.uint32,
    )
    halves = tf.reshape(tf.bitcast(drawn, tf.uint16), (-1, 8 * blocks))
    if 8 * blocks > width:
        halves = halves[:, :width]
    least = tf.constant(round(rate * 2**16), tf.uint16)
    return tf.where(tf.reshape(halves, tf.shape(x)) >= least, x / (1 - rate), 0)


def sum_up(logits, targets):
    """Sums the losses and counts the hits; padding, of target 0, is neither."""
    there = tf.reduce_any(targets != 0, axis=1)
    losses = tf.nn.softmax_cross_entropy_with_logits(targets, logits)
    # Its gradient assumes that a target's sum is 1.
    losses *= tf.cast(there, losses.dtype)
    hits = tf.argmax(logits, axis=1) == tf.argmax(targets, axis=1)
    right = tf.cast(hits & there, tf.int32)
    return tf.reduce_sum(losses), tf.reduce_sum(right)
