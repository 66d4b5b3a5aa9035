"""`mnistcnn finetune`."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnistcnn.cli.loading import load
from mnistcnn.cli.options import (
    BatchSize,
    Classes,
    Data,
    Limit,
    MaybeArtifact,
    Out,
    Resume,
    Seed,
    check_out,
    drop_unset,
    say_device,
    start_backend,
)
from mnistcnn.cli.printer import say, show_table
from mnistcnn.cli.running import conclude, telling_where_to_go_on
from mnistcnn.errors import ConfigError

if TYPE_CHECKING:
    from mnistcnn.data import Dataset
    from mnistcnn.training import FinetuneConfig


def finetune(
    artifact: MaybeArtifact = None,
    data: Data = None,
    classes: Classes = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Train the head alone.")
    ] = False,
    epochs: Annotated[
        int | None, typer.Option(help="Epochs to train, at most.")
    ] = None,
    batch_size: BatchSize = None,
    learning_rate: Annotated[
        float | None, typer.Option(help="Adam's highest learning rate.")
    ] = None,
    augment: Annotated[
        float | None, typer.Option(help="Strength of the warps, 0 to 2.")
    ] = None,
    blend: Annotated[
        float | None,
        typer.Option(
            help="The share of the new weights that is kept, above 0 and at "
            "most 1; below 1, less is gained and less is lost."
        ),
    ] = None,
    seed: Seed = None,
    replay: Annotated[
        str,
        typer.Option(
            help="Old images to mix in, so that digits are not forgotten: "
            "auto, none, or what --data takes."
        ),
    ] = "auto",
    scratch: Annotated[
        bool | None,
        typer.Option(
            help="Whether to train from scratch as well, to compare.",
            show_default="for new classes",
        ),
    ] = None,
    limit: Limit = None,
    out: Out = None,
    resume: Resume = False,
) -> None:
    """Fine-tune an artifact on new images: drawings, or other classes."""
    check_out(out, resume=resume)
    changes = drop_unset(
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        augment=augment,
        seed=seed,
    )
    config = make_config(
        changes | {"freeze": freeze},
        drop_unset(share=blend, replay=replay, compare=scratch),
    )
    dataset = load_new(artifact, data, limit, classes)
    finetune_and_score(artifact, dataset, config, out, resume=resume)


def make_config(
    training: dict[str, Any], others: dict[str, Any]
) -> "FinetuneConfig":
    """Makes the config from options.

    Args:
        training: fields of `TrainConfig`.
        others: fields of `FinetuneConfig`.
    """
    from mnistcnn.training import FinetuneConfig

    config = FinetuneConfig(**others)
    changed = dataclasses.replace(config.training, **training)
    return dataclasses.replace(config, training=changed)


def load_new(
    artifact: Path | None,
    source: list[str] | None,
    limit: int | None,
    classes: str | None,
) -> "Dataset":
    """Loads the new images, after checking the artifact."""
    from mnistcnn.artifact import inspect_artifact

    if not source:
        raise ConfigError(
            "finetune was given no --data. Expected the new images: a folder "
            "of saved drawings, or what else docs/data.md lists."
        )
    inspect_artifact(artifact)
    return load(source, limit, classes, beside=start_backend)


def finetune_and_score(
    artifact: Path | None,
    data: "Dataset",
    config: "FinetuneConfig",
    out: Path | None,
    *,
    resume: bool,
) -> None:
    """Fine-tunes, and prints gain and loss."""
    from mnistcnn import backends
    from mnistcnn.training import default_path
    from mnistcnn.training import finetune as run_finetuning

    out = out or default_path(backends.name)
    say_device()
    with telling_where_to_go_on(out):
        done = run_finetuning(
            artifact, data, config, out=out, resume=resume, say=say
        )
    _show(done.transfer)
    conclude(done.evaluation, data, out)


def _show(transfer: dict[str, Any]) -> None:
    from mnistcnn.report import describe_start, tabulate_finetuning

    say(describe_start(transfer))
    if transfer["replay"]:
        say(f"mixed with images of {transfer['replay']}")
    scores = tabulate_finetuning(transfer)
    show_table(scores.head, scores.rows)
