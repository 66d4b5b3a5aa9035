"""The commands' output: results as lines and tables."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnistcnn.cli.printer import say, show_json, show_table

if TYPE_CHECKING:
    from mnistcnn.artifact import Artifact
    from mnistcnn.data import Dataset
    from mnistcnn.evaluation import Evaluation


def show_environment(facts: Mapping[str, Any]) -> None:
    """Shows versions, backend, device, and paths.

    Args:
        facts: of `describe_environment`, with `installed` (of
            `list_installed`), `reader`, `data` (`MNISTCNN_DATA`, `cache` and
            `cached`) and `pretrained`. Without a backend for training,
            `backend` and `device` are missing.
    """
    data = facts["data"]
    lines = {"backend": facts.get("backend", "none to train on: reads only")}
    lines |= {"reads by": facts["reader"], **facts["versions"]}
    for found in facts["installed"]:
        can = ", ".join(found["can"]) or f"of {found['by']}"
        lines[found["title"]] = f"{found['version']}: {can}"
    if "device" in facts:
        device = facts["device"]
        lines["device"] = f"{device['kind']}: {device['name']}"
        lines["devices"] = device["count"]
    lines |= {
        "cores": facts["cores"],
        "platform": facts["platform"],
        "MNISTCNN_DATA": data["MNISTCNN_DATA"] or "not set",
        "MNIST cache": data["cache"],
        "MNIST found": data["cached"] or "no",
        "shipped network": facts["pretrained"],
    }
    # Not a table, since paths are long, and are copied from here.
    width = max(map(len, lines))
    for name, value in lines.items():
        say(f"{name:<{width}}  {value}")


def show_data(data: "Dataset", facts: Mapping[str, Any]) -> None:
    """Describes a data set.

    Args:
        data: the data set.
        facts: of `mnistcnn.training.explore`.
    """
    say((data.name, "bold"), f", sha256 {data.digest[:16]}...")
    if data.about:
        say(data.about)
    for name, (shape, dtype) in facts["arrays"].items():
        say(f"{name}: {shape} {dtype}")
    counts = facts["counts"]
    rows = [*zip(data.classes, *counts.values(), strict=True)]
    rows.append(("all", *(sum(column) for column in counts.values())))
    show_table(("class", *counts), rows)
    pixels = facts["pixels"]
    say(
        f"pixels: {pixels['min']} to {pixels['max']}, mean "
        f"{pixels['mean']:.2f}, sd {pixels['std']:.2f}, "
        f"{pixels['ink']:.1%} with ink"
    )


def show_evaluation(data: "Dataset", result: "Evaluation") -> None:
    """Shows scores, scores per class, and the confusion matrix."""
    if data.about:
        say(data.about)
    low, high = result.interval
    say(
        (f"{result.accuracy:.2%}", "bold"),
        f" of {result.n:,} test images of {data.name} right (95 % interval "
        f"{low:.2%} to {high:.2%}), loss {result.loss:.4f}, expected "
        f"calibration error {result.calibration_error:.4f}",
    )
    scores = [
        (
            row["label"],
            f"{row['precision']:.2%}",
            f"{row['recall']:.2%}",
            row["support"],
        )
        for row in result.per_class
    ]
    show_table(("class", "precision", "recall", "images"), scores)
    pairs = [*zip(result.classes, result.confusion, strict=True)]
    say("Confusion matrix: a row for each true class, what it was read as:")
    show_table(
        ("true", *result.classes),
        [(name, *(n or "." for n in row)) for name, row in pairs],
        narrow=(
            ("true", "right", "read as another class"),
            [
                (name, row[place], _list_mistakes(result.classes, row, place))
                for place, (name, row) in enumerate(pairs)
            ],
        ),
    )


def _list_mistakes(classes: Sequence[str], row: Any, place: int) -> str:
    """A row of the confusion matrix in words, the most frequent first."""
    wrong = [i for i, n in enumerate(row) if n and i != place]
    wrong.sort(key=lambda i: -row[i])
    return ", ".join(f"{classes[i]}: {row[i]}" for i in wrong) or "."


def show_artifact(path: Path | None, artifact: "Artifact") -> None:
    """Shows a checked artifact's layers and its card."""
    say(
        f"{path or 'The network that ships'} is safe and whole: "
        f"{artifact.name}, {artifact.parameters:,} parameters"
    )
    rows = [
        (spec.name, spec.kind, spec.output_shape, f"{spec.parameters:,}")
        for spec in artifact.layers
    ]
    show_table(("layer", "type", "output", "parameters"), rows)
    show_json(artifact.card)


def show_readings(answers: Iterable[Mapping[str, Any]]) -> None:
    """Shows the digits of each image as soon as they are read, line by line.

    Args:
        answers: each with `image` and `digits`, which have `label`,
            `probability` and `line`; with a `note` if there is a reason for no
            digits.
    """
    for answer in answers:
        lines: dict[int, list[str]] = {}
        for digit in answer["digits"]:
            read = f"{digit['label']} ({digit['probability']:.1%})"
            lines.setdefault(digit["line"], []).append(read)
        shown = [", ".join(line) for line in lines.values()]
        note = f" ({answer['note']})" if "note" in answer else ""
        first, *others = shown or [f"no digit found{note}"]
        say(f"{answer['image']}: {first}")
        for line in others:
            say(f"  {line}")
