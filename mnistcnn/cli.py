"""The command line: `mnistcnn ...`, also `python -m mnistcnn ...`.

Subcommands import what they need when they run: `--help` loads neither Keras
nor a framework.
"""

import dataclasses
import json
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

import mnistcnn
from mnistcnn.errors import ConfigError, MnistcnnError

app = typer.Typer(
    help="One Keras 3 CNN for handwritten digits, on TensorFlow, JAX or "
    "PyTorch. KERAS_BACKEND chooses which.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Data = Annotated[
    str,
    typer.Option(
        "--data",
        help="auto, mnist, strokes, or the path of an .npz or of a folder "
        "with the four IDX files.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MaybeArtifact = Annotated[
    Path | None,
    typer.Argument(help="A .keras file; by default the one that ships."),
]


def main() -> None:
    """Runs the command line; errors are one line and an exit code."""
    try:
        exit_code = app(standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(130)
    except MnistcnnError as error:
        _fail(str(error), error.exit_code)
    except OSError as error:
        _fail(f"{error.filename or 'A file'}: {error.strerror or error}.", 2)
    except Exception as error:
        # Click's usage errors, which typer does not export.
        if not hasattr(error, "format_message"):
            raise
        _fail(error.format_message(), 2)
    # Of `typer.Exit`; a command that ran through returns None.
    sys.exit(exit_code)


@app.command()
def info(as_json: AsJson = False) -> None:
    """Show versions, backend, devices, and where data and caches are."""
    from mnistcnn import data
    from mnistcnn.artifact import pretrained_path
    from mnistcnn.environment import describe_environment

    facts = describe_environment()
    cached = data.find_cached()
    facts["data"] = {
        "cache": str(data.cache_path()),
        "cached": None if cached is None else str(cached),
    }
    facts["pretrained"] = str(pretrained_path())
    if as_json:
        _print_json(facts)
        return
    table = Table("what", "value", show_header=False, box=None)
    table.add_row("backend", facts["backend"])
    for name, version in facts["versions"].items():
        table.add_row(name, version)
    device = facts["device"]
    table.add_row("device", f"{device['kind']}: {device['name']}")
    table.add_row("devices", str(device["count"]))
    table.add_row("cores", str(facts["cores"]))
    table.add_row("platform", facts["platform"])
    table.add_row("MNIST cache", facts["data"]["cache"])
    table.add_row("MNIST found", facts["data"]["cached"] or "no")
    table.add_row("shipped net", facts["pretrained"])
    _console().print(table)


@app.command()
def explore(
    data: Data = "auto",
    out: Annotated[
        Path, typer.Option(help="The folder for the pictures.")
    ] = Path("explore"),
) -> None:
    """Look at a data set: shapes, classes, pixels, two pictures."""
    from mnistcnn import workflow

    dataset = _load(data)
    facts = workflow.explore(dataset, out)
    console = _console()
    console.print(f"[bold]{dataset.name}[/], sha256 {dataset.digest[:16]}...")
    for name, (shape, dtype) in facts["arrays"].items():
        console.print(f"{name}: {shape} {dtype}")
    table = Table("class", *dataset.classes, "all")
    for split, counts in facts["counts"].items():
        table.add_row(split, *map(str, counts), str(sum(counts)))
    console.print(table)
    pixels = facts["pixels"]
    console.print(
        f"pixels: {pixels['min']} to {pixels['max']}, mean "
        f"{pixels['mean']:.2f}, sd {pixels['std']:.2f}, "
        f"{pixels['ink']:.1%} with ink"
    )
    for name in ("samples.png", "class_histogram.png"):
        console.print(f"wrote {out / name}", soft_wrap=True)


@app.command()
def train(
    recipe: Annotated[
        str, typer.Option(help="tutorial, fast or best.")
    ] = "tutorial",
    data: Data = "auto",
    epochs: Annotated[int | None, typer.Option(help="At most.")] = None,
    batch_size: Annotated[int | None, typer.Option()] = None,
    seed: Annotated[int | None, typer.Option()] = None,
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

    changes = {"epochs": epochs, "batch_size": batch_size, "seed": seed}
    changes = {k: v for k, v in changes.items() if v is not None}
    config = dataclasses.replace(find_recipe(recipe), **changes)
    if resume and out is None:
        raise ConfigError(
            "--resume was given without --out. Expected the folder of the "
            "run to go on with: add --out FOLDER."
        )
    dataset = _load(data, limit)

    from mnistcnn import backends, training, workflow
    from mnistcnn.environment import describe_environment, device_line
    from mnistcnn.rundir import default_path

    console = _console()
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
    except KeyboardInterrupt:
        sys.stderr.write(f"Interrupted: {_where_to_go_on(out)}\n")
        raise typer.Exit(130) from None
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


@app.command()
def evaluate(
    artifact: MaybeArtifact = None,
    data: Data = "auto",
    as_json: AsJson = False,
) -> None:
    """Score an artifact on a test set."""
    from mnistcnn.artifact import inspect_artifact

    checked = inspect_artifact(artifact)
    dataset = _load(data)

    from mnistcnn.artifact import rebuild
    from mnistcnn.evaluation import evaluate as run

    result = run(
        rebuild(checked),
        dataset.x_test,
        dataset.y_test,
        classes=checked.classes,
    )
    if as_json:
        _print_json({"data": dataset.name, **result.to_dict()})
        return
    console = _console()
    low, high = result.interval
    console.print(
        f"[bold]{result.accuracy:.2%}[/] of {result.n:,} test images of "
        f"{dataset.name} right (95 % interval {low:.2%} to {high:.2%}), "
        f"loss {result.loss:.4f}",
        highlight=False,
        soft_wrap=True,
    )
    scores = Table("class", "precision", "recall", "images")
    for row in result.per_class:
        scores.add_row(
            row["label"],
            f"{row['precision']:.2%}",
            f"{row['recall']:.2%}",
            str(row["support"]),
        )
    console.print(scores)
    matrix = Table("true \\ read", *result.classes)
    for name, row in zip(result.classes, result.confusion, strict=True):
        matrix.add_row(name, *(str(n) if n else "." for n in row))
    console.print(matrix)


@app.command()
def predict(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="[ARTIFACT] IMAGE...",
            help="Image files; a .keras file first is the artifact.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Read the digits in image files: photos, scans, drawings."""
    from mnistcnn.artifact import pretrained_path
    from mnistcnn.imagefile import read_image

    artifact = pretrained_path()
    if paths[0].suffix == ".keras":
        artifact, paths = paths[0], paths[1:]
    if not paths:
        raise ConfigError(
            "No image was given. Expected one or more image files behind "
            "the artifact: mnistcnn predict [ARTIFACT] IMAGE..."
        )
    pictures = [read_image(path) for path in paths]

    from mnistcnn.classifier import DigitClassifier

    classifier = DigitClassifier.from_artifact(artifact)
    answers = []
    for path, picture in zip(paths, pictures, strict=True):
        readings = classifier.read(picture)
        answers.append(
            {
                "image": str(path),
                "text": "".join(reading.label for reading in readings),
                "digits": [
                    {
                        "label": reading.label,
                        "probability": round(reading.probability, 6),
                        "box": [round(float(v), 1) for v in reading.box],
                    }
                    for reading in readings
                ],
            }
        )
    if as_json:
        _print_json(answers)
        return
    console = _console()
    for answer in answers:
        digits = ", ".join(
            f"{d['label']} ({d['probability']:.1%})" for d in answer["digits"]
        )
        console.print(
            f"{answer['image']}: {digits or 'no digit found'}",
            highlight=False,
            soft_wrap=True,
            markup=False,
        )


@app.command()
def board(
    artifact: MaybeArtifact = None,
    out: Annotated[
        Path, typer.Option(help="The folder for saved drawings.")
    ] = Path("drawings"),
) -> None:
    """Open the drawing board."""
    from mnistcnn.board import run_board

    run_board(None if artifact is None else str(artifact), out=out)


@app.command()
def inspect(
    artifact: Annotated[Path, typer.Argument(help="A .keras file.")],
    as_json: AsJson = False,
) -> None:
    """Check whether an artifact is safe and whole, and show its card."""
    from mnistcnn.artifact import inspect_artifact

    checked = inspect_artifact(artifact)
    if as_json:
        _print_json({"safe": True, "card": checked.card})
        return
    console = _console()
    console.print(
        f"{artifact} is safe and whole: {checked.name}, "
        f"{checked.parameters:,} parameters",
        highlight=False,
        soft_wrap=True,
    )
    layers = Table("layer", "type", "output", "parameters")
    for spec in checked.layers:
        layers.add_row(
            spec.name,
            spec.kind,
            str(spec.output_shape),
            f"{spec.parameters:,}",
        )
    console.print(layers)
    console.print_json(json.dumps(checked.card))


@app.command()
def compare(
    results: Annotated[
        list[Path],
        typer.Argument(help="Run directories, or metrics.json files."),
    ],
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path(
        "comparison.html"
    ),
) -> None:
    """Put runs side by side on one page."""
    from mnistcnn.comparison import write_comparison

    path = write_comparison(results, out)
    _console().print(f"wrote {path}", soft_wrap=True)


def _load(source: str, limit: int | None = None):
    """Loads data; says so where nobody can miss it if it is a stand-in."""
    from mnistcnn.data import GeneratedDataWarning, load_data

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", GeneratedDataWarning)
        dataset = load_data(source, limit=limit)
    for warning in caught:
        if issubclass(warning.category, GeneratedDataWarning):
            Console(stderr=True).print(
                Panel(
                    str(warning.message),
                    title=dataset.name.upper(),
                    style="bold yellow",
                )
            )
        else:
            warnings.warn_explicit(
                warning.message,
                warning.category,
                warning.filename,
                warning.lineno,
            )
    return dataset


def _where_to_go_on(out: Path) -> str:
    if (out / "last" / "state.npz").is_file():
        return f"the last whole epoch is in {out}; go on with --resume."
    return f"no epoch had ended; {out} holds no checkpoint."


def _console() -> Console:
    return Console(highlight=True)


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, indent=1, allow_nan=False) + "\n")


def _fail(message: str, exit_code: int) -> None:
    line = " ".join(message.split())
    sys.stderr.write(f"mnistcnn {mnistcnn.__version__}: {line}\n")
    sys.exit(exit_code)
