"""The tables of a run's report: scores, layers, config and machine."""

from collections.abc import Mapping
from typing import Any

from mnistcnn import units
from mnistcnn.pages import Table
from mnistcnn.report.labels import name_backend


def tabulate_scores(test: Mapping[str, Any]) -> Table:
    """Lists precision, recall, F1 and support of each class."""
    rows = []
    for row in test["per_class"]:
        precision, recall = row["precision"], row["recall"]
        # 0 / 0: a class that neither occurs nor was predicted.
        score = 2 * precision * recall / ((precision + recall) or 1)
        shares = [units.percent(share) for share in (precision, recall, score)]
        rows.append([row["label"], *shares, units.count(row["support"])])
    return Table(
        rows,
        head=["class", "precision", "recall", "F1", "support"],
        foot=["all", "", "", "", units.count(test["n"])],
        words=1,
    )


def describe_confusion(run: Mapping[str, Any]) -> str:
    """Names the most frequent mistakes of a run that was tested."""
    if run["test"] is None:
        return ""
    classes = run["data"]["classes"]
    mistakes = [
        (number, true, predicted)
        for true, row in zip(classes, run["test"]["confusion"], strict=True)
        for predicted, number in zip(classes, row, strict=True)
        if true != predicted and number
    ]
    # sorted() is stable: mistakes with equal counts stay in class order.
    frequent = sorted(mistakes, key=lambda mistake: -mistake[0])[:3]
    named = ", ".join(
        f"{true} read as {predicted} ({number}×)"
        for number, true, predicted in frequent
    )
    return f"Most often confused: {named}." if named else "Nothing confused."


def tabulate_layers(model: Mapping[str, Any]) -> Table:
    """Lists the model layer by layer, as Keras' own summary does."""
    rows = [
        [
            layer["name"],
            layer["type"],
            str(tuple(layer["output_shape"])),
            units.count(layer["parameters"]),
        ]
        for layer in model["layers"]
    ]
    return Table(
        rows,
        head=["layer", "type", "output shape", "parameters"],
        foot=["total", "", "", units.count(model["parameters"])],
        words=3,
    )


def tabulate_facts(run: Mapping[str, Any]) -> dict[str, Table]:
    """Lists, by title, all facts about what was run, and where."""
    data, place, timing = run["data"], run["environment"], run["timing"]
    device = place["device"]
    found: dict[str, dict[str, object]] = {
        "Timing": {
            "import": units.duration(timing["import"]),
            "build": units.duration(timing["build"]),
            **_time_before(timing),
            "first step": units.duration(timing["first_step"]),
            "steady epoch (median)": units.duration(timing["steady_epoch"]),
            "total": units.duration(timing["total"]),
            # Runs of earlier versions do not have it.
            **{
                name: timing[name]
                for name in ("engine", "precision")
                if isinstance(timing.get(name), str)
            },
        },
        **_list_added(run),
        "Memory": {
            f"peak on the {where}": units.memory(
                run["memory"][f"peak_{where}_bytes"]
            )
            for where in ("host", "device")
        },
        "Configuration": run["config"],
        "Environment": {
            "backend": name_backend(place["backend"]),
            "device": f"{device['name']} ({device['kind']})",
            "processor": place["processor"],
            "cores": place.get("cores"),
            "platform": place.get("platform"),
            **place["versions"],
        },
        "Data": {
            "name": data["name"],
            "SHA-256": data["digest"],
            **({"about": data["about"]} if data.get("about") else {}),
            **data["sizes"],
        },
    }
    return {
        title: Table(
            [(name, units.plain(value)) for name, value in facts.items()]
        )
        for title, facts in found.items()
    }


def _time_before(timing: Mapping[str, Any]) -> dict[str, str]:
    """The time of the preceding runs, of a teacher or a start."""
    # Runs of earlier versions lack the number; up to a second is only the check
    # that there are no such runs.
    seconds = timing.get("before")
    if not isinstance(seconds, int | float) or seconds <= 1:
        return {}
    return {"runs before it": units.duration(seconds)}


_OWN_COLUMNS = {
    "epoch",
    "accuracy",
    "loss",
    "val_accuracy",
    "val_loss",
    "learning_rate",
    "seconds",
}


def _list_added(run: Mapping[str, Any]) -> dict[str, dict[str, object]]:
    """The values that callbacks added to the last epochs, under a title."""
    last: dict[str, object] = {}
    for row in run["history"]:
        last |= {name: row[name] for name in row if name not in _OWN_COLUMNS}
    return {"Added by callbacks, last value": last} if last else {}
