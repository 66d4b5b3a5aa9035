"""One training run of a study, and its score: what one process does."""

import dataclasses
import tempfile
from pathlib import Path

from studies import NUM_SCORED

from mnistcnn.data import Dataset


def measure(job: dict) -> dict:
    """Trains, opens what was written, and scores it once.

    Args:
        job: `config` (a recipe as JSON has it), `seed`,
            `part` of the study, and `limit`, of images, or `None`.

    Returns:
        `right` of `n`, `accuracy`, `interval`, `loss`, the `seconds` of
        training, its `precision` and its `epochs`.
    """
    from mnistcnn import evaluate, load_artifact, load_data, train
    from mnistcnn.training import parse_recipe

    data = choose_part(load_data(limit=job["limit"]), job["part"])
    recipe = parse_recipe(job["config"]).vary(seed=job["seed"])
    with tempfile.TemporaryDirectory() as folder:
        result = train(recipe, data, out=Path(folder) / "run", verbose=False)
        # What others will load: without a validation part, the last epoch.
        model = load_artifact(result.best)
        scores = evaluate(model, data.x_test, data.y_test)
    return {
        "right": int(scores.confusion.trace()),
        "n": scores.n,
        "accuracy": scores.accuracy,
        "interval": list(scores.interval),
        "loss": scores.loss,
        "seconds": result.timing["total"],
        "precision": result.config.precision,
        "epochs": len(result.history),
    }


def choose_part(data: Dataset, part: str) -> Dataset:
    """Returns the data as a study sees them.

    Args:
        data: MNIST, or some of it.
        part: `"test"`, or `"held-out"`.

    Returns:
        For `"test"` the data as they are. For `"held-out"` the last sixth of
        the training images stands where the test set was, which is nowhere:
        what is not there cannot be looked at.
    """
    if part == "test":
        return data
    x, y, x_held, y_held = data.split(NUM_SCORED / 60_000)
    return dataclasses.replace(
        data, x_train=x, y_train=y, x_test=x_held, y_test=y_held
    )
