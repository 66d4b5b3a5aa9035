"""What `train` asks before anything else where several devices train."""

import os
import subprocess
import sys

import typer

from mnistcnn.backends import (
    Devices,
    choose,
    find_launch,
    launch_command,
)


def parse_devices(text: str | None) -> Devices:
    """Reads what `--devices` says; whether it makes sense, `join` says."""
    return int(text) if text and text.isdecimal() else text  # type: ignore[return-value]


def prepare(devices: Devices) -> bool:
    """Starts the processes that a backend needs, and sees who this one is.

    Where there are several, the first speaks; the others' errors are seen.

    Args:
        devices: how many.

    Returns:
        Whether this process writes the run.

    Raises:
        typer.Exit: processes were started, and all is done.
    """
    name = choose()
    launch = find_launch(name)
    command = launch_command(name, devices) if launch is None else None
    if command is not None:
        raise typer.Exit(subprocess.run(command).returncode)
    if launch is None or launch[0] == 0:
        return True
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    return False
