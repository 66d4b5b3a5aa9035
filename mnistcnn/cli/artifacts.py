"""`mnistcnn evaluate` and `mnistcnn inspect`."""

import json

from rich.table import Table

from mnistcnn.cli.output import (
    AsJson,
    Data,
    MaybeArtifact,
    Trust,
    load,
    make_console,
    print_json,
    say_trust,
)


def evaluate(
    artifact: MaybeArtifact = None,
    data: Data = "auto",
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Score an artifact on a test set."""
    from mnistcnn.artifact import inspect_artifact

    with say_trust(trust):
        # Before the data and a framework, which take seconds.
        checked = None if trust else inspect_artifact(artifact)
    # Labels are of the artifact's classes, unless the data name their own.
    dataset = load(data, classes=checked and checked.classes)
    if checked is not None:
        dataset = dataset.relabel(checked.classes)

    from mnistcnn.artifact import load_trusted, pretrained_path, rebuild
    from mnistcnn.evaluation import evaluate as run

    if checked is None:
        model = load_trusted(artifact or pretrained_path())
        classes = tuple(map(str, range(model.output_shape[-1])))
    else:
        model, classes = rebuild(checked), checked.classes
    result = run(model, dataset.x_test, dataset.y_test, classes=classes)
    if as_json:
        print_json({"data": dataset.name, **result.to_dict()})
        return
    console = make_console()
    low, high = result.interval
    console.print(
        f"[bold]{result.accuracy:.2%}[/] of {result.n:,} test images of "
        f"{dataset.name} right (95 % interval {low:.2%} to {high:.2%}), "
        f"loss {result.loss:.4f}, expected calibration error "
        f"{result.calibration_error:.4f}",
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


def inspect(
    artifact: MaybeArtifact = None,
    as_json: AsJson = False,
) -> None:
    """Check whether an artifact is safe and whole, and show its card."""
    from mnistcnn.artifact import inspect_artifact

    checked = inspect_artifact(artifact)
    if as_json:
        print_json({"safe": True, "card": checked.card})
        return
    console = make_console()
    console.print(
        f"{artifact or 'The network that ships'} is safe and whole: "
        f"{checked.name}, "
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
