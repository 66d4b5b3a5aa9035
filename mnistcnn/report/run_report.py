"""A run's report: one page that a person likes to look at.

It begins with the result in one sentence. What it shows comes from
`metrics.json` and from the pictures beside it, and is all in the one file.
"""

from collections.abc import Mapping
from pathlib import Path

from mnistcnn import units
from mnistcnn.report.finetuning import describe_start, write_transfer
from mnistcnn.report.html import Markup, join, tag, write_page
from mnistcnn.report.labels import name_backend
from mnistcnn.report.run_facts import write_facts
from mnistcnn.report.run_tables import write_results
from mnistcnn.report.runs import read_run

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
    backend = name_backend(run["environment"]["backend"])
    body = join(
        _headline(run, backend),
        *write_transfer(run, _banner(run) or None),
        tag(
            "div",
            *write_results(run, run_dir / "figures"),
            class_="columns",
        ),
        tag("div", *write_facts(run), class_="columns"),
    )
    return write_page(
        run_dir / REPORT,
        title=f"{run['model']['name']} on {backend}",
        body=body,
        banner=_banner(run),
    )


def _banner(run: Mapping) -> str:
    return run["data"]["name"] if run["data"]["generated"] else ""


def _headline(run: Mapping, backend: str) -> Markup:
    """Says the result in one sentence."""
    test, total = run["test"], run["timing"]["total"]
    taken = [" in ", tag("span", units.duration(total))] if total else []
    machine = f" on {_machine(run['environment'])}."
    how = f"{describe_start(run['transfer'])}, " if "transfer" in run else ""
    trained = join(how, f"trained on {backend}", *taken, machine)
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
