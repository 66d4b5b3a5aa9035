"""The command line: `mnistcnn ...`, also `python -m mnistcnn ...`.

The commands import what they need when they run: `--help` loads neither
Keras nor a framework.
"""

import sys
from typing import NoReturn

import typer

import mnistcnn
from mnistcnn.cli.artifacts import evaluate, export, inspect
from mnistcnn.cli.comparing import compare
from mnistcnn.cli.facts import explore, info
from mnistcnn.cli.finetuning import finetune
from mnistcnn.cli.reading import board, predict
from mnistcnn.cli.running import train
from mnistcnn.cli.tuning import tune
from mnistcnn.errors import MnistcnnError

app: typer.Typer = typer.Typer(
    help="One Keras 3 CNN for handwritten digits, on TensorFlow, JAX or "
    "PyTorch. KERAS_BACKEND chooses which.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
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
):
    app.command()(_command)


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
        say = getattr(error, "format_message", None)
        if say is None:
            raise
        _fail(say(), 2)
    # Of `typer.Exit`; a command that ran through returns None.
    sys.exit(exit_code)


def _fail(message: str, exit_code: int) -> NoReturn:
    line = " ".join(message.split())
    sys.stderr.write(f"mnistcnn {mnistcnn.__version__}: {line}\n")
    sys.exit(exit_code)
