"""A run's report: one readable page.

It begins with the result in one sentence. Its contents come from `metrics.json`
and from the pictures beside it, and are all in the one file.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnistcnn.pages import Figure, read_figure, write_page
from mnistcnn.report.finetuning import describe_start, summarize_finetuning
from mnistcnn.report.labels import name_backend
from mnistcnn.report.run_tables import (
    describe_confusion,
    tabulate_facts,
    tabulate_layers,
    tabulate_scores,
)
from mnistcnn.report.runs import read_run

REPORT = "report.html"
PICTURES = {  # by the name of the file: the title and the caption
    "learning_curves": ("Learning curves", ""),
    "confusion_matrix": ("Confusion matrix", ""),
    "mistakes": (
        "Worst mistakes",
        "Images that were read wrong, the surest mistake first: true class → "
        "class read, and its probability.",
    ),
    "reliability": (
        "Calibration",
        "How often the network is right against how sure it is, and how many "
        "images that concerns: on the diagonal, the two are equal.",
    ),
    "samples": ("Samples of the data", ""),
    "filters": (
        "First-layer filters",
        "Each kernel of the first layer: orange adds, purple takes away.",
    ),
}


def write_report(run_dir: str | Path) -> Path:
    """Writes `report.html` into a run directory.

    Args:
        run_dir: a directory with `metrics.json` and `figures/*.png`.

    Returns:
        The path of the page.

    Raises:
        DataError: `metrics.json` is missing, is not JSON or lacks a key, or a
            picture is not a PNG.
    """
    run_dir = Path(run_dir)
    run = read_run(run_dir, whole=True)
    data = run["data"]
    backend = name_backend(run["environment"]["backend"])
    banner = data["name"] if data["generated"] else ""
    return write_page(
        run_dir / REPORT,
        "run.html",
        title=f"{run['model']['name']} on {backend}",
        banner=banner,
        run=run,
        backend=backend,
        machine=_name_machine(run["environment"]),
        start=describe_start(run["transfer"]) if "transfer" in run else "",
        finetuning=summarize_finetuning(run, banner or None),
        pictures=_read_pictures(run, run_dir / "figures"),
        scores=run["test"] and tabulate_scores(run["test"]),
        layers=tabulate_layers(run["model"]),
        facts=tabulate_facts(run),
    )


def _read_pictures(run: Mapping[str, Any], folder: Path) -> dict[str, Figure]:
    """The pictures that the run drew, by their names."""
    found = {}
    for name, (title, caption) in PICTURES.items():
        if name == "confusion_matrix":
            caption = describe_confusion(run)
        path = folder / f"{name}.png"
        if path.exists():
            found[name] = read_figure(path, title, caption=caption)
    return found


def _name_machine(environment: Mapping[str, Any]) -> str:
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
