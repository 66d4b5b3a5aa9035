"""One training run of a study, and its score: what one process does."""

import dataclasses
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mnistcnn.data import DIGITS, Dataset, draw_strokes, split_held
from mnistcnn.ink import StrokeSet
from mnistcnn.pictures import PEN_WIDTH
from studies.variants import NUM_SCORED

if TYPE_CHECKING:
    from mnistcnn.evaluation import Evaluation


def measure(job: dict) -> dict:
    """Trains, opens what was written, and scores it once.

    Args:
        job: `config` (a recipe as JSON has it), `seed`, `part` of the study,
            `limit`, of images, or `None`, and perhaps `pen_widths`.

    Returns:
        `right` of `n`, `accuracy`, `interval`, `loss`, the `seconds` of
        training, its `precision` and its `epochs`; where the recipe has
        images read in several rotations, what is `right` of `n` without as
        `once`; where writers are held out, what of theirs is as `pens`.
    """
    from mnistcnn import DigitClassifier, evaluate, load_data, train
    from mnistcnn.training import parse_recipe, pens

    data, held = choose_part(load_data(limit=job["limit"]), job["part"])
    recipe = parse_recipe(job["config"]).vary(seed=job["seed"])
    # No recipe chooses them: an ablation asks what the constant is worth.
    widths = job.get("pen_widths") or pens.PEN_WIDTHS
    pens.PEN_WIDTHS = tuple(widths)
    with tempfile.TemporaryDirectory() as folder:
        result = train(recipe, data, out=Path(folder) / "run", verbose=False)
        # What others will load: without a validation part, the last epoch.
        model = DigitClassifier.from_artifact(result.best)
        scores = evaluate(model, data.x_test, data.y_test)
        writers = score_pens(model, held) if held is not None else {}
        once = {}
        if model.rotation:
            single = evaluate(model.model, data.x_test, data.y_test)
            once = {"once": count_right(single)}
    return {
        **count_right(scores),
        "accuracy": scores.accuracy,
        "interval": list(scores.interval),
        "loss": scores.loss,
        "seconds": result.timing["total"],
        "precision": result.config.precision,
        "epochs": len(result.history),
        **once,
        **writers,
    }


def count_right(scores: "Evaluation") -> dict:
    """Returns what a result file says of the reading of some images."""
    return {"right": int(scores.confusion.trace()), "n": scores.n}


def score_pens(model, held: StrokeSet) -> dict:
    """Scores the digits of writers who were held out, drawn once each."""
    from mnistcnn import evaluate

    digits = held.take(np.isin(held.labels, DIGITS))
    images = draw_strokes(digits, np.full(len(digits), PEN_WIDTH))
    scores = evaluate(model, images, digits.labels.astype(np.uint8))
    return {"pens": count_right(scores)}


def choose_part(data: Dataset, part: str) -> tuple[Dataset, StrokeSet | None]:
    """Returns the data as a study sees them.

    Args:
        data: MNIST, or some of it.
        part: `"test"`, or `"held-out"`.

    Returns:
        For `"test"` the data as they are. For `"held-out"` the last sixth of
        the training images stands where the test set was, which is nowhere:
        what is not there cannot be looked at. Of pen strokes one writer of
        ten is held out, and comes second; `None` where nobody is.
    """
    if part == "test":
        return data, None
    x, y, x_held, y_held = data.split(NUM_SCORED / 60_000)
    strokes, held = data.strokes, None
    if strokes is not None:
        strokes, held = split_held(strokes)
    parts = {"x_train": x, "y_train": y, "x_test": x_held, "y_test": y_held}
    return dataclasses.replace(data, **parts, strokes=strokes), held
