"""`mnistcnn train`."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnistcnn.cli.loading import load
from mnistcnn.cli.options import (
    BatchSize,
    Classes,
    Data,
    Limit,
    Model,
    Out,
    Resume,
    Seed,
    check_out,
    drop_unset,
    name_data,
    say_device,
    start_backend,
)
from mnistcnn.cli.printer import complain, say
from mnistcnn.cli.processes import parse_devices, prepare
from mnistcnn.errors import ConfigError

if TYPE_CHECKING:
    from mnistcnn.backends import Devices
    from mnistcnn.data import Dataset
    from mnistcnn.evaluation import Evaluation
    from mnistcnn.training import Recipe


def train(
    recipe: Annotated[
        str | None,
        typer.Option(
            help="tutorial, fast, short, best, deep or drawing.",
            show_default="tutorial",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            help="In place of a recipe: a run's config.json, or the "
            "best.json of tune; it may name the data."
        ),
    ] = None,
    model: Model = None,
    teacher: Annotated[
        str | None,
        typer.Option(
            help="A network to learn from: an artifact, the recipe to train "
            "one by before, or none.",
        ),
    ] = None,
    data: Data = None,
    classes: Classes = None,
    epochs: Annotated[
        int | None, typer.Option(help="Epochs to train, at most.")
    ] = None,
    batch_size: BatchSize = None,
    seed: Seed = None,
    precision: Annotated[
        str | None,
        typer.Option(help="The convolutions' type: float32, bfloat16 or auto."),
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="auto, or fit for Keras' own loop.")
    ] = None,
    validation: Annotated[
        float | None,
        typer.Option(help="The part of the training set held out, 0 to 1."),
    ] = None,
    limit: Limit = None,
    devices: Annotated[
        str | None,
        typer.Option(
            help="How many devices train together, or all.",
            show_default="1; all, where a launcher started processes",
        ),
    ] = None,
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
    if validation == 0:
        # Without validation, early stopping has nothing to watch.
        changes["patience"] = 0
    found = choose_recipe(recipe, config, teacher, changes)
    count = parse_devices(devices)
    if prepare(count):
        check_out(out, resume=resume)
    own, data = found.config.engine, name_data(data, config)
    dataset = load(data, limit, classes, beside=lambda: start_backend(own))
    train_and_score(found, dataset, out, resume=resume, devices=count)


def choose_recipe(
    name: str | None,
    file: Path | None,
    teacher: str | None,
    changes: dict[str, Any],
) -> "Recipe":
    """Finds the recipe for the options, without loading a framework.

    Args:
        name: the value of `--recipe`.
        file: the value of `--config`.
        teacher: the value of `--teacher`.
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
    recipe: "Recipe",
    data: "Dataset",
    out: Path | None,
    *,
    resume: bool,
    devices: "Devices" = None,
) -> None:
    """Trains by a recipe, and prints the results."""
    from mnistcnn import backends, training

    # Before anything is computed; all processes agree on the first's folder.
    group = backends.active.join(devices)
    out = out or training.default_path(backends.name)
    say_device()
    together = f", on {group.size} devices" if group.size > 1 else ""
    say(
        f"{recipe.name} recipe on {data.name} "
        f"({len(data.x_train):,} + {len(data.x_test):,} images), "
        f"into {out}{together}"
    )
    if data.about:
        say(data.about)
    with telling_where_to_go_on(out):
        result = training.train(
            recipe, data, out=out, resume=resume, devices=devices
        )
        if group.process:
            return
        evaluation = training.complete_run(result, data)
    conclude(evaluation, data, out)


@contextlib.contextmanager
def telling_where_to_go_on(out: Path) -> Iterator[None]:
    """Ends the program on a signal, and names the run's checkpoint."""
    from mnistcnn.training import dying_at_the_second

    try:
        with dying_at_the_second():
            yield
    except KeyboardInterrupt as stop:
        # Python's own handlers, while the run is scored and drawn.
        name, exit_code = str(stop) or "SIGINT", getattr(stop, "exit_code", 130)
        complain(f"Ended by {name}: {_where_to_go_on(out)}")
        raise typer.Exit(exit_code) from None


def conclude(evaluation: "Evaluation", data: "Dataset", out: Path) -> None:
    """Prints the results of a run."""
    low, high = evaluation.interval
    say(
        (f"test accuracy {evaluation.accuracy:.2%}", "bold"),
        f" of {evaluation.n:,} images (95 % interval {low:.2%} to "
        f"{high:.2%}), loss {evaluation.loss:.4f}",
    )
    if data.generated:
        say((f"measured on {data.name}", "yellow"))
    say(f"report: {out / 'report.html'}")


def _where_to_go_on(out: Path) -> str:
    kept = [*out.glob("history.csv"), *out.glob("steps/*.csv")]
    ended = "the last whole epoch is" if kept else "no epoch had ended"
    return f"{ended} in {out}; go on with --resume."
