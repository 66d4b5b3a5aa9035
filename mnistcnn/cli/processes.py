"""The start of `train` when several processes train."""

import gc
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from mnistcnn.backends import Devices

_joined = False


def parse_devices(text: str | None) -> "Devices":
    """Parses `--devices`; `join` checks the number."""
    if text is None:
        return None
    if text == "all":
        return "all"
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither all nor a number.", param_hint="--devices"
        ) from None


def prepare(devices: "Devices") -> bool:
    """Starts the processes that a backend needs, and identifies this one.

    If there are several, only the first prints; of the others only errors show.

    Args:
        devices: how many.

    Returns:
        Whether this process writes the run.

    Raises:
        typer.Exit: processes were started, and all is done.
    """
    global _joined
    from mnistcnn.backends import TITLES, find_launch

    if devices is None and not any(map(find_launch, TITLES)):
        return True  # without loading a framework
    from mnistcnn import backends

    launch = find_launch(backends.name)
    if launch is None:
        exit_code = backends.launch(backends.name, devices)
        if exit_code is not None:
            raise typer.Exit(exit_code)
        return True
    backends.active.join(devices)
    _joined = True
    if launch[0] > 0:
        # Not only Python's: JAX' gloo prints there too.
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)
    return launch[0] == 0


def leave(exit_code: int | None) -> NoReturn:
    """Ends the process, at once if others wait for one that has failed.

    At the end frameworks wait for each other, even for lost processes.
    """
    if exit_code and _joined:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(exit_code)
    # Python would garbage-collect a framework's objects, which takes half a
    # second, and frees memory that the system frees anyway.
    gc.freeze()
    sys.exit(exit_code)
