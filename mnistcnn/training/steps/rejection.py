"""The step that fits a rejection class to a trained network.

It fits one column of the last layer. With the rest fixed, that is a logistic
regression with one optimum, and does not change the order of the other classes.
"""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mnistcnn.artifact import Artifact, inspect_artifact
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.training.pipeline import REJECTED, split
from mnistcnn.training.steps import require_training

if TYPE_CHECKING:
    from mnistcnn.training.run import Run
    from mnistcnn.training.steps import Step

# Non-digits are assumed to be a tenth as frequent as digits.
FREQUENCY = 0.1
RIDGE = 1e-5  # on the mean loss
_MOST_STEPS = 50
_TOLERANCE = 1e-7
_MOST_DIGITS = 30_000  # more do not improve a single column


@dataclasses.dataclass(frozen=True)
class Rejection:
    """Refits the rejection class of the training before it.

    After weight interpolation it no longer fits, since the initial network had
    no such class.
    """

    def check(self, before: "tuple[Step, ...]") -> None:
        """Raises a `ConfigError` if no rejection class was trained."""
        if not require_training(self, before).nondigits:
            raise ConfigError(
                "A rejection step follows on a training whose "
                "nondigits is 0. Expected some: set it to 20000, or "
                "leave the step out."
            )

    def apply(self, artifact: Path | None, data: Dataset, run: "Run") -> Path:
        """Fits it to digits and non-digits, augmented anew."""
        found, config = inspect_artifact(artifact), run.config
        rng = np.random.default_rng([config.seed, config.epochs])
        # The number of an epoch that no training used.
        samples = split(data, config, run.check)
        images, labels = samples.arrange(config.epochs)
        others = np.flatnonzero(labels == REJECTED)
        digits = rng.permutation(np.flatnonzero(labels != REJECTED))
        digits = digits[:_MOST_DIGITS]
        images = images[np.concatenate([digits, others])]
        head = len(found.layers) - 2  # after it comes the layer that spreads
        trunk = dataclasses.replace(
            found,
            layers=found.layers[:head],
            weights=found.weights[:head],
            card={},
        )
        features = run.predict(trunk, images).astype(np.float64)
        rejected = np.arange(len(images)) >= len(digits)
        fitted = _refit(found, head, features, rejected)
        # The key in the card has the older name.
        facts = {"digits": len(digits), "nondigits": len(others)}
        return run.save(fitted, {"doubt": facts})


def _refit(
    artifact: Artifact,
    head: int,
    features: npt.NDArray[np.float64],
    rejected: npt.NDArray[np.bool_],
) -> Artifact:
    """Replaces the last column of the artifact's classification head."""
    kernel, bias = (array.copy() for array in artifact.weights[head])
    logits = features @ kernel[:, :REJECTED] + bias[:REJECTED]
    kernel[:, REJECTED], bias[REJECTED] = fit_rejection(
        features, logits, rejected
    )
    weights = list(artifact.weights)
    weights[head] = [kernel, bias]
    return dataclasses.replace(artifact, weights=weights)


def fit_rejection(
    features: npt.NDArray[np.floating],
    logits: npt.NDArray[np.floating],
    rejected: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.float64], float]:
    """Fits the kernel's column and the bias of the rejection class.

    Args:
        features: `(n, k)`, the inputs of the last layer.
        logits: `(n, classes)`, of the other classes.
        rejected: `(n,)`, which belong to the rejection class.

    Returns:
        The column, `(k,)` float64, and the bias: with `features @ column +
        bias` beside the other logits, the softmax has the maximum likelihood
        (with a ridge penalty).

    Example:
        >>> features = np.array([[0.0], [1.0], [0.2], [0.9]])
        >>> rejected = np.array([False, True, False, True])
        >>> column, bias = fit_rejection(features, np.zeros((4, 2)), rejected)
        >>> (features @ column + bias > 0).tolist()
        [False, True, False, True]
    """
    x = np.concatenate([features, np.ones((len(features), 1))], axis=1)
    top = logits.max(axis=1)
    others = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    share = FREQUENCY * (~rejected).sum() / rejected.sum()
    weights = np.where(rejected, share, 1.0) / len(x)

    def loss(column):
        z = x @ column - others
        losses = np.logaddexp(0, z) - rejected * z
        return weights @ losses + RIDGE / 2 * (column @ column)

    # Newton's steps, each halved until it decreases the loss.
    column = np.zeros(x.shape[1])
    now = loss(column)
    for _ in range(_MOST_STEPS):
        z = x @ column - others
        p = 1 / (1 + np.exp(-np.clip(z, -40, 40)))
        gradient = (weights * (p - rejected)) @ x + RIDGE * column
        curve = np.maximum(weights * p * (1 - p), 1e-6 * weights)
        hessian = (x * curve[:, None]).T @ x
        hessian[np.diag_indices_from(hessian)] += RIDGE
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while (then := loss(column - size * step)) > now and size > 1e-6:
            size /= 2
        if now - then < _TOLERANCE * now:
            break
        column, now = column - size * step, then
    return column[:-1], float(column[-1])
