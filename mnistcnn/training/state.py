"""The progress of a run in its file, read without Keras."""

import dataclasses
import io
import json
import math
import zipfile
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from mnistcnn.errors import CheckpointError
from mnistcnn.files import read_regular, write_atomically

FORMAT = 3
# An artifact has at most 4 million numbers; Adam keeps three more for each.
_MAX_BYTES = 1 << 28
_MAX_EPOCHS = 1 << 31
_NUMBER = (int, float)


@dataclasses.dataclass
class Progress:
    """The progress of a run, apart from the weights.

    Args:
        recipe: as JSON values.
        digest: of the data.
        step: the number of the current training, from 1.
        history: one dict for each finished epoch of that training.
        best: the best validation accuracy so far, or `None`.
        finished: whether that training is finished.
        frozen: the names of the layers that do not train.
        callbacks: the states of callbacks that watch a metric, in order; their
            best weights are stored separately.
    """

    recipe: dict[str, Any]
    digest: str
    step: int = 1
    history: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    best: float | None = None
    finished: bool = False
    frozen: list[str] = dataclasses.field(default_factory=list)
    callbacks: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    @property
    def epoch(self) -> int:
        """The number of the last whole epoch; 0 for none."""
        return self.history[-1]["epoch"] if self.history else 0


def read_progress(path: Path) -> Progress:
    """Reads the progress of a run.

    Args:
        path: the `.npz`.

    Raises:
        CheckpointError: the file is damaged, or from another version.
    """
    return read_state(path)[1]


def write_state(path: Path, arrays: dict[str, Any], progress: Progress) -> None:
    """Writes progress and arrays atomically."""
    state = {"format": FORMAT, **dataclasses.asdict(progress)}
    text = json.dumps(state, allow_nan=False).encode()
    buffer = io.BytesIO()
    np.savez(buffer, **arrays, state=np.frombuffer(text, np.uint8))
    write_atomically(path, buffer.getvalue())


def read_state(path: Path) -> tuple[dict[str, Any], Progress]:
    """Reads the arrays and the progress of a file in our format."""
    try:
        data = read_regular(path, max_bytes=_MAX_BYTES)
        arrays = _read_arrays(data)
        state = json.loads(arrays.pop("state").tobytes())
        found = state.pop("format")
        progress = Progress(**state) if found == FORMAT else None
        if progress is not None:
            _check_types(progress)
    # zipfile, NumPy and json raise a dozen classes for damaged files.
    except Exception as error:
        raise refuse(path, error) from error
    if progress is None:
        raise CheckpointError(
            f"{path} has another format, {str(found)[:20]}: another version "
            f"of mnistcnn began that run. Expected {FORMAT}: go on with that "
            "version, or start a new run in another folder."
        )
    return arrays, progress


def _read_arrays(data: bytes) -> dict[str, Any]:
    """Reads the arrays of an archive with uncompressed members."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if member.compress_type != zipfile.ZIP_STORED:
                raise ValueError(f"{member.filename[:40]!r} is compressed")
    with np.load(io.BytesIO(data)) as archive:
        return dict(archive)


def _check_types(progress: Progress) -> None:
    """Raises a `TypeError` or `ValueError` if a field has a wrong type."""
    wanted: dict[str, Any] = {
        "recipe": dict,
        "digest": str,
        "step": int,
        "history": list,
        "best": (*_NUMBER, NoneType),
        "finished": bool,
        "frozen": list,
        "callbacks": list,
    }
    fields = [(name, getattr(progress, name), t) for name, t in wanted.items()]
    fields += [("frozen", name, str) for name in progress.frozen]
    for row in (*progress.history, *progress.callbacks):
        fields.append(("a row", row, dict))
    for name, value, kind in fields:
        _check_type(name, value, kind)
    last = 0
    for row in progress.history:
        for name in ("loss", "seconds", "learning_rate"):
            _check_type(f"the history's {name}", row.get(name), _NUMBER)
        for name, value in row.items():
            _check_type(f"the history's {name}", value, (*_NUMBER, NoneType))
        _check_type("the history's epoch", row.get("epoch"), int)
        if not last < row["epoch"] < _MAX_EPOCHS:
            raise ValueError(f"epoch {row['epoch']} comes after {last}")
        last = row["epoch"]
    for state in progress.callbacks:
        for name, value in state.items():
            kind = str if name in ("kind", "monitor") else _NUMBER
            _check_type(f"a callback's {name}", value, kind)
    if progress.finished and not progress.history:
        raise ValueError("it is finished and has no epoch")


def _check_type(name: str, value: Any, kind: Any) -> None:
    """Raises an error if a value has another type, or is not finite."""
    wrong = isinstance(value, bool) and kind is not bool
    if wrong or not isinstance(value, kind):
        raise TypeError(f"{name} is {str(value)[:40]!r}")
    # A whole number that is too large for a float is an OverflowError.
    if isinstance(value, _NUMBER) and not math.isfinite(value):
        raise ValueError(f"{name} is {value}")


def refuse(path: Path, error: Exception) -> CheckpointError:
    """Makes the error for a file that cannot be resumed from."""
    said = " ".join(str(error).split())[:200]
    return CheckpointError(
        f"{path} cannot be resumed from ({type(error).__name__}: {said}). "
        "Expected the checkpoint of the same model: start a new run in "
        "another folder."
    )
