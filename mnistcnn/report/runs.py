"""A finished run, read from its `metrics.json` and checked.

Reports and comparisons get their numbers here and nowhere else, so that what
they print has been checked for presence and for kind.
"""

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mnistcnn.errors import DataError

FORMAT = 1  # what `metrics.json` says of itself
METRICS = "metrics.json"


def read_run(path: str | Path, *, whole: bool = False) -> dict[str, Any]:
    """Reads a run and checks every key that its readers use.

    Args:
        path: a run directory, or a `metrics.json` under any name.
        whole: whether the keys that only a report needs must be there too
            (the layers, the scores per class, the confusion matrix).

    Returns:
        The metrics as nested dictionaries; `test` is None where the run was
        stopped before its test.

    Raises:
        DataError: the file is missing, is not JSON, lacks a key or has
            something else in its place.
    """
    path = Path(path)
    file = path / METRICS if path.is_dir() else path
    run = _parse(file)
    if run.get("format") != FORMAT:
        raise DataError(
            f"{file}: expected format {FORMAT}. Received: "
            f"{_shorten(run.get('format'))}. Read it with the mnistcnn that "
            "wrote it, or train anew."
        )
    for place, kind in (_KEYS | _REPORT_KEYS if whole else _KEYS).items():
        if place.startswith("test.") and run["test"] is None:
            continue
        for where, value in _find(run, place.split("."), "", str(file)):
            if not _KINDS[kind](value):
                raise DataError(
                    f"{file}: expected {where} to be {kind}. Received: "
                    f"{_shorten(value)}. Write the run's metrics anew."
                )
    if whole and run["test"] is not None:
        size = len(run["data"]["classes"])
        widths = [len(row) for row in run["test"]["confusion"]]
        if widths != [size] * size:
            raise DataError(
                f"{file}: expected test.confusion to have {size} rows of "
                f"{size} counts, as data.classes. Received: rows of "
                f"{_shorten(widths)}. Write the run's metrics anew."
            )
    return run


def _parse(file: Path) -> dict[str, Any]:
    """Reads strict JSON with an object at the top."""
    try:
        run = json.loads(
            file.read_text(encoding="utf-8"), parse_constant=_refuse
        )
    except OSError as error:
        raise DataError(
            f"Expected a run directory with {METRICS}, or such a file. "
            f"Received: {file} ({error.strerror}). Give the directory that "
            "`mnistcnn train` wrote."
        ) from error
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"Expected strict JSON in {file}. Received: {error}. Give a "
            f"{METRICS} that `mnistcnn train` wrote."
        ) from error
    if not isinstance(run, dict):
        raise DataError(
            f"Expected a JSON object in {file}. Received: {_shorten(run)}. "
            f"Give a {METRICS} that `mnistcnn train` wrote."
        )
    return run


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant}, which is no JSON number")


def _find(
    node: Any, parts: list[str], where: str, file: str
) -> Iterator[tuple[str, Any]]:
    """Yields (place, value) for every place that a pattern names.

    A part `name[]` means every item of the list `name`; a last part `name?` is
    skipped where it is absent.
    """
    if not parts:
        yield where, node
        return
    name = parts[0].rstrip("[]?")
    here = f"{where}.{name}" if where else name
    if not isinstance(node, dict) or name not in node:
        if parts[0].endswith("?") and isinstance(node, dict):
            return
        raise DataError(
            f"{file} lacks the key {here}. Give a {METRICS} that `mnistcnn "
            "train` wrote."
        )
    if not parts[0].endswith("[]"):
        yield from _find(node[name], parts[1:], here, file)
        return
    if not isinstance(node[name], list):
        raise DataError(
            f"{file}: expected {here} to be a list. Received: "
            f"{_shorten(node[name])}. Write the run's metrics anew."
        )
    for index, item in enumerate(node[name]):
        yield from _find(item, parts[1:], f"{here}[{index}]", file)


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value >= 0


def _is_share(value: Any) -> bool:
    return _is_number(value) and value <= 1


_KINDS: dict[str, Callable[[Any], bool]] = {
    "an object": lambda value: isinstance(value, dict),
    "an object or null": lambda value: value is None or isinstance(value, dict),
    "text": lambda value: isinstance(value, str),
    "true or false": lambda value: isinstance(value, bool),
    "a number, 0 or more": _is_number,
    "a number or null": lambda value: value is None or _is_number(value),
    "a share, 0 to 1": _is_share,
    "two shares": lambda value: (
        isinstance(value, list)
        and len(value) == 2
        and all(map(_is_share, value))
    ),
    "a list of counts": lambda value: (
        isinstance(value, list) and all(type(item) is int for item in value)
    ),
    "a list of sizes": lambda value: (
        isinstance(value, list)
        and all(item is None or type(item) is int for item in value)
    ),
}

_KEYS = {
    "test": "an object or null",  # first: the others ask whether it is null
    "config": "an object",
    "data.name": "text",
    "data.generated": "true or false",
    "data.digest": "text",
    "data.sizes": "an object",
    "environment.backend": "text",
    "environment.versions": "an object",
    "environment.device.kind": "text",
    "environment.device.name": "text",
    "environment.processor": "text",
    "history[].epoch": "a number, 0 or more",
    "history[].accuracy": "a share, 0 to 1",
    "history[].loss": "a number or null",  # null: it diverged
    "history[].seconds": "a number, 0 or more",
    "history[].val_accuracy?": "a share, 0 to 1",
    "history[].val_loss?": "a number or null",
    "timing.import": "a number or null",
    "timing.build": "a number or null",
    "timing.first_step": "a number or null",
    "timing.steady_epoch": "a number or null",
    "timing.total": "a number or null",
    "memory.peak_host_bytes": "a number or null",
    "memory.peak_device_bytes": "a number or null",
    "test.accuracy": "a share, 0 to 1",
    "test.n": "a number, 0 or more",
    "test.interval": "two shares",
    "test.loss": "a number or null",
}

_REPORT_KEYS = {
    "data.classes[]": "text",
    "model.name": "text",
    "model.parameters": "a number, 0 or more",
    "model.layers[].name": "text",
    "model.layers[].type": "text",
    "model.layers[].output_shape": "a list of sizes",
    "model.layers[].parameters": "a number, 0 or more",
    "test.confusion[]": "a list of counts",
    "test.per_class[].label": "text",
    "test.per_class[].precision": "a share, 0 to 1",
    "test.per_class[].recall": "a share, 0 to 1",
    "test.per_class[].support": "a number, 0 or more",
}
