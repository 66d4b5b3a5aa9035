"""The epochs of a training: callbacks, history, a checkpoint after each."""

import csv
import dataclasses
import io
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mnistcnn.backends import keras
from mnistcnn.files import write_atomically
from mnistcnn.network import seed_dropout
from mnistcnn.training.averaging import averaged, swap_average
from mnistcnn.training.checkpoint import Progress, save_checkpoint
from mnistcnn.training.config import TrainConfig
from mnistcnn.training.epochs import make_epochs
from mnistcnn.training.pipeline import arrange
from mnistcnn.training.teacher import Teacher


@dataclasses.dataclass
class Session:
    """One training under way.

    Args:
        model: compiled.
        config: how to train.
        progress: what has been done; it is kept up to date.
        callbacks: all that are called.
        history: the CSV that gets a row an epoch.
        state: the checkpoint.
        check: called between steps; it may raise to end the run.
        verbose: show progress bars.
    """

    model: "keras.Sequential"
    config: TrainConfig
    progress: Progress
    callbacks: Sequence["keras.callbacks.Callback"]
    history: Path
    state: Path
    check: Callable[[], None]
    verbose: bool

    @property
    def stopping(self) -> "keras.callbacks.EarlyStopping | None":
        """Its early stopping, whose state is in the checkpoint."""
        kind = keras.callbacks.EarlyStopping
        return next((c for c in self.callbacks if isinstance(c, kind)), None)


def run_epochs(
    session: Session,
    parts: Sequence[npt.NDArray[Any]],
    teacher: Teacher | None = None,
) -> float | None:
    """Trains until the last epoch, or until a callback stops it.

    Args:
        session: what to train.
        parts: `x_train, y_train, x_validation, y_validation`.
        teacher: to learn from in place of the labels.

    Returns:
        The seconds that the first step took, or `None` where no epoch ran.
    """
    x, y, x_val, y_val = parts
    model, config, progress = session.model, session.config, session.progress
    validation = (x_val[..., None], y_val) if len(x_val) else None
    epochs = make_epochs(model, config, session.callbacks, session.check)
    hooks = keras.callbacks.CallbackList(
        list(session.callbacks),
        model=model,
        epochs=config.epochs,
        steps=-(-len(x) // config.batch_size),
        verbose=int(session.verbose),
    )
    kept = _stopping_state(session.stopping)
    hooks.on_train_begin()
    _restore_stopping(session.stopping, kept)
    model.stop_training = False
    first = config.epochs if progress.finished else len(progress.history)
    for epoch in range(first, config.epochs):
        session.check()
        begin = time.perf_counter()
        hooks.on_epoch_begin(epoch)
        images, targets = arrange(x, y, config, epoch)
        if teacher is not None:
            targets = teacher.answer(
                images, targets, num_outputs=model.output_shape[-1]
            )
        seed_dropout(model, config.seed, epoch)
        logs = epochs.run(
            images, targets, validation, epoch=epoch, verbose=session.verbose
        )
        logs["learning_rate"] = read_learning_rate(model)
        logs["seconds"] = time.perf_counter() - begin
        # What was validated is what callbacks keep.
        with averaged(model):
            hooks.on_epoch_end(epoch, logs)
        progress.history.append({"epoch": epoch + 1, **logs})
        write_atomically(session.history, _to_csv(progress.history))
        last = epoch + 1 == config.epochs
        progress.finished = model.stop_training or last
        save_checkpoint(session.state, model, session.stopping, progress)
        if progress.finished:
            break
    swap_average(model)
    hooks.on_train_end()
    return epochs.first_step


def _stopping_state(stopping) -> dict[str, Any]:
    names = ("wait", "best", "best_epoch", "best_weights")
    return {name: getattr(stopping, name, None) for name in names}


def _restore_stopping(stopping, state: dict[str, Any]) -> None:
    # EarlyStopping forgets at on_train_begin what a checkpoint gave it.
    if stopping is not None and state["best"] is not None:
        for name, value in state.items():
            setattr(stopping, name, value)


def _to_csv(history: list[dict[str, Any]]) -> bytes:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, history[0])
    writer.writeheader()
    writer.writerows(history)
    return stream.getvalue().encode()


def read_learning_rate(model: keras.Model) -> float:
    """The learning rate of the next step.

    Not by `optimizer.learning_rate` where there is a schedule: on JAX, each
    look at one compiles it anew and keeps 1.3 MB.

    Args:
        model: compiled by `compile_model`.
    """
    optimizer = model.optimizer
    rate = optimizer.get_config()["learning_rate"]
    if not isinstance(rate, dict):
        return float(rate)
    schedule = rate["config"]
    step = int(np.asarray(keras.ops.convert_to_numpy(optimizer.iterations)))
    low, high = schedule["initial_learning_rate"], schedule["warmup_target"]
    warmup = schedule["warmup_steps"]
    if step < warmup:
        return low + (high - low) * step / warmup
    part = min(1.0, (step - warmup) / schedule["decay_steps"])
    return high * 0.5 * (1 + math.cos(math.pi * part))
