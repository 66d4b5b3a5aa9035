"""What came out of a run: pictures, scores, the model that was trained."""

from collections.abc import Mapping
from pathlib import Path

from mnistcnn import units
from mnistcnn.report.html import Markup, image, section, table, tag


def write_results(run: Mapping, folder: Path) -> list[Markup]:
    """Writes the pictures, the scores of each class, and the model.

    Args:
        run: the contents of `metrics.json`.
        folder: with the pictures; those that it lacks are left out.

    Returns:
        Sections.

    Raises:
        DataError: a picture is no PNG.
    """
    test = run["test"]
    parts = [
        _pictured("Learning curves", folder / "learning_curves.png"),
        _pictured(
            "Confusion matrix",
            folder / "confusion_matrix.png",
            caption=_describe_confusion(run),
        ),
        _pictured(
            "Worst mistakes",
            folder / "mistakes.png",
            caption="Wrong, and surest of it first: what it is → what it was "
            "read as, with what probability.",
        ),
        _pictured(
            "Calibration",
            folder / "reliability.png",
            caption="How often it is right beside how sure it is, and how "
            "many images that is about: on the diagonal, probabilities are "
            "what they say.",
        ),
        _scores(test) if test else "",
        _pictured("Samples of the data", folder / "samples.png"),
        _pictured(
            "First-layer filters",
            folder / "filters.png",
            caption="Each kernel of the first layer: orange adds, purple takes "
            "away.",
        ),
        _model(run),
    ]
    return [part for part in parts if part]


def _pictured(title: str, path: Path, *, caption: str = "") -> Markup | str:
    """A section for a picture, or nothing where the run did not draw it."""
    if not path.exists():
        return ""
    return section(title, image(path, title, caption=caption))


def _describe_confusion(run: Mapping) -> str:
    """Names the most frequent mistakes."""
    if run["test"] is None:
        return ""
    classes = run["data"]["classes"]
    mistakes = [
        (number, true, predicted)
        for true, row in zip(classes, run["test"]["confusion"], strict=True)
        for predicted, number in zip(classes, row, strict=True)
        if true != predicted and number
    ]
    # sorted() is stable: mistakes of one count stay in the order of classes.
    frequent = sorted(mistakes, key=lambda mistake: -mistake[0])[:3]
    named = ", ".join(
        f"{true} read as {predicted} ({number}×)"
        for number, true, predicted in frequent
    )
    return f"Most often confused: {named}." if named else "Nothing confused."


def _scores(test: Mapping) -> Markup:
    """Precision, recall, F1 and support of each class."""
    cells = []
    for row in test["per_class"]:
        precision, recall = row["precision"], row["recall"]
        # 0 / 0 is a class that was neither seen nor said.
        score = 2 * precision * recall / ((precision + recall) or 1)
        shares = [units.percent(share) for share in (precision, recall, score)]
        cells.append([row["label"], *shares, units.count(row["support"])])
    return section(
        "Scores of each class",
        table(
            cells,
            head=["class", "precision", "recall", "F1", "support"],
            foot=["all", "", "", "", units.count(test["n"])],
            words=1,
        ),
        tag(
            "p",
            "Precision: how many of those read as this class are of it. "
            "Recall: how many of this class were read as it. "
            f"Test loss: {units.decimal(test['loss'])}.",
            class_="note",
        ),
    )


def _model(run: Mapping) -> Markup:
    """The model layer by layer, as Keras' own summary has it."""
    model = run["model"]
    rows = [
        [
            layer["name"],
            layer["type"],
            _shape(layer["output_shape"]),
            units.count(layer["parameters"]),
        ]
        for layer in model["layers"]
    ]
    return section(
        f"The model: {model['name']}",
        table(
            rows,
            head=["layer", "type", "output shape", "parameters"],
            foot=["total", "", "", units.count(model["parameters"])],
            words=3,
        ),
    )


def _shape(sizes: list[int]) -> str:
    return f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"
