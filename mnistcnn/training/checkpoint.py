"""What a run needs to go on: one file, written whole after every epoch."""

import dataclasses
import io
import json
from pathlib import Path

import numpy as np

from mnistcnn.backends import keras
from mnistcnn.errors import ConfigError, DivergedError
from mnistcnn.files import write_atomically

FORMAT = 1


@dataclasses.dataclass
class Progress:
    """How far a run has come, beside the weights.

    Args:
        config: the `TrainConfig` as a dict.
        digest: of the data.
        history: one dict for each finished epoch.
        best: the best validation accuracy so far, or `None`.
        finished: whether training came to its end.
    """

    config: dict
    digest: str
    history: list[dict] = dataclasses.field(default_factory=list)
    best: float | None = None
    finished: bool = False


def save_checkpoint(path: Path, model, stopping, progress: Progress) -> None:
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
    state = {"format": FORMAT, **dataclasses.asdict(progress)}
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
    text = json.dumps(state, allow_nan=False).encode()
    arrays["state"] = np.frombuffer(text, np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_atomically(path, buffer.getvalue())


def load_checkpoint(path: Path, model, stopping) -> Progress:
    """Puts a run back to where `save_checkpoint` left it.

    Args:
        path: the `.npz`.
        model: compiled, of the same architecture; its variables and its
            optimizer's are assigned.
        stopping: the run's `keras.callbacks.EarlyStopping`, or `None`.

    Returns:
        The run's `Progress`.

    Raises:
        ConfigError: the file is damaged or of another model.
    """
    model.optimizer.build(model.trainable_variables)
    try:
        with np.load(io.BytesIO(path.read_bytes())) as archive:
            arrays = dict(archive)
        state = json.loads(arrays.pop("state").tobytes())
        if state.pop("format") != FORMAT:
            raise ValueError("another format")
        for prefix, variables in _variables(model).items():
            for index, variable in enumerate(variables):
                variable.assign(arrays[f"{prefix}_{index}"])
        kept = state.pop("stopping", None)
        progress = Progress(**state)
    # zipfile, NumPy and json raise a dozen classes for damaged files.
    except Exception as error:
        raise ConfigError(
            f"{path} cannot be resumed from ({type(error).__name__}: "
            f"{error}). Expected the checkpoint of the same model: start a "
            "new run in another folder."
        ) from error
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


def _variables(model) -> dict[str, list]:
    # Without the metrics' own, which start anew with each epoch.
    weights = [v for layer in model.layers for v in layer.variables]
    return {"model": weights, "optimizer": model.optimizer.variables}
