"""What the checks of all result files share: strict JSON, types, faults."""

import json
import math
import re
from pathlib import Path

from mnistcnn.errors import DataError

BACKENDS = ("jax", "torch", "tensorflow")
# What `measure.py environment` says of a machine, and of what kind it is.
ENVIRONMENT = {
    "backend": str,
    "versions": dict,
    "device": dict,
    "processor": str,
    "cores": int,
    "platform": str,
    "threads": dict,
    "flags": dict,
}
_FORMS = {"date": r"\d{4}-\d\d-\d\d", "commit": r"[0-9a-f]{7,40}"}


def read_strictly(path: Path) -> object:
    """Reads a file of strict JSON, which has no NaN.

    Raises:
        DataError: there is no such file, or it is another.
    """
    try:
        return json.loads(path.read_text(), parse_constant=_refuse)
    except (OSError, ValueError) as error:
        raise fault(path, "the file", str(error), "strict JSON") from error


def check_keys(found, types: dict, where, prefix: str) -> None:
    """Checks that an object has these keys, with values of these types.

    Args:
        found: a value out of a file.
        types: the type of each key's value; `float` takes any finite number.
        where: what errors call the file.
        prefix: what errors put before a key.

    Raises:
        DataError: it does not.
    """
    if not isinstance(found, dict):
        raise fault(where, prefix.rstrip(".") or "it", found, "an object")
    for key, kind in types.items():
        if key not in found:
            raise fault(where, f"{prefix}{key}", "nothing", "it to be there")
        value = found[key]
        # true is an int in Python, and 3 may stand for 3.0 in JSON.
        right = is_number(value) if kind is float else type(value) is kind
        if not right:
            raise fault(where, f"{prefix}{key}", value, f"a {kind.__name__}")


def check_forms(found: dict, where, prefix: str = "") -> None:
    """Checks that `date` and `commit` look like such.

    Raises:
        DataError: they do not.
    """
    for key, pattern in _FORMS.items():
        if not re.fullmatch(pattern, found[key]):
            raise fault(
                where, f"{prefix}{key}", found[key], f"the form {pattern}"
            )


def is_number(value) -> bool:
    """Whether a value is a finite number."""
    return type(value) in (int, float) and math.isfinite(value)


def fault(where, what: str, found, expected) -> DataError:
    """The error of one line that a file's fault is."""
    text = " ".join(str(found).split())
    if len(text) > 80:
        text = f"{text[:77]}..."
    return DataError(
        f"{where}: {what} is {text}. Expected {expected}: measure it anew "
        "(benchmarks/README.md says how)."
    )


def _refuse(constant: str):
    raise ValueError(f"{constant} is no number")
