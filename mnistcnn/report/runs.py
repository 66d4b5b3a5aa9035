"""A finished run, read from its `metrics.json` and checked.

Reports and comparisons get their numbers only here, so that everything they
print has been checked for presence and kind.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mnistcnn.errors import DataError
from mnistcnn.report.fields import check_fields, read_object, shorten
from mnistcnn.report.finetuning import list_keys

METRICS = "metrics.json"


def read_run(path: str | Path, *, whole: bool = False) -> dict[str, Any]:
    """Reads a run and checks every key that its readers use.

    Args:
        path: a run directory, or a `metrics.json` under any name.
        whole: whether keys that only a report needs are required too (the
            layers, the scores per class, the confusion matrix).

    Returns:
        The metrics as nested dictionaries; `test` is None if the run was
        stopped before its test.

    Raises:
        DataError: the file is missing, is not JSON, lacks a key, has a value of
            another kind, or is a benchmark's result.
    """
    path = Path(path)
    file = path / METRICS if path.is_dir() else path
    # Not deeper: the folder may be a whole disk.
    nearby = (_BENCHMARK, f"*/{_BENCHMARK}")
    if not file.exists() and any(any(path.glob(name)) for name in nearby):
        raise _send_away(path)
    run = read_object(file)
    if "suite" in run:
        raise _send_away(path)
    check_fields(run, file, {"test": "an object or null"})
    keys = _KEYS | _REPORT_KEYS | list_keys(run) if whole else _KEYS
    if run["test"] is None:
        keys = {k: kind for k, kind in keys.items() if k[:5] != "test."}
    check_fields(run, file, keys)
    if whole and run["test"] is not None:
        size = len(run["data"]["classes"])
        widths = [len(row) for row in run["test"]["confusion"]]
        if widths != [size] * size:
            raise DataError(
                f"{file}: expected test.confusion to have {size} rows of "
                f"{size} counts, as data.classes. Received: rows of "
                f"{shorten(widths)}. Write the run's metrics anew."
            )
    return run


def check_page(out: Path, paths: Sequence[Path]) -> None:
    """Raises a `DataError` if a page would replace what is of the runs.

    Args:
        out: where a page of these runs is to go.
        paths: of the runs, as for `read_run`.
    """
    folders = [path if path.is_dir() else path.parent for path in paths]
    own = [*paths, *(folder / "report.html" for folder in folders)]
    taken = out.exists() and any(p.exists() and out.samefile(p) for p in own)
    if out.suffix.lower() not in (".html", ".htm") or taken:
        raise DataError(
            "Expected a page to write, .html, that is no run's own file. "
            f"Received: {out}. Choose another --out."
        )


def _send_away(path: Path) -> DataError:
    return DataError(
        f"Expected a run. Received: the benchmark results {path}. Their page "
        "is made by benchmarks/compare.py: nox -s compare -- RESULT..."
    )


_BENCHMARK = "*--*.json"  # <suite>--<backend>.json
_KEYS = {
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
    "history[].loss": "a number or null",  # null: training diverged
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
