"""Gain and loss of fine-tuning: scores before and after."""

from typing import Any

from mnistcnn.artifact import Artifact
from mnistcnn.data import Dataset
from mnistcnn.evaluation import Evaluation, evaluate
from mnistcnn.training.answering import Answering

# The networks that are scored on each test set, as named in the metrics.
SCORED = ("before", "after", "scratch")


def score_all(
    stages: dict[str, Artifact], data: Dataset, mnist: Dataset | None
) -> list[dict[str, Any]]:
    """Scores each network on the new test set, and on MNIST's.

    Args:
        stages: the networks, with names from `SCORED`.
        data: the new images.
        mnist: MNIST, if it is available.

    Returns:
        A row for each test set, JSON values.
    """
    networks = {stage: Answering(found) for stage, found in stages.items()}
    return [_compare(networks, each) for each in _choose_tests(data, mnist)]


def _choose_tests(data: Dataset, mnist: Dataset | None) -> list[Dataset]:
    """Returns the new test set, and MNIST's if it applies."""
    if mnist is None or data.name == mnist.name:
        return [data]
    if not set(mnist.classes) <= set(data.classes):
        return [data]
    return [data, mnist.relabel(data.classes)]


def _compare(networks: dict[str, Answering], data: Dataset) -> dict[str, Any]:
    """Makes a row of the table: each network's scores on a test set."""
    scores = {
        stage: evaluate(network, data.x_test, data.y_test, classes=data.classes)
        for stage, network in networks.items()
    }
    wrong = {
        stage: {mistake["index"] for mistake in score.mistakes}
        for stage, score in scores.items()
    }
    row = {"data": data.name, "n": len(data.x_test)}
    row |= {stage: _brief(scores.get(stage)) for stage in SCORED}
    row |= {"mended": None, "broken": None}
    if "before" in wrong:
        row["mended"] = len(wrong["before"] - wrong["after"])
        row["broken"] = len(wrong["after"] - wrong["before"])
    return row


def _brief(evaluation: Evaluation | None) -> dict[str, Any] | None:
    if evaluation is None:
        return None
    return {
        "accuracy": evaluation.accuracy,
        "interval": list(evaluation.interval),
        "loss": evaluation.loss,
    }
