"""Metrics files as untrusted input: read strictly, and checked key by key.

A table maps the place of each required key to the kind of its value. A missing
key, or a value of another kind, is an error of one line that names both the
file and the key.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mnistcnn.errors import DataError
from mnistcnn.files import read_regular

FORMAT = 1
MAX_BYTES = 64 << 20  # larger than any such file
SOURCE = "Give a metrics.json that `mnistcnn train` wrote."
REMEDY = "Write the run's metrics anew."


def read_object(file: Path) -> dict[str, Any]:
    """Reads strict JSON with an object of the right format at the top.

    Returns:
        The object, of which only `format` is checked.

    Raises:
        DataError: the file is missing, not strict JSON, not an object, or of
            another format.
    """
    try:
        data = read_regular(file, max_bytes=MAX_BYTES)
        found = json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except OSError as error:
        raise DataError(
            f"Expected a run directory with metrics.json, or such a file. "
            f"Received: {file} ({error.strerror}). {SOURCE}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"Expected strict JSON in {file}. Received: {error}. {SOURCE}"
        ) from error
    if not isinstance(found, dict):
        raise DataError(
            f"Expected a JSON object in {file}. Received: {shorten(found)}. "
            f"{SOURCE}"
        )
    if found.get("format") != FORMAT:
        raise DataError(
            f"{file}: expected format {FORMAT}. Received: "
            f"{shorten(found.get('format'))}. Read it with the mnistcnn that "
            "wrote it, or make it anew."
        )
    return found


def check_fields(
    found: dict[str, Any], file: str | Path, fields: Mapping[str, str]
) -> None:
    """Checks that keys exist and have values of the right kinds.

    Args:
        found: the result of `read_object`.
        file: named in errors.
        fields: per place the kind (one of `KINDS`). Dots lead inwards,
            `name[]` means every item of a list, and a last `name?` may be
            absent.

    Raises:
        DataError: a key is missing, or has a value of another kind.
    """
    for place, kind in fields.items():
        for where, value in _find(found, place.split("."), "", file):
            if not KINDS[kind](value):
                raise DataError(
                    f"{file}: expected {where} to be {kind}. Received: "
                    f"{shorten(value)}. {REMEDY}"
                )


def shorten(value: object) -> str:
    """Writes a value for an error's one line, in at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _find(
    node: Any, parts: list[str], where: str, file: str | Path
) -> Iterator[tuple[str, Any]]:
    """Yields (place, value) for every place that a pattern names."""
    if not parts:
        yield where, node
        return
    name = parts[0].rstrip("[]?")
    here = f"{where}.{name}" if where else name
    if not isinstance(node, dict) or name not in node:
        if parts[0].endswith("?") and isinstance(node, dict):
            return
        raise DataError(f"{file} lacks the key {here}. {SOURCE}")
    if not parts[0].endswith("[]"):
        yield from _find(node[name], parts[1:], here, file)
        return
    if not isinstance(node[name], list):
        raise DataError(
            f"{file}: expected {here} to be a list. Received: "
            f"{shorten(node[name])}. {REMEDY}"
        )
    for index, item in enumerate(node[name]):
        yield from _find(item, parts[1:], f"{here}[{index}]", file)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant}, which is no JSON number")


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # The bound is for whole numbers too large to become a float.
    return 0 <= value < 1e300 and math.isfinite(value)


def _is_share(value: Any) -> bool:
    return _is_number(value) and value <= 1


def _is_list(value: Any, check: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(check, value))


KINDS: dict[str, Callable[[Any], bool]] = {
    "an object": lambda value: isinstance(value, dict),
    "an object or null": lambda value: value is None or isinstance(value, dict),
    "text": lambda value: isinstance(value, str),
    "text or null": lambda value: value is None or isinstance(value, str),
    "true or false": lambda value: isinstance(value, bool),
    "a number, 0 or more": _is_number,
    "a number or null": lambda value: value is None or _is_number(value),
    "a share, 0 to 1": _is_share,
    "two shares": lambda value: _is_list(value, _is_share) and len(value) == 2,
    "a list of counts": lambda value: _is_list(value, lambda n: type(n) is int),
    "a list of sizes": lambda value: _is_list(
        value, lambda n: n is None or type(n) is int
    ),
}
