"""Gain and loss of fine-tuning, as sentences and a table."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mnistcnn import figures, units
from mnistcnn.pages import Table, read_figure

KEYS = {
    "transfer.start.name": "text",
    "transfer.start.weights_sha256": "text",
    "transfer.head": "text",
    "transfer.frozen": "true or false",
    "transfer.replay": "text or null",
    "transfer.seconds": "a number or null",
    "transfer.scratch_seconds": "a number or null",
    "transfer.rows[].data": "text",
    "transfer.rows[].n": "a number, 0 or more",
    "transfer.rows[].before": "an object or null",
    "transfer.rows[].after": "an object or null",
    "transfer.rows[].scratch": "an object or null",
    "transfer.rows[].mended": "a number or null",
    "transfer.rows[].broken": "a number or null",
}
_SCORE = {"accuracy": "a share, 0 to 1", "interval": "two shares"}
# The networks scored on a test set, in the order of columns and bars.
_NETWORKS = {
    "before": "before",
    "after": "after finetuning",
    "scratch": "trained from scratch",
}
# With a lower accuracy, the images are hardly digits.
HARDLY_DIGITS = 0.5


def list_keys(run: Mapping[str, Any]) -> dict[str, str]:
    """Lists the required keys of `transfer` in `metrics.json`, if present."""
    if "transfer" not in run:
        return {}
    keys = dict(KEYS)
    rows = (run["transfer"] or {}).get("rows") or []
    for network in _NETWORKS:
        if all(isinstance(r, dict) and r.get(network) for r in rows):
            for name, kind in _SCORE.items():
                keys[f"transfer.rows[].{network}.{name}"] = kind
    return keys


def describe_start(transfer: Mapping[str, Any]) -> str:
    """Describes the network before, as the end of a sentence."""
    free = "the head alone" if transfer["frozen"] else "all layers"
    said = f"finetuned from {transfer['start']['name']}, {free} free"
    return f"{said}, with a new head" if transfer["head"] == "new" else said


def tabulate_finetuning(transfer: Mapping[str, Any]) -> Table:
    """Lists the accuracy on each test set: before, after, from scratch.

    Args:
        transfer: of the metrics, checked by `list_keys`.
    """
    rows = []
    for row in transfer["rows"]:
        change = units.DASH
        if row["before"]:
            gain = row["after"]["accuracy"] - row["before"]["accuracy"]
            change = f"{100 * gain:+.2f} points"
        shares = [row[name] and row[name]["accuracy"] for name in _NETWORKS]
        cells = [units.percent(share) for share in shares]
        rows.append([row["data"], units.count(row["n"]), *cells, change])
    head = ["test set", "images", *_NETWORKS.values(), "change"]
    return Table(rows, head=head, words=1)


def summarize_finetuning(
    run: Mapping[str, Any], note: str | None = None
) -> dict[str, Any] | None:
    """Prepares the part of a report about fine-tuning.

    Args:
        run: the metrics, checked by `list_keys`.
        note: printed across the picture, or None.

    Returns:
        The values for the template `finetuning.html`; None for a run without
        fine-tuning.
    """
    transfer = run.get("transfer")
    if not transfer:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = figures.draw_intervals(
            _bars(transfer["rows"]), Path(folder) / "transfer.png", note=note
        )
        alt = "accuracies with their 95 % intervals"
        figure = read_figure(path, "", alt=alt)
    return {
        "warnings": _find_warnings(transfer),
        "table": tabulate_finetuning(transfer),
        "transfer": transfer,
        "figure": figure,
    }


def _bars(rows: Sequence[Mapping[str, Any]]) -> list[figures.Row]:
    return [
        figures.Row(
            label=f"{row['data'][:28]}, {name}"[:44],
            backend="",
            values=(row[network]["accuracy"],),
            text=units.percent(row[network]["accuracy"]),
            bounds=tuple(row[network]["interval"]),
        )
        for row in rows
        for network, name in _NETWORKS.items()
        if row[network]
    ]


def _find_warnings(transfer: Mapping[str, Any]) -> list[str]:
    first = transfer["rows"][0] if transfer["rows"] else None
    if not first or not first["before"]:
        return []
    accuracy = first["before"]["accuracy"]
    if accuracy >= HARDLY_DIGITS:
        return []
    return [
        f"Before, only {units.percent(accuracy)} of {first['data']} were read "
        "right. If these are no digits, name their classes (--classes): the "
        "head is then made anew."
    ]
