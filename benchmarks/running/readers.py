"""Opening an artifact to read with, and what is recorded about it."""

from pathlib import Path
from typing import Any

from running.checkout import describe_commit
from running.machine import say_today


def open_reader(path: Path | None) -> tuple[Any, dict]:
    """Opens an artifact to read with, and describes it for result files.

    Args:
        path: a `.keras` file, or `None` for the one that ships.

    Returns:
        The `DigitClassifier`; and the `date`, the commit, the `artifact` with
        its threshold and the `backend`, as recorded in result files.

    Raises:
        ArtifactError: there is no such artifact, or it is invalid.
    """
    from mnistcnn import DigitClassifier, inspect_artifact
    from mnistcnn.artifact import pretrained_path

    path = path or pretrained_path()
    card = inspect_artifact(path).card
    classifier = DigitClassifier.from_artifact(path)
    keys = ("recipe", "seed", "weights_sha256")
    artifact = {key: card.get(key) for key in keys}
    return classifier, {
        "date": say_today(),
        **describe_commit(),
        "artifact": artifact | {"threshold": classifier.threshold},
        "backend": classifier.backend,
    }
