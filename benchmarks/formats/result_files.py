"""Result files: read strictly, described by models, refused in one line.

The contents of a file are a pydantic model, with rules between fields. The
models are also the source of the JSON Schema (`result_schema.py`).
"""

import json
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

import pydantic
from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from formats.result_faults import explain, fault, require
from mnistcnn import units
from mnistcnn.errors import DataError
from mnistcnn.files import write_json

Format = Annotated[int, Field(ge=1, le=1)]  # a Literal would accept true for 1
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


class Count(Model):
    """How many were right."""

    right: NonNegativeInt
    n: Annotated[int, Field(ge=1)]


class Score(Model):
    """The share of images whose likeliest class is right."""

    accuracy: Share
    n: PositiveInt
    interval: Annotated[list[Share], Field(min_length=2, max_length=2)]

    @model_validator(mode="after")
    def _lies_within(self) -> Self:
        low, high = self.interval
        # With 250 of 250 correct, the rounded interval ends below 1.
        within = low - 1e-9 <= self.accuracy <= high + 1e-9
        require(within, "interval", self.interval, "around accuracy")
        return self


class ReadArtifact(Model):
    """The artifact that drawings were read with."""

    recipe: str | None
    seed: int | None
    weights_sha256: str | None
    threshold: Share


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
        """Processor, cores, and the device if it is a different one."""
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
        DataError: there is no such file, or its contents are invalid.
    """
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text, parse_constant=_refuse)
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror}). Expected a result "
            "file: check the path."
        ) from error
    except (ValueError, RecursionError) as error:
        raise fault(path, "the file", error, "strict JSON") from error
    return parse(text, model, path)


def parse(text: str, model: type[AnyModel], where: object) -> AnyModel:
    """Parses JSON that a model describes.

    Args:
        text: the JSON.
        model: what it has to hold.
        where: the name of the text in errors.

    Raises:
        DataError: a key is missing, a value has another type or does not
            agree with the others.
    """
    try:
        return model.model_validate_json(text)
    except pydantic.ValidationError as error:
        raise explain(error, json.loads(text), where) from error


def write(path: Path, result: dict, model: type[Model]) -> None:
    """Writes a result after checking it against a model.

    Raises:
        DataError: it does not match the model; nothing is written.
    """
    parse(json.dumps(result), model, "the result")
    write_json(path, result)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
