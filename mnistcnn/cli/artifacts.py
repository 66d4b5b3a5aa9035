"""`mnistcnn evaluate`, `inspect`, `export` and `publish`."""

from pathlib import Path
from typing import Annotated

import typer

from mnistcnn.cli.loading import load
from mnistcnn.cli.options import (
    AsJson,
    Classes,
    Data,
    Limit,
    MaybeArtifact,
    Trust,
    say_trust,
)
from mnistcnn.cli.printer import print_json, say
from mnistcnn.cli.tables import show_artifact, show_evaluation


def evaluate(
    artifact: MaybeArtifact = None,
    data: Data = None,
    classes: Classes = None,
    limit: Limit = None,
    as_json: AsJson = False,
    trust: Trust = False,
) -> None:
    """Score an artifact on a test set."""
    from mnistcnn.artifact import inspect_artifact, pretrained_path

    with say_trust(trust):
        # Checked before the data and a framework are loaded, which takes
        # seconds.
        checked = None if trust else inspect_artifact(artifact)
    # Labels index the artifact's classes, unless others are named.
    dataset = load(data, limit, classes or (checked and checked.classes))

    from mnistcnn.evaluation import evaluate as run
    from mnistcnn.reading import DigitClassifier

    if checked is None:
        path = artifact or pretrained_path()
        model = DigitClassifier.from_artifact(path, trust=True)
        names = dataset.classes if classes else model.classes_
    else:
        dataset, names = dataset.relabel(checked.classes), checked.classes
        rotation = checked.rotation
        model = DigitClassifier(checked, classes=names, rotation=rotation)
    result = run(model, dataset.x_test, dataset.y_test, classes=names)
    if as_json:
        about = {"about": dataset.about} if dataset.about else {}
        print_json({"data": dataset.name, **about, **result.to_dict()})
    else:
        show_evaluation(dataset, result)


def inspect(artifact: MaybeArtifact = None, as_json: AsJson = False) -> None:
    """Check whether an artifact is safe and whole, and show its card."""
    from mnistcnn.artifact import inspect_artifact

    checked = inspect_artifact(artifact)
    if as_json:
        print_json({"safe": True, "card": checked.card})
    else:
        show_artifact(artifact, checked)


def export(
    artifact: MaybeArtifact = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="web, onnx, litert, openvino, tf_saved_model or torch.",
        ),
    ] = "onnx",
    out: Annotated[
        Path | None,
        typer.Option(
            help="The file to write.", show_default="the artifact's name"
        ),
    ] = None,
) -> None:
    """Write an artifact for another runtime, and verify the result."""
    from mnistcnn.artifact import find_format, inspect_artifact, pretrained_path

    found = find_format(form)
    checked = inspect_artifact(artifact)

    from mnistcnn import backends
    from mnistcnn.artifact import export_artifact

    if out is None:
        out = Path((artifact or pretrained_path()).stem + found.suffix)
    done = export_artifact(artifact, form, out)
    by = f" on {backends.title(backends.name)}" if found.writers else ""
    say(
        f"wrote {done.path} ({done.num_bytes:,} bytes){by}: on "
        f"{done.num_images:,} made images its probabilities differ by at most "
        f"{done.difference:.1e} from the artifact's, and the class is the same "
        f"on {done.num_same:,}; classes {', '.join(checked.classes)}"
    )


def publish(
    address: Annotated[
        str,
        typer.Argument(help="hf://owner/name: where on the Hugging Face Hub."),
    ],
    artifact: MaybeArtifact = None,
    private: Annotated[
        bool,
        typer.Option("--private", help="Make a new repository private."),
    ] = False,
) -> None:
    """Publish an artifact on the Hugging Face Hub, with its model card."""
    from mnistcnn.artifact import publish_artifact

    say(f"published {publish_artifact(artifact, address, private=private)}")
