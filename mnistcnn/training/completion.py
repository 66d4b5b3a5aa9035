"""Completing a run: reopens the best model, scores it, writes the report."""

from pathlib import Path
from typing import Any

import numpy as np

from mnistcnn import figures
from mnistcnn.artifact import inspect_artifact, rebuild, save_artifact
from mnistcnn.data import Dataset
from mnistcnn.evaluation import Evaluation, evaluate
from mnistcnn.files import write_json
from mnistcnn.network import describe_layers
from mnistcnn.report import write_report
from mnistcnn.training.answering import Answering
from mnistcnn.training.result import TrainResult
from mnistcnn.training.rundir import RunDirectory

METRICS_FORMAT = 1
EXPLORED = ("samples.png", "class_histogram.png")
NUM_SAMPLES = 50
NUM_MISTAKES = 25


def complete_run(
    result: TrainResult,
    data: Dataset,
    *,
    transfer: dict[str, Any] | None = None,
) -> Evaluation:
    """Scores a run's best model on the test set and writes the rest.

    The model is opened again from its file, so the scores are of what others
    will load. Its card gets the scores; the run directory gets `metrics.json`,
    `figures/` and `report.html`.

    Args:
        result: of `train`.
        data: what it was trained on.
        transfer: where a finetuned network came from, and its scores before
            and after; it goes into the card and the metrics.

    Returns:
        The `Evaluation` on the test set.
    """
    artifact = inspect_artifact(result.best)
    model = rebuild(artifact)
    evaluation = evaluate(
        Answering(artifact, model),
        data.x_test,
        data.y_test,
        classes=data.classes,
    )
    scores = evaluation.to_dict(max_mistakes=NUM_MISTAKES)
    card = {
        **artifact.card,
        "test": {
            name: scores[name]
            for name in (
                *("accuracy", "n", "interval", "loss"),
                "calibration_error",
            )
        },
    }
    if transfer:
        card["finetuned"] = transfer
    save_artifact(model, result.best, card=card)
    with RunDirectory(result.path, resume=True) as run:
        write_json(
            run.metrics,
            {
                "format": METRICS_FORMAT,
                "config": artifact.card["config"],
                "data": {
                    **artifact.card["data"],
                    "generated": data.generated,
                    "sizes": result.sizes,
                    "classes": list(data.classes),
                },
                "environment": result.environment,
                "history": result.history,
                "timing": result.timing,
                "memory": result.memory,
                "model": {
                    "name": model.name,
                    "parameters": model.count_params(),
                    "layers": describe_layers(model),
                },
                "test": scores,
                **({"transfer": transfer} if transfer else {}),
            },
        )
        _draw(run, data, model, result.history, scores)
        write_report(run.path)
    return evaluation


def explore(data: Dataset, out: Path) -> dict[str, Any]:
    """Describes a data set: shapes, counts, statistics, two pictures.

    Args:
        data: the data set.
        out: the folder for `samples.png` and `class_histogram.png`.

    Returns:
        `arrays` (for each of the four its shape, dtype and digest-free
        facts), `counts` (for each split the images of each class) and
        `pixels` (of the training images, or of the test's where there
        are none: `min`, `max`, `mean`, `std`,
        `ink`, the part of pixels above 0).

    Raises:
        ConfigError: the folder holds a file of one of these names that is no
            picture of ours.
    """
    figures.check_pictures(out, EXPLORED)
    num_classes = len(data.classes)
    counts = {
        "train": np.bincount(data.y_train, minlength=num_classes),
        "test": np.bincount(data.y_test, minlength=num_classes),
    }
    # Without a training set the test set is shown.
    x, y = data.x_train, data.y_train
    x, y = (x, y) if len(x) else (data.x_test, data.y_test)
    figures.draw_samples(
        x[:NUM_SAMPLES],
        y[:NUM_SAMPLES],
        out / "samples.png",
        classes=data.classes,
        note=data.note,
    )
    figures.draw_class_histogram(
        counts,
        out / "class_histogram.png",
        classes=data.classes,
        note=data.note,
    )
    arrays = {
        key: (getattr(data, key).shape, str(getattr(data, key).dtype))
        for key in ("x_train", "y_train", "x_test", "y_test")
    }
    return {
        "arrays": arrays,
        "counts": {name: row.tolist() for name, row in counts.items()},
        "pixels": {
            "min": int(x.min()),
            "max": int(x.max()),
            "mean": float(x.mean()),
            "std": float(x.std()),
            "ink": float((x > 0).mean()),
        },
    }


def _draw(run, data: Dataset, model, history, scores: dict[str, Any]) -> None:
    note = data.note
    figures.draw_learning_curves(
        history, run.figures / "learning_curves.png", note=note
    )
    figures.draw_confusion_matrix(
        np.array(scores["confusion"]),
        data.classes,
        run.figures / "confusion_matrix.png",
        note=note,
    )
    figures.draw_reliability(
        scores["reliability"],
        run.figures / "reliability.png",
        error=scores["calibration_error"],
        note=note,
    )
    mistakes = scores["mistakes"]
    figures.draw_mistakes(
        data.x_test[[mistake["index"] for mistake in mistakes]],
        mistakes,
        run.figures / "mistakes.png",
        note=note,
    )
    figures.draw_samples(
        data.x_train[:NUM_SAMPLES],
        data.y_train[:NUM_SAMPLES],
        run.figures / "samples.png",
        classes=data.classes,
        note=note,
    )
    kernels = [
        np.asarray(layer.get_weights()[0])
        for layer in model.layers
        if type(layer).__name__ == "Conv2D"
    ]
    if kernels:
        figures.draw_filters(kernels[0], run.figures / "filters.png", note=note)
