"""What a run needs to go on: one file, written whole after every epoch."""

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from mnistcnn.backends import keras
from mnistcnn.errors import ConfigError, DivergedError
from mnistcnn.files import write_atomically

FORMAT = 2


@dataclasses.dataclass
class Progress:
    """How far a run has come, beside the weights.

    Args:
        recipe: as JSON has it.
        digest: of the data.
        step: the number of the training under way, from 1.
        history: one dict for each finished epoch of that training.
        best: the best validation accuracy so far, or `None`.
        finished: whether that training came to its end.
    """

    recipe: dict[str, Any]
    digest: str
    step: int = 1
    history: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    best: float | None = None
    finished: bool = False


def save_progress(path: Path, progress: Progress) -> None:
    """Writes how far a run has come before its first epoch.

    Args:
        path: the `.npz` to write or replace.
        progress: of no epoch.

    Raises:
        OSError: the disk refuses; the old file stays.
    """
    _write(path, {}, _describe(progress))


def read_progress(path: Path) -> Progress:
    """Reads how far a run has come.

    Args:
        path: the `.npz`.

    Raises:
        ConfigError: the file is damaged, or of another version.
    """
    _, state = _read(path)
    state.pop("stopping", None)
    return Progress(**state)


def save_checkpoint(
    path: Path, model: keras.Model, stopping: Any, progress: Progress
) -> None:
    """Writes variables, optimizer state, early stopping and progress.

    One file, so that a kill cannot pair the weights of one epoch with the
    state of another.

    Args:
        path: the `.npz` to write or replace.
        model: compiled, with its optimizer built.
        stopping: a `keras.callbacks.EarlyStopping`, or `None`.
        progress: what else to keep.

    Raises:
        DivergedError: a number is NaN or infinite; the old file stays.
        OSError: the disk refuses; the old file stays.
    """
    arrays = {}
    for prefix, variables in _variables(model).items():
        for index, variable in enumerate(variables):
            arrays[f"{prefix}_{index}"] = np.array(
                keras.ops.convert_to_numpy(variable.value)
            )
    state = _describe(progress)
    if stopping is not None:
        best = stopping.best
        state["stopping"] = {
            "wait": int(stopping.wait),
            "best": None if best is None else float(best),
            # Keras makes it when training begins.
            "best_epoch": int(getattr(stopping, "best_epoch", 0)),
        }
        for index, array in enumerate(stopping.best_weights or []):
            arrays[f"stopping_{index}"] = np.array(array)
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise DivergedError(
                f"The numbers of {name} are not all finite after epoch "
                f"{len(progress.history)}. Expected finite ones: lower the "
                "learning rate."
            )
    _write(path, arrays, state)


def load_checkpoint(path: Path, model: keras.Model, stopping: Any) -> Progress:
    """Puts a run back to where `save_checkpoint` left it.

    Args:
        path: the `.npz`; one of no epoch leaves the model as it is.
        model: compiled, of the same architecture; its variables and its
            optimizer's are assigned.
        stopping: the run's `keras.callbacks.EarlyStopping`, or `None`.

    Returns:
        The run's `Progress`.

    Raises:
        ConfigError: the file is damaged or of another model.
    """
    arrays, state = _read(path)
    kept = state.pop("stopping", None)
    progress = Progress(**state)
    if not progress.history:
        return progress
    model.optimizer.build(model.trainable_variables)
    try:
        for prefix, variables in _variables(model).items():
            for index, variable in enumerate(variables):
                variable.assign(arrays[f"{prefix}_{index}"])
    except Exception as error:
        raise _refuse(path, error) from error
    if stopping is not None and kept is not None:
        stopping.wait = kept["wait"]
        stopping.best_epoch = kept["best_epoch"]
        if kept["best"] is not None:
            stopping.best = kept["best"]
        names = [name for name in arrays if name.startswith("stopping_")]
        if names:
            stopping.best_weights = [
                arrays[f"stopping_{i}"] for i in range(len(names))
            ]
    return progress


def _variables(model) -> dict[str, list[Any]]:
    # Without the metrics' own, which start anew with each epoch.
    weights = [v for layer in model.layers for v in layer.variables]
    return {"model": weights, "optimizer": model.optimizer.variables}


def _describe(progress: Progress) -> dict[str, Any]:
    return {"format": FORMAT, **dataclasses.asdict(progress)}


def _write(path: Path, arrays: dict[str, Any], state: dict[str, Any]) -> None:
    text = json.dumps(state, allow_nan=False).encode()
    buffer = io.BytesIO()
    np.savez(buffer, **arrays, state=np.frombuffer(text, np.uint8))
    write_atomically(path, buffer.getvalue())


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arrays and the state of a file, whose format is ours."""
    try:
        with np.load(io.BytesIO(path.read_bytes())) as archive:
            arrays = dict(archive)
        state = json.loads(arrays.pop("state").tobytes())
        found = state.pop("format")
        if found == FORMAT:
            Progress(**{k: v for k, v in state.items() if k != "stopping"})
    # zipfile, NumPy and json raise a dozen classes for damaged files.
    except Exception as error:
        raise _refuse(path, error) from error
    if found != FORMAT:
        raise ConfigError(
            f"{path} has another format, {str(found)[:20]}: another version "
            f"of mnistcnn began that run. Expected {FORMAT}: go on with that "
            "version, or start a new run in another folder."
        )
    return arrays, state


def _refuse(path: Path, error: Exception) -> ConfigError:
    return ConfigError(
        f"{path} cannot be resumed from ({type(error).__name__}: {error}). "
        "Expected the checkpoint of the same model: start a new run in "
        "another folder."
    )
