"""`mnistcnn info` and `mnistcnn explore`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from mnistcnn.cli.loading import load
from mnistcnn.cli.options import AsJson, Classes, Data
from mnistcnn.cli.printer import print_json, say
from mnistcnn.cli.tables import show_data, show_environment
from mnistcnn.errors import ConfigError


def info(as_json: AsJson = False) -> None:
    """Show versions, backend, devices, and where data and caches are."""
    from mnistcnn.artifact import pretrained_path
    from mnistcnn.backends import (
        TITLES,
        describe_environment,
        describe_host,
        is_installed,
        list_installed,
    )
    from mnistcnn.data import cache_path, find_cached

    cached = find_cached()
    data = {
        "MNISTCNN_DATA": os.environ.get("MNISTCNN_DATA") or None,
        "cache": str(cache_path()),
        "cached": cached and str(cached),
    }
    asked = os.environ.get("KERAS_BACKEND")
    # Reading needs no backend, and without one there is no device to show.
    trains = asked or any(map(is_installed, TITLES))
    facts = describe_environment() if trains else describe_host()
    facts |= {"reader": asked or "numpy", "installed": list_installed()}
    facts |= {"data": data, "pretrained": str(pretrained_path())}
    if as_json:
        print_json(facts)
    else:
        show_environment(facts)


def explore(
    data: Data = None,
    classes: Classes = None,
    out: Annotated[
        Path, typer.Option(help="The folder for the pictures.")
    ] = Path("explore"),
) -> None:
    """Look at a data set: shapes, classes, pixels, two pictures."""
    # Checked before the data are read, which may take a minute.
    if out.exists() and not out.is_dir():
        raise ConfigError(
            f"{out} is no folder. Expected one for the pictures, there or "
            "new: choose another --out."
        )
    from mnistcnn.figures import check_pictures
    from mnistcnn.training import EXPLORED
    from mnistcnn.training import explore as describe_data

    check_pictures(out, EXPLORED)
    dataset = load(data, classes=classes)
    show_data(dataset, describe_data(dataset, out))
    for name in EXPLORED:
        say(f"wrote {out / name}")
