"""Result files: read strictly, described by models, refused in one line.

What a file holds is a pydantic model, its rules between fields included. The
models also write their JSON Schema (`result_schema.py`).
"""

import json
import math
import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import pydantic
from pydantic import Field, JsonValue
from pydantic_core import PydanticCustomError

from mnistcnn import units
from mnistcnn.errors import DataError

Format = Annotated[int, Field(ge=1, le=1)]  # a Literal takes true for 1
Backend = Literal["jax", "torch", "tensorflow"]
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{7,40}$")]
Date = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Share = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[float, Field(ge=0)]


class Model(pydantic.BaseModel):
    """An object of a result file: strict types, finite numbers, no changes."""

    model_config = pydantic.ConfigDict(
        strict=True, frozen=True, allow_inf_nan=False
    )


class Device(Model, extra="allow"):
    """What computed: the processor, or an accelerator."""

    kind: str
    name: str


class Machine(Model, extra="allow"):
    """What `mnistcnn.backends.describe_environment` says of one."""

    backend: Backend
    versions: dict[str, str]
    device: Device
    processor: str
    cores: int
    platform: str

    @property
    def hardware(self) -> str:
        """Processor, cores, and the device where it is another."""
        name = "" if self.device.kind == "cpu" else f", {self.device.name}"
        return f"{self.processor}, {units.plain(self.cores)} cores{name}"

    @property
    def software(self) -> list[str]:
        """Keras and the backend, with their versions."""
        return [
            f"{name} {version}"
            for name, version in self.versions.items()
            if name in ("keras", self.backend)
        ]


class Environment(Machine):
    """What `measure.py environment` says of a machine."""

    threads: dict[str, str | None]
    flags: dict[str, str | None]


AnyModel = TypeVar("AnyModel", bound=Model)


def read(path: Path, model: type[AnyModel]) -> AnyModel:
    """Reads a file of strict JSON, which has no NaN.

    Args:
        path: the file.
        model: what it has to hold.

    Returns:
        Its contents.

    Raises:
        DataError: there is no such file, or it holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text, parse_constant=_refuse)
    except (OSError, ValueError, RecursionError) as error:
        raise fault(path, "the file", error, "strict JSON") from error
    return parse(text, model, path)


def parse(text: str, model: type[AnyModel], where: object) -> AnyModel:
    """Reads what a model describes from JSON.

    Args:
        text: the JSON.
        model: what it has to hold.
        where: what errors call the text.

    Raises:
        DataError: a key is missing, a value has another type or does not
            follow from the others.
    """
    try:
        return model.model_validate_json(text)
    except pydantic.ValidationError as error:
        raise _explain(error, json.loads(text), where) from error


def require(right: bool, place: str, found: object, expected: object) -> None:
    """Holds a rule between fields, in a model's validator.

    Args:
        right: whether it is kept.
        place: of the value that breaks it, from the model on.
        found: that value.
        expected: what should be there.

    Raises:
        PydanticCustomError: it is broken; `read` makes one line of it.
    """
    if not right:
        parts = {"place": place, "found": found, "expected": str(expected)}
        raise PydanticCustomError("rule", "It should be {expected}", parts)


def agree(found: object, expected: object) -> bool:
    """Whether two values are the same, numbers but for rounding."""
    numbers = (int, float)
    if isinstance(found, numbers) and isinstance(expected, numbers):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-300)
    return found == expected


def fault(where: object, place: str, found: object, expected: str) -> DataError:
    """The error of one line that a file's fault is.

    Args:
        where: the file.
        place: of the fault in it.
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


def _explain(
    error: pydantic.ValidationError, found: JsonValue, where: object
) -> DataError:
    """Makes one line of the first thing that is wrong."""
    faults = [_locate(one, found) for one in error.errors(include_url=False)]
    place, value, _ = faults[0]
    # A union says once for each of its types what would have been right.
    wanted = [said for other, _, said in faults if other == place]
    return fault(
        where, place or "it", value, " or ".join(dict.fromkeys(wanted))
    )


def _locate(one: Any, found: Any) -> tuple[str, object, str]:
    """Where a fault is, what is there, and what should be."""
    place = ""
    for part in one["loc"]:
        if isinstance(found, dict | list):
            try:
                found = found[part]
            except (KeyError, TypeError):
                if one["type"] != "missing":
                    break  # not a place in the file, but a type in a union
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


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


# What pydantic says should be, in fewer words.
_WORDS = {
    "^(be|have) ": "",
    " after validation.*": "",
    "match pattern": "the form",
    r"greater than or equal to (\S+)": r"\1 or more",
    r"less than or equal to (\S+)": r"\1 or less",
}
