"""`mnistcnn train` and `mnistcnn compare`."""

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

import typer

from mnistcnn.cli.output import Data, load, make_console
from mnistcnn.errors import ConfigError
from mnistcnn.interruption import Interrupted
from mnistcnn.rundir import check_path, default_path


def train(
    recipe: Annotated[
        str, typer.Option(help="tutorial, fast, best or drawing.")
    ] = "tutorial",
    data: Data = "auto",
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
    limit: Annotated[
        int | None,
        typer.Option(help="Use the first N images of each part only."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The run directory [runs/<date-time>-<backend>]."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in --out.")
    ] = False,
) -> None:
    """Train, score the best model on the test set, write the run."""
    from mnistcnn.recipes import recipe as find_recipe

    changes = {
        "epochs": epochs,
        "batch_size": batch_size,
        "seed": seed,
        "precision": precision,
        "engine": engine,
    }
    changes = {k: v for k, v in changes.items() if v is not None}
    config = dataclasses.replace(find_recipe(recipe), **changes)
    if resume and out is None:
        raise ConfigError(
            "--resume was given without --out. Expected the folder of the "
            "run to go on with: add --out FOLDER."
        )
    if out is not None:
        check_path(out, resume=resume)
    dataset = load(data, limit)

    from mnistcnn import backends, training, workflow
    from mnistcnn.environment import describe_environment, device_line

    console = make_console()
    out = out or default_path(backends.name)
    line = device_line(describe_environment())
    console.print(line, highlight=False, soft_wrap=True)
    console.print(
        f"{config.recipe} recipe on {dataset.name} "
        f"({len(dataset.x_train):,} + {len(dataset.x_test):,} images), "
        f"into {out}",
        highlight=False,
        soft_wrap=True,
    )
    try:
        result = training.train(config, dataset, out=out, resume=resume)
    except Interrupted as stop:
        sys.stderr.write(f"Ended by {stop}: {_where_to_go_on(out)}\n")
        raise typer.Exit(stop.exit_code) from None
    evaluation = workflow.complete_run(result, dataset)
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


def compare(
    results: Annotated[
        list[Path],
        typer.Argument(
            help="Run directories or metrics.json files; or result files of "
            "the benchmarks, or folders of them."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="The page to write [comparison.html]."),
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(help="A folder to keep the page's pictures in, too."),
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            help="Old benchmark results (repeat it for several paths): name "
            "what became worse, and exit with 1 if anything did."
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(help="A README whose benchmark table to make anew."),
    ] = None,
) -> None:
    """Put runs, or benchmark results, side by side on one page."""
    from mnistcnn.report import write_comparison
    from mnistcnn.report.gate import judge
    from mnistcnn.report.readme import insert_table, write_table

    console = make_console()
    # The page is what `compare` is for, unless something else is asked for.
    if out or not (against or table):
        out = out or Path("comparison.html")
        path = write_comparison(results, out, pictures=pictures)
        console.print(f"wrote {path}", soft_wrap=True)
    if table:
        insert_table(table, write_table(results))
        console.print(f"wrote the table into {table}", soft_wrap=True)
    if against and not _show(judge(results, against)):
        raise typer.Exit(1)


def _show(judgement) -> bool:
    """Prints what the gate found; the lines of a file are no markup."""
    from mnistcnn.report.gate import RULE

    for line in (
        *judgement.warnings,
        *judgement.missing,
        *judgement.too_good,
        *judgement.regressed,
        RULE,
        judgement.summary,
    ):
        sys.stdout.write(" ".join(line.split()) + "\n")
    return judgement.passed


def _where_to_go_on(out: Path) -> str:
    if (out / "last" / "state.npz").is_file():
        return f"the last whole epoch is in {out}; go on with --resume."
    return f"no epoch had ended; {out} holds no checkpoint."
