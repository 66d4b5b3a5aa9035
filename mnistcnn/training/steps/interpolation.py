"""Between what a network knew and what it has learned since.

Trained on from good weights, a network forgets some of what it read well. The
weights between the old and the new ones keep most of both (Wortsman et al.,
"Robust fine-tuning of zero-shot models", 2022).
"""

from pathlib import Path

import numpy as np

from mnistcnn.artifact import Artifact, inspect_artifact, rebuild, save_artifact
from mnistcnn.backends import keras
from mnistcnn.data import warp
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.doubt import fit_doubt
from mnistcnn.training.finishing import first_layers, predict, share_none
from mnistcnn.training.heads import drop_sharing
from mnistcnn.training.mixture import NONE, draw_mixture

_NEW_BIAS = -2.0  # a class that was never seen is not likely
_MOST_DIGITS = 30_000  # for one column of one layer more teach nothing
_NONDIGITS_A_NONDIGIT = 2  # drawn anew, so that none was trained on


def start_from(model: "keras.Sequential", artifact: Artifact) -> None:
    """Gives a model an artifact's weights.

    Args:
        model: of the same network, or of one output more, whose class is
            then hardly ever likely.
        artifact: checked.
    """
    weights = [each for layer in artifact.weights for each in layer]
    kernel, bias = weights[-2:]
    if model.output_shape[-1] > len(bias):
        weights[-2] = np.pad(kernel, ((0, 0), (0, 1)))
        weights[-1] = np.append(bias, np.float32(_NEW_BIAS))
    model.set_weights(weights)


def blend(path: Path, start: list[np.ndarray], share: float) -> None:
    """Blends an artifact's weights with those that it started with.

    An artifact that is blended already is left as it is.

    Args:
        path: the artifact; it is replaced.
        start: the weights of the network that was trained.
        share: of the new weights, above 0, to 1.
    """
    artifact = inspect_artifact(path)
    if "blend" in artifact.card:
        return
    model = rebuild(drop_sharing(artifact))
    new = model.get_weights()
    model.set_weights(
        [old + share * (w - old) for old, w in zip(start, new, strict=True)]
    )
    _save(model, artifact, path, {"blend": share})


def learn_doubt(path: Path, x, y, config: TrainConfig) -> None:
    """Fits an artifact's class "none of them" anew.

    Args:
        path: an artifact that has that class; it is replaced.
        x: `(n, 28, 28)` uint8, what it was trained on.
        y: `(n,)` integers.
        config: it was trained by.
    """
    artifact = inspect_artifact(path)
    if "doubt" in artifact.card:
        return
    model = rebuild(drop_sharing(artifact))
    rng = np.random.default_rng([config.seed, config.epochs])
    digits = rng.permutation(np.flatnonzero(y != NONE))[:_MOST_DIGITS]
    others, _ = draw_mixture(
        0, _NONDIGITS_A_NONDIGIT * config.nondigits, seed=config.seed + 1
    )
    images = np.concatenate([x[digits], others])
    images = warp(images, rng, strength=config.augment, elastic=config.elastic)
    none = np.arange(len(images)) >= len(digits)
    trunk = first_layers(model, len(model.layers) - 1)
    features = predict(trunk, images[..., None]).astype(np.float64)
    kernel, bias = model.layers[-1].get_weights()
    logits = features @ kernel[:, :NONE] + bias[:NONE]
    kernel[:, NONE], bias[NONE] = fit_doubt(features, logits, none)
    model.layers[-1].set_weights([kernel, bias])
    facts = {"digits": len(digits), "nondigits": len(others)}
    _save(model, artifact, path, {"doubt": facts})


def _save(model, artifact: Artifact, path: Path, facts: dict) -> None:
    """Saves a network, with its class "none of them" shared out again."""
    if model.output_shape[-1] > len(artifact.classes):
        model = share_none(model)
    save_artifact(model, path, card={**artifact.card, **facts})
