"""Fine-tuning: continues training from an artifact; scores gain and loss."""

import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mnistcnn.artifact import (
    Artifact,
    inspect_artifact,
    pretrained_path,
)
from mnistcnn.data import Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.evaluation import Evaluation
from mnistcnn.training.api import train
from mnistcnn.training.completion import complete_run
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.finetuneconfig import (
    FinetuneConfig,
    make_recipe,
    settle,
)
from mnistcnn.training.heads import drop_sharing
from mnistcnn.training.networks import build_anew
from mnistcnn.training.replacing import check_free
from mnistcnn.training.replay import find_mnist, find_replay, mix
from mnistcnn.training.result import TrainResult
from mnistcnn.training.rundir import check_path, take_out
from mnistcnn.training.transfer import score_all

SCRATCH = "scratch"  # the folder of the run from scratch


@dataclasses.dataclass(frozen=True, eq=False)
class FinetuneResult:
    """What fine-tuning leaves.

    Args:
        result: of the training run.
        evaluation: of the new model on the new test set.
        transfer: the start, the data mixed in, and the scores before and after,
            as in `metrics.json`.
    """

    result: TrainResult
    evaluation: Evaluation
    transfer: dict[str, Any]


def finetune(
    artifact: str | os.PathLike[str] | None,
    data: Dataset,
    config: FinetuneConfig | None = None,
    *,
    out: str | Path,
    resume: bool = False,
    verbose: bool = True,
    say: Callable[[str], None] = lambda line: None,
) -> FinetuneResult:
    """Continues training from an artifact, on new grey images of 28x28.

    If the artifact knows every class of the data, its head is kept, and the new
    network has its classes; otherwise it gets a new head for the classes of the
    data.

    Args:
        artifact: a `.keras` file, or `None` for the one that ships.
        data: the new images.
        config: how; by default as `FinetuneConfig` has it.
        out: the run directory, as of `train`.
        resume: go on with the run in `out`.
        verbose: show progress bars.
        say: called with lines on the progress.

    Returns:
        A `FinetuneResult`.

    Raises:
        ArtifactError: the artifact is missing or refused.
        ConfigError: the artifact has no dense head, `out` holds a run, or
            weights are to be interpolated although the head is new.
        DataError: the data to mix in are missing, or have other classes.
        Interrupted: Ctrl-C or SIGTERM; `out` holds the last whole epoch.
    """
    config = config or FinetuneConfig()
    _check_out(take_out(out), resume)
    path = pretrained_path() if artifact is None else Path(artifact)
    start = inspect_artifact(path)
    kept = set(data.classes) <= set(start.classes)
    if kept:
        data = data.relabel(start.classes)
    elif config.share < 1:
        raise ConfigError(
            f"The share of the new weights is {config.share}, but the head "
            f"is made anew for {len(data.classes)} classes. Expected 1: there "
            "is no old head to interpolate with."
        )
    mnist = find_mnist()
    old = find_replay(config.replay, data, mnist) if kept else None
    training = settle(config.training, start, data)
    mixed = mix(data, old, seed=training.seed)
    name = "the shipped network" if artifact is None else path.name
    facts = {
        "start": {"name": name, "weights_sha256": start.weights_sha256},
        "head": "kept" if kept else "new",
        "frozen": training.freeze,
        "replay": None if old is None else old.name,
    }
    say(f"training on {mixed.about}")
    card = {"finetuned": facts, **_keep_decision(start, kept)}
    result = train(
        make_recipe(path, training, config.share, card),
        mixed,
        out=out,
        resume=resume,
        verbose=verbose,
    )
    stages = {"after": inspect_artifact(result.best)}
    if kept:
        stages["before"] = start
    seconds = None
    if config.compare if config.compare is not None else not kept:
        say("training the same network from scratch, to compare")
        scratch = _train_scratch(start, mixed, training, out, verbose)
        stages["scratch"] = inspect_artifact(scratch.best)
        seconds = scratch.timing["total"]
    transfer = facts | {
        "rows": score_all(stages, data, mnist if kept else None),
        "seconds": result.timing["total"],
        "scratch_seconds": seconds,
    }
    evaluation = complete_run(result, mixed, transfer=transfer)
    return FinetuneResult(result, evaluation, transfer)


def _check_out(out: Path, resume: bool) -> None:
    check_path(out, resume=resume)
    # The folder is removed as a whole.
    if not resume:
        check_free(out, [SCRATCH])


def _keep_decision(artifact: Artifact, kept: bool) -> dict[str, Any]:
    """Keeps threshold and rotation, which are valid for the same classes."""
    names = ("threshold", "rotation") if kept else ()
    return {n: artifact.card[n] for n in names if n in artifact.card}


def _train_scratch(
    start: Artifact,
    data: Dataset,
    config: TrainConfig,
    out: str | Path,
    verbose: bool,
) -> TrainResult:
    """Trains a new network on the same data, by the same config."""
    path = Path(out) / SCRATCH
    # Left by an interrupted run: starting over is quicker than checking it.
    shutil.rmtree(path, ignore_errors=True)
    num_outputs = len(data.classes) + bool(config.nondigits)
    model = build_anew(drop_sharing(start), num_outputs, seed=config.seed)
    config = dataclasses.replace(config, recipe=SCRATCH, freeze=False)
    return train(config, data, model=model, out=path, verbose=verbose)
