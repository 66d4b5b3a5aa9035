"""Checkpoints: one file, written atomically after every epoch."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mnistcnn.backends import keras
from mnistcnn.errors import DivergedError
from mnistcnn.training.state import Progress, read_state, refuse, write_state
from mnistcnn.training.watchers import read_states


def save_checkpoint(
    path: Path,
    model: keras.Model,
    callbacks: Sequence[keras.callbacks.Callback],
    progress: Progress,
) -> None:
    """Writes variables, optimizer and callbacks' states, and progress.

    One file, so that a kill cannot pair the weights of one epoch with the
    state of another.

    Args:
        path: the `.npz` to write or replace.
        model: compiled, with its optimizer built.
        callbacks: all of the run's.
        progress: what else to keep; its `frozen` and `callbacks` are set.

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
    progress.frozen = [
        layer.name for layer in model.layers if not layer.trainable
    ]
    progress.callbacks = read_states(callbacks)
    for number, state in enumerate(progress.callbacks):
        for index, array in enumerate(state.pop("best_weights")):
            arrays[f"callback_{number}_{index}"] = np.array(array)
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise DivergedError(
                f"The numbers of {name} are not all finite after epoch "
                f"{len(progress.history)}. Expected finite ones: lower the "
                "learning rate."
            )
    write_state(path, arrays, progress)


def load_checkpoint(
    path: Path, model: keras.Model, prepare: Callable[[], object]
) -> list[dict[str, Any]]:
    """Restores a model to the state that `save_checkpoint` saved.

    Args:
        path: the `.npz`; one without an epoch leaves the model as it is.
        model: compiled, of the same architecture; its variables and its
            optimizer's are assigned.
        prepare: called once layers are frozen as they were; it recompiles the
            optimizer.

    Returns:
        The callbacks' states, for `put_states`.

    Raises:
        CheckpointError: the file is damaged, or belongs to another model.
    """
    arrays, progress = read_state(path)
    if not progress.history:
        return []
    for layer in model.layers:
        layer.trainable = layer.name not in progress.frozen
    prepare()
    try:
        for prefix, variables in _variables(model).items():
            for index, variable in enumerate(variables):
                _assign(variable, arrays[f"{prefix}_{index}"])
    except Exception as error:
        raise refuse(path, error) from error
    states = []
    shapes = [weights.shape for weights in model.get_weights()]
    for number, state in enumerate(progress.callbacks):
        first = f"callback_{number}_"
        count = sum(name.startswith(first) for name in arrays)
        weights = [arrays.get(f"{first}{index}") for index in range(count)]
        if weights and [getattr(w, "shape", None) for w in weights] != shapes:
            error = ValueError(f"the best weights of {first} have other shapes")
            raise refuse(path, error)
        states.append(state | {"best_weights": weights})
    return states


def _assign(variable: Any, array: np.ndarray) -> None:
    dtype = np.dtype(keras.backend.standardize_dtype(variable.dtype))
    # A seed generator's state: uint32 on JAX, int32 on PyTorch, int64 on
    # TensorFlow. It is set anew in each epoch.
    whole = dtype.kind in "iu" and array.dtype.kind in "iu"
    same = whole or array.dtype.kind == dtype.kind
    if not same or array.shape != tuple(variable.shape):
        raise ValueError(
            f"{variable.path} is {array.dtype} {array.shape} in the file, "
            f"{variable.dtype} {tuple(variable.shape)} in the model"
        )
    variable.assign(array.astype(dtype))


def _variables(model) -> dict[str, list[Any]]:
    # Without the metrics' variables, which are reset in each epoch.
    weights = [v for layer in model.layers for v in layer.variables]
    return {"model": weights, "optimizer": model.optimizer.variables}
