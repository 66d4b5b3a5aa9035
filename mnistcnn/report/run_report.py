"""A run's report: one page that a person likes to look at.

It begins with the result in one sentence. What it shows comes from
`metrics.json` and from the pictures beside it, and is all in the one file.
"""

from collections.abc import Mapping
from pathlib import Path

from mnistcnn import units
from mnistcnn.report.html import (
    Markup,
    image,
    join,
    section,
    table,
    tag,
    write_page,
)
from mnistcnn.report.labels import BACKEND_NAMES
from mnistcnn.report.runs import read_run
from mnistcnn.report.transfer import describe_start, write_transfer

REPORT = "report.html"


def write_report(run_dir: str | Path) -> Path:
    """Writes `report.html` into a run directory.

    Args:
        run_dir: a directory with `metrics.json` and `figures/*.png`.

    Returns:
        The path of the page.

    Raises:
        DataError: `metrics.json` is missing, is not JSON or lacks a key, or a
            picture is no PNG.
    """
    run_dir = Path(run_dir)
    run = read_run(run_dir, whole=True)
    body = join(
        _headline(run),
        *write_transfer(run, _banner(run) or None),
        tag(
            "div",
            *_results(run, run_dir / "figures"),
            _model(run),
            class_="columns",
        ),
        tag("div", *_facts(run), class_="columns"),
    )
    return write_page(
        run_dir / REPORT,
        title=f"{run['model']['name']} on {_backend(run)}",
        body=body,
        banner=_banner(run),
    )


def _banner(run: Mapping) -> str:
    return run["data"]["name"] if run["data"]["generated"] else ""


def _headline(run: Mapping) -> Markup:
    """Says the result in one sentence."""
    test, total = run["test"], run["timing"]["total"]
    taken = [" in ", tag("span", units.duration(total))] if total else []
    machine = f" on {_machine(run['environment'])}."
    how = f"{describe_start(run['transfer'])}, " if "transfer" in run else ""
    trained = join(how, f"trained on {_backend(run)}", *taken, machine)
    if test is None:
        epochs = len(run["history"])
        claim = tag("span", "Stopped before its test", class_="claim")
        middle = f" after {epochs} {'epoch' if epochs == 1 else 'epochs'}, "
    else:
        low, high = (units.percent(end)[:-2] for end in test["interval"])
        claim = tag("span", units.percent(test["accuracy"]), class_="claim")
        middle = (
            f" of {units.count(test['n'])} test images right (95\u00a0% Wilson "
            f"interval {low} to {high}), "
        )
    size = {"class_": "long"} if "transfer" in run else {}
    recipe = run["config"].get("recipe")
    over = f"mnistcnn · {recipe} recipe" if recipe else "mnistcnn"
    return tag(
        "header",
        tag("p", over, class_="over"),
        tag("h1", claim, middle, trained, **size),
    )


def _results(run: Mapping, folder: Path) -> list[Markup]:
    """The pictures, and the scores of each class."""
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
            caption="Each 3×3 kernel of the first layer: orange adds, purple "
            "takes away.",
        ),
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


def _facts(run: Mapping) -> list[Markup]:
    """Everything that is needed to know what was run, and where."""
    data, environment = run["data"], run["environment"]
    timing, memory = run["timing"], run["memory"]
    device = environment["device"]
    data_rows = [("name", data["name"]), ("SHA-256", data["digest"])]
    if data.get("about"):
        data_rows.append(("about", data["about"]))
    data_rows += [
        (part, units.plain(size)) for part, size in data["sizes"].items()
    ]
    environment_rows = [
        ("backend", _backend(run)),
        ("device", f"{device['name']} ({device['kind']})"),
        ("processor", environment["processor"]),
        ("cores", units.plain(environment.get("cores"))),
        ("platform", units.plain(environment.get("platform"))),
        *environment["versions"].items(),
    ]
    timing_rows = [
        ("import", units.duration(timing["import"])),
        ("build", units.duration(timing["build"])),
        *_before(timing),
        ("first step", units.duration(timing["first_step"])),
        ("steady epoch (median)", units.duration(timing["steady_epoch"])),
        ("total", units.duration(timing["total"])),
    ]
    memory_rows = [
        ("peak on the host", units.memory(memory["peak_host_bytes"])),
        ("peak on the device", units.memory(memory["peak_device_bytes"])),
    ]
    config_rows = [
        (key, units.plain(value)) for key, value in run["config"].items()
    ]
    return [
        section("Timing", table(timing_rows)),
        section("Memory", table(memory_rows)),
        section("Configuration", table(config_rows)),
        section("Environment", table(environment_rows)),
        section("Data", table(data_rows)),
    ]


def _before(timing: Mapping) -> list[tuple]:
    """What the runs before a run took, of a teacher or a start."""
    # Runs of old have no such number; less is looking for what is not there.
    seconds = timing.get("before")
    if not isinstance(seconds, int | float) or seconds <= 1:
        return []
    return [("runs before it", units.duration(seconds))]


def _backend(run: Mapping) -> str:
    backend = run["environment"]["backend"]
    return BACKEND_NAMES.get(backend, backend)


def _machine(environment: Mapping) -> str:
    """Names the device as a sentence does: "an AMD EPYC"."""
    device = environment["device"]
    name = device["name"] or environment["processor"]
    if name.lower() in {"", "cpu"}:
        name = environment["processor"] or device["kind"]
    number = device.get("count")
    if isinstance(number, int) and number > 1:
        return f"{number} × {name}"
    # Capitals are spelt out: "an NVIDIA", "an AMD", but "a Tesla".
    word = name.split()[0] if name.split() else ""
    sounds = "AEFHILMNORSX" if word.isupper() else "AEIOaeio"
    return f"{'an' if word[:1] in sounds else 'a'} {name}"
