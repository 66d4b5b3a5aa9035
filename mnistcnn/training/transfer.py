"""What fine-tuning gained and lost: scores before and after."""

from typing import Any

from mnistcnn.artifact import Artifact
from mnistcnn.data import Dataset
from mnistcnn.evaluation import Evaluation, evaluate
from mnistcnn.training.answering import Answering

# The networks that each test set is scored by, as the metrics name them.
SCORED = ("before", "after", "scratch")


def score_all(
    stages: dict[str, Artifact], data: Dataset, mnist: Dataset | None
) -> list[dict[str, Any]]:
    """What each network reads of the new test set, and of MNIST's.

    Args:
        stages: the networks, by some of `SCORED`.
        data: the new images.
        mnist: if it can be asked for.

    Returns:
        A row for each test set, JSON values.
    """
    networks = {stage: Answering(found) for stage, found in stages.items()}
    return [_compare(networks, each) for each in _choose_tests(data, mnist)]


def _choose_tests(data: Dataset, mnist: Dataset | None) -> list[Dataset]:
    """The new test set, and MNIST's where that can be asked for."""
    if mnist is None or data.name == mnist.name:
        return [data]
    if not set(mnist.classes) <= set(data.classes):
        return [data]
    return [data, mnist.relabel(data.classes)]


def _compare(networks: dict[str, Answering], data: Dataset) -> dict[str, Any]:
    """One line of the table: a test set and what each network reads of it."""
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
