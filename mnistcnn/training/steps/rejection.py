"""The class "none of them", learned by a network that is trained already.

One more column of the last layer: with the rest as it is, that is a logistic
regression with one optimum, and leaves the order of the others untouched.
"""

import numpy as np

# What is no digit is taken to be a tenth as frequent as digits.
FREQUENCY = 0.1
RIDGE = 1e-5  # on the mean loss
MOST_STEPS = 50
TOLERANCE = 1e-7


def fit_doubt(
    features: np.ndarray, logits: np.ndarray, none: np.ndarray
) -> tuple[np.ndarray, float]:
    """Finds the kernel's column and the bias of "none of them".

    Args:
        features: `(n, k)` float, what the last layer reads.
        logits: `(n, classes)` float, of the other classes.
        none: `(n,)` bool, which are none of them.

    Returns:
        `(k,)` float64, and a number: by `features @ column + bias` beside
        the other logits, a softmax has the likeliest probabilities.

    Example:
        >>> features = np.array([[0.0], [1.0], [0.2], [0.9]])
        >>> none = np.array([False, True, False, True])
        >>> column, bias = fit_doubt(features, np.zeros((4, 2)), none)
        >>> (features @ column + bias > 0).tolist()
        [False, True, False, True]
    """
    x = np.concatenate([features, np.ones((len(features), 1))], axis=1)
    top = logits.max(axis=1)
    others = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    share = FREQUENCY * (~none).sum() / none.sum()
    weights = np.where(none, share, 1.0) / len(x)

    def loss(column):
        z = x @ column - others
        losses = np.logaddexp(0, z) - none * z
        return weights @ losses + RIDGE / 2 * (column @ column)

    # Newton's steps, each halved until it leads down.
    column = np.zeros(x.shape[1])
    now = loss(column)
    for _ in range(MOST_STEPS):
        z = x @ column - others
        p = 1 / (1 + np.exp(-np.clip(z, -40, 40)))
        gradient = (weights * (p - none)) @ x + RIDGE * column
        curve = np.maximum(weights * p * (1 - p), 1e-6 * weights)
        hessian = (x * curve[:, None]).T @ x
        hessian[np.diag_indices_from(hessian)] += RIDGE
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while (then := loss(column - size * step)) > now and size > 1e-6:
            size /= 2
        if now - then < TOLERANCE * now:
            break
        column, now = column - size * step, then
    return column[:-1], float(column[-1])
