"""Checks that a result file is what the contract says."""

import math
from pathlib import Path

from checks import (
    BACKENDS,
    ENVIRONMENT,
    check_forms,
    check_keys,
    fault,
    is_number,
    read_strictly,
)
from machine import slug
from records import METRICS, summarize

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
    result = read_strictly(path)
    check_result(result, path)
    expected = f"{result['suite']}--{result['backend']}.json"
    if path.name != expected:
        raise fault(path, "its name", path.name, expected)
    machine = slug(result["environment"])
    if path.parent.name != machine:
        raise fault(path, "its folder", path.parent.name, machine)
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
    check_keys(result, _KEYS, where, "")
    named = {
        "format": (FORMAT,),
        "suite": SUITES,
        "backend": BACKENDS,
    }
    for key, allowed in named.items():
        if result[key] not in allowed:
            raise fault(where, key, result[key], f"one of {allowed}")
    check_forms(result, where)
    environment = result["environment"]
    check_keys(environment, ENVIRONMENT, where, "environment.")
    if environment["backend"] != result["backend"]:
        found = environment["backend"]
        raise fault(where, "environment.backend", found, result["backend"])
    check_keys(result["protocol"], _PROTOCOL, where, "protocol.")
    if not result["measurements"]:
        raise fault(where, "measurements", [], "one or more")
    seen = []
    for index, measurement in enumerate(result["measurements"]):
        name = f"measurements[{index}]"
        _check_measurement(measurement, where, name)
        identity = (measurement["case"], measurement["metric"])
        if identity in seen:
            raise fault(where, f"{name}.case", identity, "it only once")
        seen.append(identity)


def _check_measurement(measurement, where, name: str) -> None:
    check_keys(measurement, _MEASUREMENT, where, f"{name}.")
    case, values = measurement["case"], measurement["values"]
    flat = all(
        isinstance(value, str) or is_number(value) for value in case.values()
    )
    if not case or not flat:
        raise fault(where, f"{name}.case", case, "a flat object")
    metric, better = measurement["metric"], measurement["better"]
    if metric not in METRICS:
        raise fault(where, f"{name}.metric", metric, f"one of {list(METRICS)}")
    if better != METRICS[metric]:
        raise fault(where, f"{name}.better", better, METRICS[metric])
    if not values or not all(map(is_number, values)):
        raise fault(where, f"{name}.values", values, "finite numbers")
    for key, expected in summarize(values).items():
        found = measurement[key]
        if not math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-300):
            raise fault(where, f"{name}.{key}", found, expected)
    if not isinstance(measurement.get("note", ""), str):
        raise fault(where, f"{name}.note", measurement["note"], "a sentence")
