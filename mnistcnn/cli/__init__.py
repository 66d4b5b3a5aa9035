"""The command line: `mnistcnn ...`, also `python -m mnistcnn ...`.

The commands import what they need when they run: `--help` loads neither
Keras nor a framework.
"""

import os
import sys
import traceback
from typing import Annotated

import typer

import mnistcnn
from mnistcnn.cli.artifacts import evaluate, export, inspect, publish
from mnistcnn.cli.comparing import compare
from mnistcnn.cli.facts import explore, info
from mnistcnn.cli.finetuning import finetune
from mnistcnn.cli.printer import clean_terminal, complain, say
from mnistcnn.cli.processes import leave
from mnistcnn.cli.reading import board, predict
from mnistcnn.cli.running import train
from mnistcnn.cli.tuning import tune
from mnistcnn.errors import MnistcnnError, hide_secrets, make_printable

app: typer.Typer = typer.Typer(
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(wanted: bool) -> None:
    if wanted:
        say(f"mnistcnn {mnistcnn.__version__}")
        raise typer.Exit()


@app.callback(invoke_without_command=True)
def _begin(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version and exit.",
            callback=_say_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """One Keras 3 CNN for handwritten digits, on TensorFlow, JAX or PyTorch.

    KERAS_BACKEND chooses which.
    """
    if context.invoked_subcommand is None:
        context.get_help()


for _command in (
    info,
    explore,
    train,
    finetune,
    tune,
    evaluate,
    predict,
    board,
    inspect,
    compare,
    export,
    publish,
):
    app.command()(_command)


def main() -> None:
    """Runs the command line; errors are one line and an exit code."""
    with clean_terminal():
        # The code of `typer.Exit`; a command that completes returns None.
        exit_code = _run()
    leave(exit_code)


def _run() -> int | None:
    if "" in sys.argv[1:]:
        # As a path an empty argument would be the current folder.
        return _say_error(
            f'Argument {sys.argv.index("", 1)} is "". Expected some text: '
            "leave it out, or give the variable that it came from a value.",
            2,
        )
    try:
        exit_code = app(standalone_mode=False, prog_name="mnistcnn")
        # Flushed here, where a closed pipe is not reported.
        sys.stdout.flush()
        return exit_code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except MnistcnnError as error:
        return _say_error(error, error.exit_code)
    except BrokenPipeError:
        # The reader closed the pipe: `mnistcnn info | head -1`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        named = error.filename or "Standard output, or a file"
        return _say_error(f"{named}: {error.strerror or error}.", 2)
    except Exception as error:
        # Click's usage errors, which typer does not export.
        explain = getattr(error, "format_message", None)
        if explain is not None:
            return _say_error(explain(), 2)
        # A bug of ours: the whole traceback is wanted.
        trace = hide_secrets(traceback.format_exc())
        sys.stderr.write(make_printable(trace, keep="\n"))
        return 1


def _say_error(message: object, exit_code: int) -> int:
    complain(f"mnistcnn {mnistcnn.__version__}: {message}")
    return exit_code
