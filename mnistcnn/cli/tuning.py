"""`mnistcnn tune`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mnistcnn.cli.loading import load
from mnistcnn.cli.options import (
    Classes,
    Data,
    Limit,
    Model,
    Seed,
    drop_unset,
    say_device,
    start_backend,
)
from mnistcnn.cli.printer import complain, say, show_table
from mnistcnn.training import Interrupted, dying_at_the_second

EPOCHS = 4  # enough to compare trials, and for a pruner to work


def tune(
    recipe: Annotated[
        str, typer.Option(help="The recipe for what is not searched for.")
    ] = "fast",
    model: Model = None,
    data: Data = None,
    classes: Classes = None,
    trials: Annotated[
        int, typer.Option(help="How many, including those already there.")
    ] = 20,
    epochs: Annotated[int, typer.Option(help="Epochs a trial.")] = EPOCHS,
    space: Annotated[
        str,
        typer.Option(help="The options to vary, separated by commas."),
    ] = "learning_rate,batch_size,dropout,filters,augment",
    pruner: Annotated[
        str, typer.Option(help="median, halving or none.")
    ] = "median",
    storage: Annotated[
        str | None,
        typer.Option(
            help="A .journal file or a database URL, for many processes.",
            show_default="an SQLite database in --out",
        ),
    ] = None,
    seed: Seed = None,
    limit: Limit = None,
    out: Annotated[
        Path, typer.Option(help="The folder; a search in it is resumed.")
    ] = Path("runs/tune"),
) -> None:
    """Search for a good config, on a held-out part of the training set."""
    search_and_show(
        recipe,
        drop_unset(model=model, epochs=epochs, seed=seed),
        (data, limit, classes),
        out,
        trials=trials,
        space=[name.strip() for name in space.split(",")],
        storage=storage,
        pruner=pruner,
    )


def search_and_show(
    recipe: str,
    changes: dict[str, Any],
    source: tuple[list[str] | None, int | None, str | None],
    out: Path,
    **options: Any,
) -> None:
    """Searches, and prints the results.

    Args:
        recipe: the name of the recipe to vary.
        changes: fields of `TrainConfig`.
        source: as of `load`.
        out: the folder.
        **options: of `tuning.tune`.
    """
    from mnistcnn.training import recipe as find_recipe
    from mnistcnn.tuning import (
        check_folder,
        check_search,
        check_space,
        import_optuna,
    )

    # Errors are reported before data and a framework are loaded.
    base = find_recipe(recipe).vary(**changes)
    check_space(options["space"])
    check_search(options["trials"], options["pruner"])
    check_folder(out)
    import_optuna()
    engine = base.config.engine
    dataset = load(*source, beside=lambda: start_backend(engine))

    from mnistcnn.tuning import tune as run_search

    say_device()
    try:
        with dying_at_the_second():
            summary = run_search(base, dataset, out=out, say=say, **options)
    except Interrupted as stop:
        complain(f"Ended by {stop}: the same command goes on with {out}.")
        raise typer.Exit(stop.exit_code) from None
    _show(summary, out)


def _show(summary: dict[str, Any], out: Path) -> None:
    from mnistcnn.report import tabulate_trials

    # Options in one column, since side by side they need a wide terminal.
    trials = tabulate_trials(summary, 10)
    table = []
    for row in trials.rows:
        options = zip(trials.head[4:], row[4:], strict=True)
        said = ", ".join(f"{name} {value}" for name, value in options)
        table.append((*row[:4], said))
    show_table((*trials.head[:4], "options"), table)
    best = out / "best.json"
    for line in (
        f"best config: {best} (mnistcnn train --config {best})",
        f"report: {out / 'report.html'}",
    ):
        say(line)
