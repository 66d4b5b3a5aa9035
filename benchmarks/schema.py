"""Checks that a result file is what the contract says."""

import json
import math
import re
from pathlib import Path

from machine import slug
from records import METRICS, summarize

from mnistcnn.errors import DataError

FORMAT = 1
SUITES = (
    "training",
    "time_to_accuracy",
    "latency",
    "cold_start",
    "memory",
    "parity",
    "scaling",
    "board",
)
BACKENDS = ("jax", "torch", "tensorflow")

_KEYS = {
    "format": int,
    "suite": str,
    "backend": str,
    "date": str,
    "commit": str,
    "dirty": bool,
    "quick": bool,
    "environment": dict,
    "protocol": dict,
    "measurements": list,
}
_ENVIRONMENT = {
    "backend": str,
    "versions": dict,
    "device": dict,
    "processor": str,
    "cores": int,
    "platform": str,
    "threads": dict,
    "flags": dict,
}
_PROTOCOL = {
    "repeats": int,
    "warmup": int,
    "interleaved": bool,
    "seconds": float,
}
_MEASUREMENT = {
    "case": dict,
    "metric": str,
    "better": str,
    "values": list,
    "median": float,
    "low": float,
    "high": float,
    "n": int,
}


def check_file(path: str | Path) -> dict:
    """Reads a result file and checks it, its name included.

    Args:
        path: `<machine>/<suite>--<backend>.json`.

    Returns:
        The file's contents.

    Raises:
        DataError: the file is not strict JSON of the form in README.md.
    """
    path = Path(path)
    try:
        result = json.loads(path.read_text(), parse_constant=_refuse)
    except (OSError, ValueError) as error:
        raise _fault(path, "the file", str(error), "strict JSON") from error
    check_result(result, path)
    expected = f"{result['suite']}--{result['backend']}.json"
    if path.name != expected:
        raise _fault(path, "its name", path.name, expected)
    machine = slug(result["environment"])
    if path.parent.name != machine:
        raise _fault(path, "its folder", path.parent.name, machine)
    return result


def check_result(result: object, where: object = "the result") -> None:
    """Checks the contents of a result file.

    Args:
        result: what `json.loads` made of it.
        where: what errors call it.

    Raises:
        DataError: a key is missing, a value has another type or does not
            follow from the others.
    """
    _check_keys(result, _KEYS, where, "")
    named = {
        "format": (FORMAT,),
        "suite": SUITES,
        "backend": BACKENDS,
    }
    for key, allowed in named.items():
        if result[key] not in allowed:
            raise _fault(where, key, result[key], f"one of {allowed}")
    for key, pattern in {
        "date": r"\d{4}-\d\d-\d\d",
        "commit": r"[0-9a-f]{7,40}",
    }.items():
        if not re.fullmatch(pattern, result[key]):
            raise _fault(where, key, result[key], f"the form {pattern}")
    environment = result["environment"]
    _check_keys(environment, _ENVIRONMENT, where, "environment.")
    if environment["backend"] != result["backend"]:
        found = environment["backend"]
        raise _fault(where, "environment.backend", found, result["backend"])
    _check_keys(result["protocol"], _PROTOCOL, where, "protocol.")
    if not result["measurements"]:
        raise _fault(where, "measurements", [], "one or more")
    seen = []
    for index, measurement in enumerate(result["measurements"]):
        name = f"measurements[{index}]"
        _check_measurement(measurement, where, name)
        identity = (measurement["case"], measurement["metric"])
        if identity in seen:
            raise _fault(where, f"{name}.case", identity, "it only once")
        seen.append(identity)


def _check_measurement(measurement, where, name: str) -> None:
    _check_keys(measurement, _MEASUREMENT, where, f"{name}.")
    case, values = measurement["case"], measurement["values"]
    flat = all(
        isinstance(value, str) or _is_number(value) for value in case.values()
    )
    if not case or not flat:
        raise _fault(where, f"{name}.case", case, "a flat object")
    metric, better = measurement["metric"], measurement["better"]
    if metric not in METRICS:
        raise _fault(where, f"{name}.metric", metric, f"one of {list(METRICS)}")
    if better != METRICS[metric]:
        raise _fault(where, f"{name}.better", better, METRICS[metric])
    if not values or not all(map(_is_number, values)):
        raise _fault(where, f"{name}.values", values, "finite numbers")
    for key, expected in summarize(values).items():
        found = measurement[key]
        if not math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-300):
            raise _fault(where, f"{name}.{key}", found, expected)
    if not isinstance(measurement.get("note", ""), str):
        raise _fault(where, f"{name}.note", measurement["note"], "a sentence")


def _check_keys(found, types: dict, where, prefix: str) -> None:
    if not isinstance(found, dict):
        raise _fault(where, prefix.rstrip(".") or "it", found, "an object")
    for key, kind in types.items():
        if key not in found:
            raise _fault(where, f"{prefix}{key}", "nothing", "it to be there")
        value = found[key]
        # true is an int in Python, and 3 may stand for 3.0 in JSON.
        right = _is_number(value) if kind is float else type(value) is kind
        if not right:
            raise _fault(where, f"{prefix}{key}", value, f"a {kind.__name__}")


def _is_number(value) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _refuse(constant: str):
    raise ValueError(f"{constant} is no number")


def _fault(where, what: str, found, expected) -> DataError:
    text = " ".join(str(found).split())
    if len(text) > 80:
        text = f"{text[:77]}..."
    return DataError(
        f"{where}: {what} is {text}. Expected {expected}: measure it anew "
        "(python benchmarks/run.py)."
    )
