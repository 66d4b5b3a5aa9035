"""Training on from an artifact, on new images; what it gained and lost."""

import dataclasses
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from mnistcnn.artifact import Artifact, inspect_artifact, load_artifact, rebuild
from mnistcnn.data import DIGITS, Dataset
from mnistcnn.errors import ConfigError
from mnistcnn.evaluation import Evaluation, evaluate
from mnistcnn.network import ARCHITECTURES
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.heads import (
    build_anew,
    build_with_new_head,
    drop_sharing,
    find_head,
)
from mnistcnn.training.replay import find_mnist, find_replay, mix
from mnistcnn.training.result import TrainResult
from mnistcnn.training.run import train
from mnistcnn.training.workflow import complete_run

FINETUNING = TrainConfig(
    recipe="finetune",
    epochs=5,
    batch_size=32,
    schedule="cosine",
    validation=0.0,
    augment=1.0,
)
# For a network that knows what is no digit, so that it does not forget that.
NUM_NONDIGITS = 1000
SCRATCH = "scratch"  # the folder of the run that starts from nothing
# The networks that each test set is scored by, as the metrics name them.
SCORED = ("before", "after", SCRATCH)


@dataclasses.dataclass(frozen=True, eq=False)
class FinetuneResult:
    """What finetuning leaves.

    Args:
        result: of the training run.
        evaluation: of the new model on the new test set.
        transfer: where it started, what was mixed in, and the scores before
            and after, as `metrics.json` has them.
    """

    result: TrainResult
    evaluation: Evaluation
    transfer: dict


def finetune(
    artifact: str | os.PathLike | None,
    data: Dataset,
    config: TrainConfig = FINETUNING,
    *,
    replay: str = "auto",
    compare: bool | None = None,
    out: str | Path,
    resume: bool = False,
    verbose: bool = True,
    say: Callable[[str], None] = lambda line: None,
) -> FinetuneResult:
    """Trains on from an artifact, on new images of 28x28 grey pixels.

    Where the artifact knows every class of the data, its head is kept, and
    the new network is one for its classes; else the head is made anew for
    the classes of the data.

    Args:
        artifact: a `.keras` file, or `None` for the one that ships.
        data: the new images.
        config: how to train; `freeze` keeps all layers but the head as they
            are; `blend` below 1 keeps part of the old weights. Its network,
            dropout and start are the artifact's.
        replay: old images to mix in, so that a kept head does not forget:
            `"auto"`, `"none"`, or a data set (`find_replay`).
        compare: whether to train the same network from scratch as well, on
            the same data by the same config; by default where the head is
            new.
        out: the run directory, which gets what any run has.
        resume: go on with the run in `out`.
        verbose: show progress bars.
        say: gets a line on what is going on.

    Returns:
        A `FinetuneResult`.

    Raises:
        ArtifactError: the artifact is missing or refused.
        ConfigError: the artifact has no dense head, `out` holds a run, or
            there is a new head and something to blend it with.
        DataError: the data to mix in are not there or of other classes.
        Interrupted: Ctrl-C or SIGTERM; `out` holds the last whole epoch.
    """
    start = inspect_artifact(artifact)
    core = drop_sharing(start)
    kept = set(data.classes) <= set(start.classes)
    if kept:
        data = data.relabel(start.classes)
    mnist = find_mnist()
    if config.blend < 1 and not kept:
        raise ConfigError(
            f"blend is {config.blend}, but the head is made anew for "
            f"{len(data.classes)} classes. Expected 1: there is no old head "
            "to blend with."
        )
    old = find_replay(replay, data, mnist) if kept else None
    mixed = mix(data, old, seed=config.seed)
    doubting = kept and core is not start and data.classes == DIGITS
    config = _settle(config, start, NUM_NONDIGITS if doubting else 0)
    num_outputs = len(data.classes) + doubting
    if kept:
        model = rebuild(core if doubting else start)
    else:
        model = build_with_new_head(core, num_outputs, seed=config.seed)
    if config.freeze:
        for layer in model.layers[: find_head(core)]:
            layer.trainable = False
    name = "the shipped network" if artifact is None else Path(artifact).name
    facts = {
        "start": {"name": name, "weights_sha256": config.start},
        "head": "kept" if kept else "new",
        "frozen": config.freeze,
        "replay": None if old is None else old.name,
    }
    say(f"training on {mixed.about}")
    result = train(
        config,
        mixed,
        model=model,
        card={"finetuned": facts, **_keep_threshold(start, kept)},
        out=out,
        resume=resume,
        verbose=verbose,
    )
    stages = {"after": load_artifact(result.best)}
    if kept:
        stages["before"] = rebuild(start)
    seconds = None
    if compare if compare is not None else not kept:
        say("training the same network from scratch, to compare")
        fresh = build_anew(core, num_outputs, seed=config.seed)
        scratch = _train_scratch(fresh, mixed, config, out, verbose)
        stages["scratch"] = load_artifact(scratch.best)
        seconds = scratch.timing["total"]
    transfer = facts | {
        "rows": [
            _compare(stages, each)
            for each in _choose_tests(data, mnist if kept else None)
        ],
        "seconds": result.timing["total"],
        "scratch_seconds": seconds,
    }
    evaluation = complete_run(result, mixed, transfer=transfer)
    return FinetuneResult(result, evaluation, transfer)


# === The run ===


def _settle(
    config: TrainConfig, artifact: Artifact, nondigits: int
) -> TrainConfig:
    """The config with what the artifact decides."""
    rates = [
        layer.options["rate"]
        for layer in artifact.layers
        if layer.kind == "Dropout"
    ]
    model = artifact.name.removeprefix("mnistcnn_")
    return dataclasses.replace(
        config,
        model=model if model in ARCHITECTURES else "base",
        dropout=rates[-1] if rates else 0.0,
        nondigits=nondigits,
        start=artifact.weights_sha256,
    )


def _keep_threshold(artifact: Artifact, kept: bool) -> dict:
    """What the card says of doubt; it still holds for the same classes."""
    known = artifact.card.get("threshold")
    return {"threshold": known} if kept and known is not None else {}


def _train_scratch(
    model, data: Dataset, config: TrainConfig, out: str | Path, verbose: bool
) -> TrainResult:
    """Trains a new network on the same data, by the same config."""
    path = Path(out) / SCRATCH
    # Of an earlier, cut run: it is quicker to begin anew than to tell.
    shutil.rmtree(path, ignore_errors=True)
    changes = {"recipe": SCRATCH, "start": "", "blend": 1.0, "freeze": False}
    config = dataclasses.replace(config, **changes)
    return train(config, data, model=model, out=path, verbose=verbose)


# === Scores ===


def _choose_tests(data: Dataset, mnist: Dataset | None) -> list[Dataset]:
    """The new test set, and MNIST's where that can be asked for."""
    if mnist is None or data.name == mnist.name:
        return [data]
    if not set(mnist.classes) <= set(data.classes):
        return [data]
    return [data, mnist.relabel(data.classes)]


def _compare(stages: dict, data: Dataset) -> dict:
    """One line of the table: a test set and what each network reads of it."""
    scores = {
        stage: evaluate(model, data.x_test, data.y_test, classes=data.classes)
        for stage, model in stages.items()
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


def _brief(evaluation: Evaluation | None) -> dict | None:
    if evaluation is None:
        return None
    return {
        "accuracy": evaluation.accuracy,
        "interval": list(evaluation.interval),
        "loss": evaluation.loss,
    }
