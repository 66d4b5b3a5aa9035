"""Faults of result files: rules between fields, errors of one line."""

import math
import re
from typing import Any

import pydantic
from pydantic import JsonValue
from pydantic_core import PydanticCustomError

from mnistcnn.errors import DataError


def require(right: bool, place: str, found: object, expected: object) -> None:
    """Enforces a rule between fields, in a model's validator.

    Args:
        right: whether the rule holds.
        place: the path of the value that breaks it, relative to the model.
        found: that value.
        expected: what should be there.

    Raises:
        PydanticCustomError: the rule is broken; `read` makes one line of it.
    """
    if not right:
        parts = {"place": place, "found": found, "expected": str(expected)}
        raise PydanticCustomError("rule", "It should be {expected}", parts)


def agree(found: object, expected: object) -> bool:
    """Whether two values are equal, numbers up to rounding."""
    numbers = (int, float)
    if isinstance(found, numbers) and isinstance(expected, numbers):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-300)
    return found == expected


def fault(where: object, place: str, found: object, expected: str) -> DataError:
    """Makes the error for a fault of a file, in one line.

    Args:
        where: the file.
        place: the path of the fault in it.
        found: what is there.
        expected: what should be there.
    """
    text = " ".join(str(found).split())
    if len(text) > 80:
        text = f"{text[:77]}..."
    return DataError(
        f"{where}: {place} is {text}. Expected {expected}: measure it anew "
        "(benchmarks/README.md says how)."
    )


def explain(
    error: pydantic.ValidationError, found: JsonValue, where: object
) -> DataError:
    """Describes the first fault in one line.

    Args:
        error: pydantic's error for a file's contents.
        found: the contents.
        where: the file.
    """
    faults = [_locate(one, found) for one in error.errors(include_url=False)]
    place, value, _ = faults[0]
    # A union reports an error for each of its types.
    wanted = [said for other, _, said in faults if other == place]
    return fault(
        where, place or "it", value, " or ".join(dict.fromkeys(wanted))
    )


def _locate(one: Any, found: Any) -> tuple[str, object, str]:
    """Returns where a fault is, what was found, and what was expected."""
    place = ""
    for part in one["loc"]:
        if isinstance(found, dict | list):
            try:
                found = found[part]
            except (KeyError, TypeError):
                if one["type"] != "missing":
                    break  # not part of the path, but a type in a union
        else:
            break
        place += f"[{part}]" if isinstance(part, int) else f".{part}"
    if one["type"] == "missing":
        return place.lstrip("."), "nothing", "it to be there"
    if one["type"] == "rule":
        place, found = f"{place}.{one['ctx']['place']}", one["ctx"]["found"]
    said = one["msg"].partition(" should ")[2] or one["msg"]
    for pattern, words in _WORDS.items():
        said = re.sub(pattern, words, said)
    return place.lstrip("."), found, said


# Shorter forms of pydantic's messages.
_WORDS = {
    "^(be|have) ": "",
    " after validation.*": "",
    "match pattern": "the form",
    r"greater than or equal to (\S+)": r"\1 or more",
    r"less than or equal to (\S+)": r"\1 or less",
}
