"""JSON files from outside: read strictly, and checked key by key.

What a kind of file must hold is a table from the place of a key to the kind
of its value. What is missing or of another kind is one line that names both
the file and the key.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnistcnn.errors import DataError


@dataclass(frozen=True)
class Form:
    """A kind of file, as its errors speak of it.

    Args:
        format: the number that such a file gives as its `format`.
        place: what was to be given ("a run directory, or ...").
        source: what to give instead ("a metrics.json that ... wrote").
        remedy: how to mend a file whose value is of a wrong kind.
    """

    format: int
    place: str
    source: str
    remedy: str

    def read(self, file: Path) -> dict[str, Any]:
        """Reads strict JSON with an object of this format at the top.

        Args:
            file: the file.

        Returns:
            The object, in which `format` alone is checked.

        Raises:
            DataError: the file is missing, no strict JSON, no object, or of
                another format.
        """
        try:
            found = json.loads(
                file.read_text(encoding="utf-8"), parse_constant=_refuse
            )
        except OSError as error:
            raise DataError(
                f"Expected {self.place}. Received: {file} ({error.strerror}). "
                f"Give {self.source}."
            ) from error
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"Expected strict JSON in {file}. Received: {error}. Give "
                f"{self.source}."
            ) from error
        if not isinstance(found, dict):
            raise DataError(
                f"Expected a JSON object in {file}. Received: "
                f"{shorten(found)}. Give {self.source}."
            )
        if found.get("format") != self.format:
            raise DataError(
                f"{file}: expected format {self.format}. Received: "
                f"{shorten(found.get('format'))}. Read it with the mnistcnn "
                "that wrote it, or make it anew."
            )
        return found

    def check(
        self, found: dict[str, Any], file: Path, keys: Mapping[str, str]
    ) -> None:
        """Checks that keys are there and of their kinds.

        Args:
            found: what `read` gave.
            file: named in errors.
            keys: per place the kind (one of `KINDS`). Dots lead inwards,
                `name[]` means every item of a list, and a last `name?` may
                be absent.

        Raises:
            DataError: a key is missing or has something else in its place.
        """
        for place, kind in keys.items():
            for where, value in self._find(found, place.split("."), "", file):
                if not KINDS[kind](value):
                    raise DataError(
                        f"{file}: expected {where} to be {kind}. Received: "
                        f"{shorten(value)}. {self.remedy}"
                    )

    def _find(
        self, node: Any, parts: list[str], where: str, file: Path
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
            raise DataError(f"{file} lacks the key {here}. Give {self.source}.")
        if not parts[0].endswith("[]"):
            yield from self._find(node[name], parts[1:], here, file)
            return
        if not isinstance(node[name], list):
            raise DataError(
                f"{file}: expected {here} to be a list. Received: "
                f"{shorten(node[name])}. {self.remedy}"
            )
        for index, item in enumerate(node[name]):
            yield from self._find(item, parts[1:], f"{here}[{index}]", file)


def shorten(value: Any) -> str:
    """Writes a value for an error's one line.

    Args:
        value: anything that JSON can hold.

    Returns:
        At most 60 characters.
    """
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant}, which is no JSON number")


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # The bound is for whole numbers too large to become a float.
    return 0 <= value < 1e300 and math.isfinite(value)


def _is_share(value: Any) -> bool:
    return _is_number(value) and value <= 1


def _is_flat(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(item, str) or _is_number(item) for item in value.values()
    )


KINDS: dict[str, Callable[[Any], bool]] = {
    "an object": lambda value: isinstance(value, dict),
    "an object or null": lambda value: value is None or isinstance(value, dict),
    "an object of text and numbers": _is_flat,
    "text": lambda value: isinstance(value, str),
    "text or null": lambda value: value is None or isinstance(value, str),
    "true or false": lambda value: isinstance(value, bool),
    "lower, higher or none": lambda value: value in ("lower", "higher", "none"),
    "a number, 0 or more": _is_number,
    "a number or null": lambda value: value is None or _is_number(value),
    "a share, 0 to 1": _is_share,
    "two shares": lambda value: (
        isinstance(value, list)
        and len(value) == 2
        and all(map(_is_share, value))
    ),
    "numbers, at least one": lambda value: (
        isinstance(value, list) and value != [] and all(map(_is_number, value))
    ),
    "a list of counts": lambda value: (
        isinstance(value, list) and all(type(item) is int for item in value)
    ),
    "a list of sizes": lambda value: (
        isinstance(value, list)
        and all(item is None or type(item) is int for item in value)
    ),
}
