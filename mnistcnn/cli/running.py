"""`mnistcnn train`."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnistcnn.cli.options import (
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

if TYPE_CHECKING:
    from mnistcnn.data import Dataset
    from mnistcnn.evaluation import Evaluation
    from mnistcnn.training import Recipe


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
    changes = drop_unset(
        model=model,
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        precision=precision,
        engine=engine,
        validation=validation,
    )
    found = choose_recipe(recipe, config, teacher, changes)
    check_out(out, resume=resume)
    train_and_score(found, load(data, limit, classes), out, resume=resume)


def choose_recipe(
    name: str | None,
    file: Path | None,
    teacher: str | None,
    changes: dict[str, Any],
) -> "Recipe":
    """Finds the recipe that options ask for; no framework is loaded.

    Args:
        name: what `--recipe` says.
        file: what `--config` says.
        teacher: what `--teacher` says.
        changes: fields of `TrainConfig`.
    """
    from mnistcnn.training import read_config, recipe, teach

    if name is not None and file is not None:
        raise ConfigError(
            f"--recipe {name} and --config {file} were given. Expected one "
            "of them: leave the other out."
        )
    found = read_config(file) if file else recipe(name or "tutorial")
    found = found.vary(**changes)
    return teach(found, teacher) if teacher not in (None, "none") else found


def train_and_score(
    recipe: "Recipe", data: "Dataset", out: Path | None, *, resume: bool
) -> None:
    """Trains by a recipe, and prints what came out."""
    from mnistcnn import backends
    from mnistcnn.training import complete_run, default_path
    from mnistcnn.training import train as run_training

    console = make_console()
    out = out or default_path(backends.name)
    print_device(console)
    console.print(
        f"{recipe.name} recipe on {data.name} "
        f"({len(data.x_train):,} + {len(data.x_test):,} images), "
        f"into {out}",
        highlight=False,
        soft_wrap=True,
    )
    if data.about:
        console.print(data.about, highlight=False, soft_wrap=True)
    with telling_where_to_go_on(out):
        result = run_training(recipe, data, out=out, resume=resume)
        evaluation = complete_run(result, data)
    conclude(evaluation, data, out)


@contextlib.contextmanager
def telling_where_to_go_on(out: Path) -> Iterator[None]:
    """Ends the program on a signal, and names the run's checkpoint."""
    try:
        yield
    except KeyboardInterrupt as stop:
        # While the run is scored and pictured, Python's own.
        name, exit_code = str(stop) or "SIGINT", getattr(stop, "exit_code", 130)
        sys.stderr.write(f"Ended by {name}: {_where_to_go_on(out)}\n")
        raise typer.Exit(exit_code) from None


def conclude(evaluation: "Evaluation", data: "Dataset", out: Path) -> None:
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
    if data.generated:
        console.print(f"[yellow]measured on {data.name}[/]")
    console.print(f"report: {out / 'report.html'}", soft_wrap=True)


def _where_to_go_on(out: Path) -> str:
    before = (out / "steps").glob("*.csv")
    if (out / "history.csv").is_file() or any(before):
        return f"the last whole epoch is in {out}; go on with --resume."
    return f"no epoch had ended in {out}; go on with --resume."
