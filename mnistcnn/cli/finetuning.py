"""`mnistcnn finetune`."""

import dataclasses
from typing import Annotated

import typer
from rich.table import Table

from mnistcnn.cli.output import (
    Classes,
    Data,
    Limit,
    MaybeArtifact,
    Out,
    Resume,
    check_out,
    drop_unset,
    load,
    make_console,
    print_device,
)
from mnistcnn.cli.running import conclude, telling_where_to_go_on
from mnistcnn.errors import ConfigError
from mnistcnn.training import default_path


def finetune(
    artifact: MaybeArtifact = None,
    data: Data = "",
    classes: Classes = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Train the head alone.")
    ] = False,
    epochs: Annotated[int | None, typer.Option()] = None,
    batch_size: Annotated[int | None, typer.Option()] = None,
    learning_rate: Annotated[float | None, typer.Option()] = None,
    augment: Annotated[
        float | None, typer.Option(help="Strength of the warps, 0 to 2.")
    ] = None,
    blend: Annotated[
        float | None,
        typer.Option(
            help="The share of the new weights that is kept, above 0, to 1; "
            "below 1 less is gained, and less is lost."
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option()] = None,
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
            help="Train from scratch as well, to compare [for new classes]."
        ),
    ] = None,
    limit: Limit = None,
    out: Out = None,
    resume: Resume = False,
) -> None:
    """Train on from an artifact on new images: drawings, or other classes."""
    from mnistcnn.artifact import inspect_artifact

    if not data:
        raise ConfigError(
            "finetune was given no --data. Expected the new images: a folder "
            "of saved drawings, an .npz or a folder with four IDX files."
        )
    check_out(out, resume=resume)
    inspect_artifact(artifact)
    dataset = load(data, limit, classes)

    from mnistcnn import backends
    from mnistcnn.training import FinetuneConfig
    from mnistcnn.training import finetune as run_finetuning

    changes = drop_unset(
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        augment=augment,
        seed=seed,
    )
    config = FinetuneConfig(replay=replay, compare=scratch)
    config = dataclasses.replace(
        config,
        training=dataclasses.replace(config.training, freeze=freeze, **changes),
        **drop_unset(share=blend),
    )
    console = make_console()
    out = out or default_path(backends.name)
    print_device(console)

    def say(line: str) -> None:
        console.print(line, highlight=False, soft_wrap=True, markup=False)

    with telling_where_to_go_on(out):
        done = run_finetuning(
            artifact,
            dataset,
            config,
            out=out,
            resume=resume,
            say=say,
        )
    _show(done.transfer)
    conclude(done.evaluation, dataset, out)


def _show(transfer: dict) -> None:
    from mnistcnn.report import describe_start, tabulate_finetuning

    console = make_console()
    line = describe_start(transfer)
    console.print(line, highlight=False, soft_wrap=True, markup=False)
    if transfer["replay"]:
        console.print(
            f"mixed with images of {transfer['replay']}",
            highlight=False,
            soft_wrap=True,
            markup=False,
        )
    scores = tabulate_finetuning(transfer)
    table = Table(*scores.head)
    for row in scores.rows:
        table.add_row(*map(str, row))
    console.print(table)
