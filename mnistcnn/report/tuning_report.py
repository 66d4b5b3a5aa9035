"""The report of a search: its results, and how they were found."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnistcnn import units
from mnistcnn.figures import draw_study
from mnistcnn.pages import Table, read_figure, write_page

if TYPE_CHECKING:
    import optuna

REPORT = "report.html"
MAX_ROWS = 30
# Six small plots side by side are too many for half of a page.
WIDE = "Each option by itself"


def write_tuning_report(
    study: "optuna.Study", summary: Mapping[str, Any], out: str | Path
) -> Path:
    """Writes `report.html` and `figures/` of a search.

    Args:
        study: for its plots.
        summary: what `study.json` holds.
        out: the folder.

    Returns:
        The path of the page.
    """
    facts, config = summary["facts"], summary["best"]["config"]
    data = facts["data"]["name"]
    pictures = draw_study(study, Path(out) / "figures")
    panels = {name: read_figure(path, name) for name, path in pictures.items()}
    return write_page(
        Path(out) / REPORT,
        "tuning.html",
        title=f"mnistcnn tune on {data}",
        banner=data if facts.get("generated") else "",
        summary=summary,
        trials=tabulate_trials(summary, MAX_ROWS),
        ends=_count_ends(summary["trials"]),
        wide=panels.pop(WIDE, None),
        panels=list(panels.values()),
        config=Table([(k, units.plain(v)) for k, v in config.items()]),
    )


def tabulate_trials(summary: Mapping[str, Any], number: int) -> Table:
    """Lists the best finished trials, best first.

    Args:
        summary: what `study.json` holds.
        number: how many trials, at most.

    Returns:
        A row per trial: its number, validation accuracy, parameters and time,
        then a column for each option that was varied.
    """
    trials = _rank(summary["trials"])[:number]
    rows = [
        [
            str(trial["number"]),
            units.percent(trial["value"]),
            units.count(trial["parameters"]),
            units.duration(trial["seconds"]),
            *[f"{value:.4g}" for value in trial["params"].values()],
        ]
        for trial in trials
    ]
    head = ["trial", "validation", "parameters", "time", *trials[0]["params"]]
    return Table(rows, head=head, words=1)


def _rank(trials: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    complete = [t for t in trials if t["state"] == "complete"]
    complete = [t for t in complete if t["value"] is not None]
    return sorted(complete, key=lambda trial: -trial["value"])


def _count_ends(trials: Sequence[Mapping[str, Any]]) -> str:
    """Counts the outcomes of the trials, in a few words."""
    counts = {
        "were completed": len(_rank(trials)),
        "were pruned": sum(
            t["state"] == "pruned" and not t["diverged"] for t in trials
        ),
        "diverged": sum(t["diverged"] for t in trials),
        "were cut off": sum(t["state"] == "fail" for t in trials),
    }
    return ", ".join(f"{n} {what}" for what, n in counts.items() if n)
