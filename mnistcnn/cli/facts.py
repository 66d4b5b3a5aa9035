"""`mnistcnn info` and `mnistcnn explore`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from mnistcnn.cli.output import (
    AsJson,
    Classes,
    Data,
    load,
    make_console,
    print_json,
)


def info(as_json: AsJson = False) -> None:
    """Show versions, backend, devices, and where data and caches are."""
    from mnistcnn.artifact import pretrained_path
    from mnistcnn.backends import describe_environment
    from mnistcnn.data import cache_path, find_cached

    facts = describe_environment()
    cached = find_cached()
    facts["data"] = {
        "cache": str(cache_path()),
        "cached": None if cached is None else str(cached),
    }
    facts["pretrained"] = str(pretrained_path())
    if as_json:
        print_json(facts)
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
    make_console().print(table)


def explore(
    data: Data = "auto",
    classes: Classes = None,
    out: Annotated[
        Path, typer.Option(help="The folder for the pictures.")
    ] = Path("explore"),
) -> None:
    """Look at a data set: shapes, classes, pixels, two pictures."""
    dataset = load(data, classes=classes)

    from mnistcnn.training import explore as describe_data

    facts = describe_data(dataset, out)
    console = make_console()
    console.print(f"[bold]{dataset.name}[/], sha256 {dataset.digest[:16]}...")
    if dataset.about:
        console.print(dataset.about, highlight=False, soft_wrap=True)
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
