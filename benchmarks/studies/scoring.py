"""One training run of a study, and its score: the job of one process."""

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
    """Trains, opens the written artifact, and scores it once.

    Args:
        job: `config` (a recipe as JSON), `seed`, `part` of the study, `limit`
            (of images, or `None`), and optionally `pen_widths`.

    Returns:
        `right` of `n`, `accuracy`, `interval`, `loss`, the `seconds` of
        training, its `precision` and its `epochs`; if the recipe reads images
        in several rotations, `once`, the `right` of `n` without them; if
        writers are held out, `pens`, the same for their digits.
    """
    from mnistcnn import DigitClassifier, evaluate, load_data, train
    from mnistcnn.training import parse_recipe, pens

    data, held = choose_part(load_data(limit=job["limit"]), job["part"])
    recipe = parse_recipe(job["config"]).vary(seed=job["seed"])
    # Not part of a recipe: only an ablation varies this constant.
    widths = job.get("pen_widths") or pens.PEN_WIDTHS
    pens.PEN_WIDTHS = tuple(widths)
    with tempfile.TemporaryDirectory() as folder:
        result = train(recipe, data, out=Path(folder) / "run", verbose=False)
        # The artifact that users load: without validation, the last epoch.
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
    """Returns the counts of correct images, as in a result file."""
    return {"right": int(scores.confusion.trace()), "n": scores.n}


def score_pens(model, held: StrokeSet) -> dict:
    """Scores the digits of held-out writers, each drawn once."""
    from mnistcnn import evaluate

    digits = held.take(np.isin(held.labels, DIGITS))
    images = draw_strokes(digits, np.full(len(digits), PEN_WIDTH))
    scores = evaluate(model, images, digits.labels.astype(np.uint8))
    return {"pens": count_right(scores)}


def choose_part(data: Dataset, part: str) -> tuple[Dataset, StrokeSet | None]:
    """Returns the data as a study uses them.

    Args:
        data: MNIST, or part of it.
        part: `"test"`, or `"held-out"`.

    Returns:
        For `"test"` the data as they are. For `"held-out"` the last sixth of
        the training images replaces the test set, which is dropped, so that it
        cannot influence anything. The second item are the pen strokes of the
        held-out writers, one of ten; `None` if there are none.
    """
    if part == "test":
        return data, None
    x, y, x_held, y_held = data.split(NUM_SCORED / 60_000)
    strokes, held = data.strokes, None
    if strokes is not None:
        strokes, held = split_held(strokes)
    parts = {"x_train": x, "y_train": y, "x_test": x_held, "y_test": y_held}
    return dataclasses.replace(data, **parts, strokes=strokes), held
