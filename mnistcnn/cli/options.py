"""Shared parts of the commands: options, and starting a backend."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from mnistcnn.cli.printer import complain, say
from mnistcnn.errors import ArtifactError, ConfigError

Data = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        help="auto, mnist, strokes, or a path: an .npz, IDX files, a CSV of "
        "pixels, a folder of class folders, or of saved drawings. Repeat it "
        "for each file of pen strokes to train on as well.",
        show_default="auto",
    ),
]
Classes = Annotated[
    str | None,
    typer.Option(
        help="For data that are not digits: how many classes, or their "
        "names with commas between them.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust",
        help="Open a Keras file that maps 28x28 images to probabilities by "
        "Keras' own loader, in a process with limits: for your own files only.",
    ),
]
Limit = Annotated[
    int | None,
    typer.Option(help="Use the first N images of each part only."),
]
Out = Annotated[
    Path | None,
    typer.Option(
        help="The run directory.", show_default="runs/<date-time>-<backend>"
    ),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with the run in --out.")
]
MaybeArtifact = Annotated[
    Path | None,
    typer.Argument(
        help="A .keras file, or hf://owner/name on the Hugging Face Hub; by "
        "default the one that ships.",
    ),
]
Model = Annotated[
    str | None, typer.Option(help="The network: base, medium or deep.")
]
BatchSize = Annotated[int | None, typer.Option(help="Images per step.")]
Seed = Annotated[
    int | None,
    typer.Option(help="Seeds weights, batch order, dropout and warps."),
]


def drop_unset(**options: object) -> dict[str, Any]:
    """Returns the given options; a config has defaults for the others."""
    return {name: v for name, v in options.items() if v is not None}


def check_out(out: Path | None, *, resume: bool) -> None:
    """Raises a `ConfigError` if a run cannot begin in `--out`."""
    from mnistcnn.training import check_path

    if out is not None:
        check_path(out, resume=resume)
    elif resume:
        raise ConfigError(
            "--resume was given without --out. Expected the folder of the "
            "run to go on with: add --out FOLDER."
        )


def name_data(given: list[str] | None, config: Path | None) -> list[str] | None:
    """Returns the value of `--data`, or else that of the `--config` file."""
    from mnistcnn.training import read_sources

    return read_sources(config) if config and not given else given


@contextlib.contextmanager
def say_trust(trust: bool) -> Iterator[None]:
    """Explains `--trust` when it is used, or suggests it if it would help."""
    if trust:
        from mnistcnn.artifact import TRUST_WARNING

        complain(TRUST_WARNING)
    try:
        yield
    except ArtifactError as error:
        # An intact file, but not one of ours.
        if trust or error.code not in ("config-class", "config-value"):
            raise
        hint = f"{error.detail} If you made the file yourself: --trust."
        raise ArtifactError(error.code, hint) from error


def start_backend(engine: str = "auto") -> None:
    """Imports Keras for a command that trains.

    Args:
        engine: of `TrainConfig`; threads are set up for ours, not for `fit`.
    """
    from mnistcnn.backends import claim_threads, importing_little

    if engine == "auto":
        claim_threads()
    with importing_little():
        from mnistcnn.backends import keras
    del keras


def say_device() -> None:
    """Prints the line that names backend, versions and device."""
    from mnistcnn.backends import describe_environment, device_line

    say(device_line(describe_environment()))
