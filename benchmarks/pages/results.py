"""Result files of the benchmarks, read and checked.

One file is one suite on one backend; `benchmarks/README.md` says how they come
to be. Pages, the gate and the README's table get their numbers here.
"""

import json
import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnistcnn.errors import DataError
from mnistcnn.report.fields import Form
from pages.spread import Spread

PATTERN = "*--*.json"  # <suite>--<backend>.json
FORM = Form(
    format=1,
    place=f"a benchmark result file, or a folder with some ({PATTERN})",
    source="a result file that the benchmarks wrote",
    remedy="Measure anew.",
)


@dataclass(frozen=True)
class Measurement:
    """What one thing came to, in one case.

    Args:
        case: what was varied: names to text or numbers.
        metric: what was measured; the name ends in the unit.
        better: "lower", "higher" or "none".
        values: the repeats, in their order.
        spread: their median and quartiles.
        note: a sentence, or nothing.
    """

    case: Mapping[str, str | float]
    metric: str
    better: str
    values: tuple[float, ...]
    spread: Spread
    note: str = ""

    @property
    def key(self) -> str:
        """Names the case and the metric, the same in every file."""
        case = json.dumps(self.case, sort_keys=True, ensure_ascii=False)
        return f"{self.metric} {case}"

    @property
    def title(self) -> str:
        """Writes the case for people."""
        case = self.case.items()
        said = [
            str(value) if isinstance(value, str) else f"{name} {value:g}"
            for name, value in case
        ]
        return ", ".join(said)


@dataclass(frozen=True)
class Result:
    """One suite on one backend.

    Args:
        file: where it was read from.
        facts: the file's object; all but the measurements is read here.
        measurements: what was measured, in the file's order.
    """

    file: Path
    facts: Mapping[str, Any]
    measurements: tuple[Measurement, ...]

    @property
    def suite(self) -> str:
        """The suite's name."""
        return self.facts["suite"]

    @property
    def backend(self) -> str:
        """The backend's name."""
        return self.facts["backend"]


def read_results(paths: Iterable[str | Path]) -> list[Result]:
    """Reads result files and checks every key that is used.

    Args:
        paths: files, or folders that are searched for files named
            `<suite>--<backend>.json`. What is named twice is read once.

    Returns:
        The results in the order of the paths, a folder's by name.

    Raises:
        DataError: there is no file, or one is missing, is not JSON, lacks a
            key, has something else in its place, or contradicts itself.
    """
    files: dict[Path, Path] = {}
    for path in map(Path, paths):
        found = sorted(path.rglob(PATTERN)) if path.is_dir() else [path]
        if not found:
            raise DataError(
                f"Expected {FORM.place}. Received: the folder {path}, which "
                "holds none. Run the benchmarks first."
            )
        files |= {file.resolve(): file for file in found}
    if not files:
        raise DataError(
            f"Expected {FORM.place}. Received: none. Give at least one."
        )
    return [_read(file) for file in files.values()]


def _read(file: Path) -> Result:
    facts = FORM.read(file)
    FORM.check(facts, file, _KEYS)
    found: dict[str, Measurement] = {}
    for index, raw in enumerate(facts["measurements"]):
        where = f"measurements[{index}]"
        spread = Spread(raw["median"], raw["low"], raw["high"], int(raw["n"]))
        _check(spread, raw["values"], f"{file}: expected {where}")
        measurement = Measurement(
            raw["case"],
            raw["metric"],
            raw["better"],
            tuple(raw["values"]),
            spread,
            raw.get("note") or "",
        )
        if measurement.key in found:
            raise DataError(
                f"{file}: expected {where} to be measured once. Received: "
                f"{measurement.metric} of {measurement.title} a second time. "
                f"{FORM.remedy}"
            )
        found[measurement.key] = measurement
    return Result(file, facts, tuple(found.values()))


def _check(spread: Spread, values: list[float], expected: str) -> None:
    """Refuses a summary that its own repeats contradict."""
    if spread.n != len(values):
        raise DataError(
            f"{expected}.n to be {len(values)}, the count of values. "
            f"Received: {spread.n}. {FORM.remedy}"
        )
    median = statistics.median(values)
    # Files may round what they sum up.
    if not math.isclose(spread.median, median, rel_tol=1e-3, abs_tol=1e-12):
        raise DataError(
            f"{expected}.median to be {median:g}, that of values. Received: "
            f"{spread.median:g}. {FORM.remedy}"
        )
    slack = 1e-3 * max(values)
    low, high = min(values) - slack, max(values) + slack
    if not low <= spread.low <= spread.high <= high:
        raise DataError(
            f"{expected}.low and high to be quartiles of values. Received: "
            f"{spread.low:g} and {spread.high:g}. {FORM.remedy}"
        )


_KEYS = {
    "suite": "text",
    "backend": "text",
    "date": "text",
    "commit": "text or null",
    "dirty": "true or false",
    "quick": "true or false",
    "environment.versions": "an object",
    "environment.device.kind": "text",
    "environment.device.name": "text",
    "environment.processor": "text",
    "environment.cores": "a number or null",
    "environment.threads": "an object",
    "environment.flags": "an object",
    "protocol": "an object",
    "measurements[].case": "an object of text and numbers",
    "measurements[].metric": "text",
    "measurements[].better": "lower, higher or none",
    "measurements[].values": "numbers, at least one",
    "measurements[].median": "a number, 0 or more",
    "measurements[].low": "a number, 0 or more",
    "measurements[].high": "a number, 0 or more",
    "measurements[].n": "a number, 0 or more",
    "measurements[].note?": "text or null",
}
