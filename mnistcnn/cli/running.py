"""`mnistcnn train`."""

import contextlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from mnistcnn.cli.output import (
    Classes,
    Data,
    Limit,
    Out,
    Resume,
    check_out,
    drop_unset,
    load,
    make_console,
    print_device,
)
from mnistcnn.errors import ConfigError
from mnistcnn.training import default_path


def train(
    recipe: Annotated[
        str | None,
        typer.Option(help="tutorial [default], fast, best, deep or drawing."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="In place of a recipe: a run's config.json, or the "
            "best.json of tune."
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The network: base, medium or deep.")
    ] = None,
    teacher: Annotated[
        str | None,
        typer.Option(
            help="A network to learn from: an artifact, the recipe to train "
            "one by before, or none.",
        ),
    ] = None,
    data: Data = "auto",
    classes: Classes = None,
    epochs: Annotated[int | None, typer.Option(help="At most.")] = None,
    batch_size: Annotated[int | None, typer.Option()] = None,
    seed: Annotated[int | None, typer.Option()] = None,
    precision: Annotated[
        str | None,
        typer.Option(help="Of the convolutions: float32 or bfloat16."),
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="auto, or fit for Keras' own loop.")
    ] = None,
    validation: Annotated[
        float | None,
        typer.Option(help="The part of the training set held out, 0 to 1."),
    ] = None,
    limit: Limit = None,
    out: Out = None,
    resume: Resume = False,
) -> None:
    """Train, score the best model on the test set, write the run."""
    from mnistcnn.training import read_config, teach
    from mnistcnn.training import recipe as find_recipe

    if config is not None and recipe is not None:
        raise ConfigError(
            f"--recipe {recipe} and --config {config} were given. Expected "
            "one of them: leave the other out."
        )
    changes = drop_unset(
        model=model,
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        precision=precision,
        engine=engine,
        validation=validation,
    )
    found = read_config(config) if config else find_recipe(recipe or "tutorial")
    found = found.vary(**changes)
    if teacher is not None and teacher != "none":
        found = teach(found, teacher)
    check_out(out, resume=resume)
    dataset = load(data, limit, classes)

    from mnistcnn import backends
    from mnistcnn.training import complete_run
    from mnistcnn.training import train as run_training

    console = make_console()
    out = out or default_path(backends.name)
    print_device(console)
    console.print(
        f"{found.name} recipe on {dataset.name} "
        f"({len(dataset.x_train):,} + {len(dataset.x_test):,} images), "
        f"into {out}",
        highlight=False,
        soft_wrap=True,
    )
    if dataset.about:
        console.print(dataset.about, highlight=False, soft_wrap=True)
    with telling_where_to_go_on(out):
        result = run_training(found, dataset, out=out, resume=resume)
        evaluation = complete_run(result, dataset)
    conclude(evaluation, dataset, out)


@contextlib.contextmanager
def telling_where_to_go_on(out: Path):
    """Ends the program on a signal, and names the run's checkpoint."""
    try:
        yield
    except KeyboardInterrupt as stop:
        # While the run is scored and pictured, Python's own.
        name, exit_code = str(stop) or "SIGINT", getattr(stop, "exit_code", 130)
        sys.stderr.write(f"Ended by {name}: {_where_to_go_on(out)}\n")
        raise typer.Exit(exit_code) from None


def conclude(evaluation, dataset, out: Path) -> None:
    """Prints what a run came to."""
    console = make_console()
    low, high = evaluation.interval
    console.print(
        f"[bold]test accuracy {evaluation.accuracy:.2%}[/] of "
        f"{evaluation.n:,} images (95 % interval {low:.2%} to {high:.2%}), "
        f"loss {evaluation.loss:.4f}",
        highlight=False,
        soft_wrap=True,
    )
    if dataset.generated:
        console.print(f"[yellow]measured on {dataset.name}[/]")
    console.print(f"report: {out / 'report.html'}", soft_wrap=True)


def _where_to_go_on(out: Path) -> str:
    if (out / "history.csv").is_file():
        return f"the last whole epoch is in {out}; go on with --resume."
    return f"no epoch had ended in {out}; go on with --resume."
