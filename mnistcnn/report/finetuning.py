"""The part of a report that says what finetuning gained and lost."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from mnistcnn import figures, units
from mnistcnn.report.html import Markup, image, join, section, table, tag, warn

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
# The order of columns and of bars.
STAGES = {
    "before": "before",
    "after": "after finetuning",
    "scratch": "trained from scratch",
}
# Read so badly, digits are hardly what the images show.
STRANGE = 0.5


def list_keys(run: Mapping) -> dict[str, str]:
    """What `metrics.json` must hold under `transfer`, where it has that."""
    if "transfer" not in run:
        return {}
    keys = dict(KEYS)
    for stage in STAGES:
        rows = (run["transfer"] or {}).get("rows") or []
        if all(isinstance(r, dict) and r.get(stage) for r in rows):
            for name, kind in _SCORE.items():
                keys[f"transfer.rows[].{stage}.{name}"] = kind
    return keys


def describe_start(transfer: Mapping) -> str:
    """What the network was before: a sentence's end."""
    said = [f"finetuned from {transfer['start']['name']}"]
    said.append(
        "all layers free" if not transfer["frozen"] else "the head alone free"
    )
    if transfer["head"] == "new":
        said.append("with a new head")
    return ", ".join(said)


def write_transfer(run: Mapping, note: str | None = None) -> list[Markup]:
    """The sections on finetuning.

    Args:
        run: the metrics, checked by `list_keys`.
        note: printed across the picture, or None.

    Returns:
        The sections; none for a run that was not finetuned.
    """
    transfer = run.get("transfer")
    if not transfer:
        return []
    parts = [
        table(
            [format_row(row) for row in transfer["rows"]],
            head=["test set", "images", *STAGES.values(), "change"],
            words=1,
        ),
        tag("p", _explain(transfer), class_="note"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = figures.intervals(
            _bars(transfer["rows"]), Path(folder) / "transfer.png", note=note
        )
        picture = image(path, "accuracies with their 95 % intervals")
    doubts = [warn(_doubts(transfer))]
    return [*doubts, section("Gained and lost", *parts, picture)]


def format_row(row: Mapping) -> list[str]:
    """The cells of one test set, in the order of the table's head."""
    cells = [row["data"], units.count(row["n"])]
    cells += [
        units.percent(row[stage]["accuracy"]) if row[stage] else units.DASH
        for stage in STAGES
    ]
    if not row["before"]:
        return [*cells, units.DASH]
    points = 100 * (row["after"]["accuracy"] - row["before"]["accuracy"])
    return [*cells, f"{points:+.2f} points"]


def _bars(rows) -> list[figures.Row]:
    return [
        figures.Row(
            label=f"{row['data'][:28]}, {name}"[:44],
            backend="",
            values=(row[stage]["accuracy"],),
            text=units.percent(row[stage]["accuracy"]),
            bounds=tuple(row[stage]["interval"]),
        )
        for row in rows
        for stage, name in STAGES.items()
        if row[stage]
    ]


def _explain(transfer: Mapping) -> Markup:
    said = []
    for row in transfer["rows"]:
        if row["mended"] is not None:
            said.append(
                f"Of {row['data']}, {units.count(row['mended'])} images are "
                f"read right that were not, and {units.count(row['broken'])} "
                "are not that were. "
            )
    if transfer["head"] == "new":
        said.append(
            "The start knew other classes: what it would have read is not "
            "defined, and it does not read them any more. "
        )
    if transfer["replay"]:
        said.append(
            f"Images of {transfer['replay']} were mixed in, so that what had "
            "been learnt is not forgotten. "
        )
    seconds = units.duration(transfer["seconds"])
    said.append(f"Finetuning took {seconds}")
    if transfer["scratch_seconds"] is not None:
        scratch = units.duration(transfer["scratch_seconds"])
        said.append(
            f", training the same network from scratch on the same images by "
            f"the same config {scratch}"
        )
    return join(*said, ".")


def _doubts(transfer: Mapping) -> list[str]:
    first = transfer["rows"][0] if transfer["rows"] else None
    if not first or not first["before"]:
        return []
    accuracy = first["before"]["accuracy"]
    if accuracy >= STRANGE:
        return []
    return [
        f"Before, only {units.percent(accuracy)} of {first['data']} were read "
        "right. If these are no digits, name their classes (--classes): the "
        "head is then made anew."
    ]
