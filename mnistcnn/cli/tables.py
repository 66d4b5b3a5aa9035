"""What the commands show on a screen: results as lines and tables."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from mnistcnn.cli.options import make_console, say

if TYPE_CHECKING:
    from mnistcnn.artifact import Artifact
    from mnistcnn.data import Dataset
    from mnistcnn.evaluation import Evaluation


def show_environment(facts: Mapping[str, Any]) -> None:
    """Shows versions, backend, device, and where things are.

    Args:
        facts: of `describe_environment`, with `data` (`cache` and `cached`)
            and `pretrained`.
    """
    table = Table("what", "value", show_header=False, box=None)
    device, data = facts["device"], facts["data"]
    for name, value in {
        "backend": facts["backend"],
        **facts["versions"],
        "device": f"{device['kind']}: {device['name']}",
        "devices": device["count"],
        "cores": facts["cores"],
        "platform": facts["platform"],
        "MNIST cache": data["cache"],
        "MNIST found": data["cached"] or "no",
        "shipped network": facts["pretrained"],
    }.items():
        table.add_row(name, str(value))
    make_console().print(table)


def show_data(data: "Dataset", facts: Mapping[str, Any]) -> None:
    """Shows what a data set is.

    Args:
        data: the data set.
        facts: of `mnistcnn.training.explore`.
    """
    console = make_console()
    name = escape(data.name)
    console.print(f"[bold]{name}[/], sha256 {data.digest[:16]}...")
    if data.about:
        say(data.about, markup=False)
    for name, (shape, dtype) in facts["arrays"].items():
        console.print(f"{name}: {shape} {dtype}")
    table = Table("class", *data.classes, "all")
    for split, counts in facts["counts"].items():
        table.add_row(split, *map(str, counts), str(sum(counts)))
    console.print(table)
    pixels = facts["pixels"]
    console.print(
        f"pixels: {pixels['min']} to {pixels['max']}, mean "
        f"{pixels['mean']:.2f}, sd {pixels['std']:.2f}, "
        f"{pixels['ink']:.1%} with ink"
    )


def show_evaluation(data: "Dataset", result: "Evaluation") -> None:
    """Shows scores, those of each class, and the confusion matrix."""
    low, high = result.interval
    say(
        f"[bold]{result.accuracy:.2%}[/] of {result.n:,} test images of "
        f"{escape(data.name)} right (95 % interval {low:.2%} to {high:.2%}), "
        f"loss {result.loss:.4f}, expected calibration error "
        f"{result.calibration_error:.4f}"
    )
    scores = Table("class", "precision", "recall", "images")
    for row in result.per_class:
        shares = f"{row['precision']:.2%}", f"{row['recall']:.2%}"
        scores.add_row(row["label"], *shares, str(row["support"]))
    matrix = Table("true \\ read", *result.classes)
    for name, row in zip(result.classes, result.confusion, strict=True):
        matrix.add_row(name, *(str(n) if n else "." for n in row))
    console = make_console()
    console.print(scores)
    console.print(matrix)


def show_artifact(path: Path | None, artifact: "Artifact") -> None:
    """Shows a checked artifact's layers and its card."""
    say(
        f"{path or 'The network that ships'} is safe and whole: "
        f"{artifact.name}, {artifact.parameters:,} parameters",
        markup=False,
    )
    table = Table("layer", "type", "output", "parameters")
    for spec in artifact.layers:
        shape, count = str(spec.output_shape), f"{spec.parameters:,}"
        table.add_row(spec.name, spec.kind, shape, count)
    console = make_console()
    console.print(table)
    console.print_json(json.dumps(artifact.card))


def show_readings(answers: Sequence[Mapping[str, Any]]) -> None:
    """Shows the digits of each image.

    Args:
        answers: each with `image` and `digits`, which have `label` and
            `probability`.
    """
    for answer in answers:
        digits = ", ".join(
            f"{d['label']} ({d['probability']:.1%})" for d in answer["digits"]
        )
        text = f"{answer['image']}: {digits or 'no digit found'}"
        say(text, markup=False)
