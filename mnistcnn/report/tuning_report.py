"""The report of a search: what was found, and how."""

from collections.abc import Mapping
from pathlib import Path

from mnistcnn import units
from mnistcnn.figures import study_plots
from mnistcnn.report.html import (
    Markup,
    image,
    join,
    section,
    table,
    tag,
    write_page,
)

REPORT = "report.html"
MAX_ROWS = 30
HEAD = ("trial", "validation", "parameters", "time")
# Six small ones beside each other: too many for half of a page.
WIDE = "Each option by itself"


def write_tuning_report(study, summary: Mapping, out: Path) -> Path:
    """Writes `report.html` and `figures/` of a search.

    Args:
        study: the `optuna.Study`, for its plots.
        summary: what `study.json` holds.
        out: the folder.

    Returns:
        The path of the page.
    """
    data = summary["facts"]["data"]["name"]
    pictures = study_plots(study, Path(out) / "figures")
    parts = {k: section(k, image(path, k)) for k, path in pictures.items()}
    body = join(
        _headline(summary),
        section("The best trials", _table(summary), _explain(summary)),
        parts.pop(WIDE, ""),
        tag(
            "div",
            *parts.values(),
            section("The best config", _config(summary)),
            class_="columns",
        ),
    )
    generated = summary["facts"].get("generated")
    return write_page(
        Path(out) / REPORT,
        title=f"mnistcnn tune on {data}",
        body=body,
        banner=data if generated else "",
    )


def rank(summary: Mapping) -> list[Mapping]:
    """The trials that came to their end, best first."""
    complete = [t for t in summary["trials"] if t["value"] is not None]
    complete = [t for t in complete if t["state"] == "complete"]
    return sorted(complete, key=lambda trial: -trial["value"])


def format_trial(trial: Mapping) -> list[str]:
    """The cells of a trial, in the order of `HEAD`, without its options."""
    return [
        str(trial["number"]),
        units.percent(trial["value"]),
        units.count(trial["parameters"]),
        units.duration(trial["seconds"]),
    ]


def format_options(trial: Mapping) -> dict[str, str]:
    """What a trial varied, by name."""
    return {name: f"{v:.4g}" for name, v in trial["params"].items()}


def _headline(summary: Mapping) -> Markup:
    best, facts = summary["best"], summary["facts"]
    claim = tag("span", units.percent(best["value"]), class_="claim")
    text = (
        f" of the held-out part of the training set of "
        f"{facts['data']['name']} right, by trial {best['number']}, of "
        f"{len(summary['trials'])} trials. The test set was not looked at."
    )
    over = f"mnistcnn tune · {', '.join(facts['space'])}"
    return tag("header", tag("p", over, class_="over"), tag("h1", claim, text))


def _table(summary: Mapping) -> Markup:
    trials = rank(summary)[:MAX_ROWS]
    rows = [
        [*format_trial(trial), *format_options(trial).values()]
        for trial in trials
    ]
    return table(rows, head=[*HEAD, *format_options(trials[0])], words=1)


def _explain(summary: Mapping) -> Markup:
    trials = summary["trials"]
    counts = {
        "came to their end": len(rank(summary)),
        "were pruned": sum(
            t["state"] == "pruned" and not t["diverged"] for t in trials
        ),
        "diverged": sum(t["diverged"] for t in trials),
        "were cut off": sum(t["state"] == "fail" for t in trials),
    }
    said = ", ".join(f"{n} {what}" for what, n in counts.items() if n)
    text = (
        f"Of {len(trials)} trials {said}. The best of many trials on one "
        "held-out part is a little too good: what it is worth, a run on other "
        "data tells."
    )
    return tag("p", text, class_="note")


def _config(summary: Mapping) -> Markup:
    config = summary["best"]["config"]
    rows = [(name, units.plain(value)) for name, value in config.items()]
    note = "best.json holds it: mnistcnn train --config best.json."
    return join(table(rows), tag("p", note, class_="note"))
