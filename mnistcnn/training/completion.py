"""Completing a run: reopens the best model, scores it, writes the report."""

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
from mnistcnn.training.exploration import NUM_SAMPLES
from mnistcnn.training.result import TrainResult
from mnistcnn.training.rundir import RunDirectory

METRICS_FORMAT = 1
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
